package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
class NeighborIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running("", "");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static void assertReaches() {
        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "-w", "10", "10.2.0.2").output())
                .contains(" 0% packet loss");
    }

    private static void ip(String... words) {
        String[] command = new String[words.length + 3];
        command[0] = "ip";
        command[1] = "-n";
        command[2] = lab.host(2).namespace();
        System.arraycopy(words, 0, command, 3, words.length);
        Run.must(command);
    }

    /// Once nobody answers at the old address.
    @Test
    void announcedMacChangeIsFollowed() {
        assertReaches();
        String device = lab.host(2).device();
        ip("link", "set", device, "address", "02:00:00:00:99:01");
        lab.host(2).must("arping", "-q", "-U", "-c", "1", "-I", device, "10.2.0.2");

        await().atMost(PATIENCE)
                .until(() -> lab.show("neighbors").toString().contains("02:00:00:00:99:01"));
        assertReaches();
        lab.assertSumsAgree();
    }

    @Test
    void flushedNeighborIsLearnedAgain() {
        assertThat(lab.stride("neighbor", "flush").exitCode()).isZero();
        assertReaches();
    }

    @Test
    void staticNeighborIsNotAskedFor() {
        assertThat(lab.stride("neighbor", "add", "p2", "10.2.0.50", "02:00:00:00:99:50").exitCode())
                .isZero();
        assertThat(lab.stride("show", "neighbors").output())
                .containsPattern("p2 +10.2.0.50 +02:00:00:00:99:50 +permanent");
        assertThat(lab.stride("neighbor", "del", "p2", "10.2.0.50").exitCode()).isZero();
    }

    @Test
    void routerAnswersArpForItsOwnAddressOnly() {
        String device = lab.host(1).device();
        assertThat(
                        lab.host(1)
                                .run("arping", "-c", "1", "-w", "5", "-I", device, "10.1.0.1")
                                .exitCode())
                .isZero();
        assertThat(
                        lab.host(1)
                                .run("arping", "-c", "1", "-w", "1", "-I", device, "10.1.0.9")
                                .exitCode())
                .isNotZero();
    }
}
