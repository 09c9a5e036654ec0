package dev.stride.core.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReasonTest {
    @ParameterizedTest
    @EnumSource
    void readmeSaysWhatRaisesIt(Reason reason) throws IOException {
        String row = "| `" + reason.label() + "` | " + reason.kind().label() + " | ";
        assertThat(Files.readString(Path.of("../README.md"))).contains(row);
    }

    @Test
    void onlyWhatEndsAgainstTheSendersWishIsADrop() {
        assertEquals(false, Reason.FORWARDED.isDrop());
        assertEquals(false, Reason.ARP_HEARD.isDrop());
        assertEquals(false, Reason.HOOK_CONSUMED.isDrop());
        assertEquals(true, Reason.FRAME_TRUNCATED.isDrop());
        assertEquals(true, Reason.INTERNAL.isDrop());
    }
}
