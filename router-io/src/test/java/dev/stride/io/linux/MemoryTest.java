package dev.stride.io.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final long SIZE = 1L << 33;

    @Test
    void takesNoRoomUntilItIsTouched() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long before = residentKilobytes();
            MemorySegment memory = Memory.map(arena, SIZE);
            memory.set(ValueLayout.JAVA_LONG, SIZE - 8, 42);
            assertThat(memory.get(ValueLayout.JAVA_LONG, SIZE - 8)).isEqualTo(42);
            assertThat(memory.get(ValueLayout.JAVA_LONG, 0)).isZero();
            assertThat(residentKilobytes() - before).isLessThan(SIZE >> 14);
        }
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void saysThatThereIsNotSoMuch() {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> Memory.map(arena, 1L << 60))
                    .isInstanceOf(SyscallException.class)
                    .hasMessageContaining("mmap");
        }
    }
}
