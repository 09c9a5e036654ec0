package dev.stride.io.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VirtioHeaderTest {
    private final Packet packet = new Packet(Arena.ofAuto().allocate(4096));

    /// A frame of `length` bytes with a TCP header of 32 bytes at 34, and this virtio header before
    /// it.
    private Packet frame(
            int length,
            int flags,
            int gso,
            int hint,
            int size,
            int checksumStart,
            int checksumOffset) {
        packet.memory.fill((byte) 0);
        packet.reset();
        packet.length = length;
        int at = packet.start - VirtioHeader.SIZE;
        packet.memory.set(ValueLayout.JAVA_BYTE, at, (byte) flags);
        packet.memory.set(ValueLayout.JAVA_BYTE, at + 1, (byte) gso);
        int[] words = {hint, size, checksumStart, checksumOffset};
        for (int i = 0; i < 4; i++) {
            packet.memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2 + 2 * i, (short) words[i]);
        }
        packet.memory.set(ValueLayout.JAVA_BYTE, packet.start + 34 + 12, (byte) 0x80);
        VirtioHeader.read(packet);
        return packet;
    }

    @Test
    void headersOfASuperFrameAreMeasuredNotBelieved() {
        frame(3000, 1, Packet.GSO_TCP4, 1234, 1448, 34, 16);

        assertThat(packet.ending).isNotEqualTo(Reason.OFFLOAD_METADATA);
        assertEquals(34 + 32, packet.gsoHeaderLength);
        assertEquals(1448, packet.gsoSize);
    }

    static Stream<Arguments> contradictions() {
        return Stream.of(
                Arguments.of("checksum beyond the frame", 60, 1, 0, 0, 50, 10),
                Arguments.of("super-frame without checksum", 3000, 0, 1, 1448, 34, 16),
                Arguments.of("segments of nothing", 3000, 1, 1, 0, 34, 16),
                Arguments.of("headers beyond the frame", 50, 1, 1, 1448, 34, 4),
                Arguments.of("unknown kind", 3000, 1, 9, 1448, 34, 16),
                Arguments.of("ECN of no TCP", 3000, 1, 0x80, 1448, 34, 16));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contradictions")
    void contradictionIsNamed(
            String what, int length, int flags, int gso, int size, int start, int offset) {
        frame(length, flags, gso, 66, size, start, offset);

        assertEquals(Reason.OFFLOAD_METADATA, packet.ending);
        assertThat(packet.needsChecksum).isFalse();
        assertEquals(Packet.GSO_NONE, packet.gsoType);
    }

    @Test
    void metadataIsWrittenAsItWasRead() {
        frame(3000, 1, Packet.GSO_TCP4 | Packet.GSO_ECN, 66, 1448, 34, 16);
        byte[] before = header();
        packet.memory
                .asSlice(packet.start - VirtioHeader.SIZE, VirtioHeader.SIZE)
                .fill((byte) 0xa5);
        VirtioHeader.write(packet);

        assertThat(header()).isEqualTo(before);
        packet.clearOffload();
        VirtioHeader.write(packet);
        assertThat(header()).containsOnly(0);
    }

    private byte[] header() {
        return packet.memory
                .asSlice(packet.start - VirtioHeader.SIZE, VirtioHeader.SIZE)
                .toArray(ValueLayout.JAVA_BYTE);
    }

    /// Whatever is accepted lies within the frame.
    @Test
    void noiseNeverReachesBeyondTheFrame() {
        Random random = new Random(3);
        for (int i = 0; i < 200_000; i++) {
            int length = 14 + random.nextInt(200);
            frame(
                    length,
                    random.nextInt(4),
                    new int[] {0, 1, 4, 5, 0x81, random.nextInt(256)}[random.nextInt(6)],
                    random.nextInt(65536),
                    random.nextInt(3),
                    random.nextInt(250),
                    random.nextInt(40));
            if (packet.needsChecksum) {
                assertThat(packet.checksumStart + packet.checksumOffset + 2)
                        .isLessThanOrEqualTo(length);
            }
            assertThat(packet.gsoHeaderLength).isLessThanOrEqualTo(length);
        }
    }
}
