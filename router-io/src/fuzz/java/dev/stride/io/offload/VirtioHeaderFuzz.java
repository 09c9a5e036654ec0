package dev.stride.io.offload;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Any header before any frame: what it says lies within the frame or is refused. The memory ends
/// where the frame does.
class VirtioHeaderFuzz {
    static Stream<byte[]> seeds() {
        String frame = "00".repeat(34) + "0035003500080000" + "00".repeat(4) + "5018" + "00".repeat(60);
        return Stream.of("00".repeat(10), "010000000000220006 00", "0101420020002200 1000", "0185 2a00 0800 2200 0600")
                .map(header -> HexFormat.of().parseHex(header.replace(" ", "") + frame));
    }

    @MethodSource("seeds")
    @FuzzTest
    void header(byte[] bytes) {
        if (bytes.length < VirtioHeader.SIZE) {
            return;
        }
        int length = bytes.length - VirtioHeader.SIZE;
        Packet packet = new Packet(Arena.ofAuto().allocate(Packet.HEAD_ROOM + length));
        packet.reset();
        int at = packet.start - VirtioHeader.SIZE;
        MemorySegment.copy(bytes, 0, packet.memory, ValueLayout.JAVA_BYTE, at, bytes.length);
        packet.length = length;
        VirtioHeader.read(packet);
        if (packet.ending == Reason.OFFLOAD_METADATA) {
            assertThat(packet.needsChecksum || packet.gsoType != Packet.GSO_NONE).isFalse();
            return;
        }
        if (packet.gsoType != Packet.GSO_NONE) {
            assertThat(packet.gsoHeaderLength).isBetween(1, length);
            assertThat(Segmentation.count(packet)).isBetween(1, 1 + length);
        }
        VirtioHeader.write(packet);
        Packet again = new Packet(packet.memory);
        again.reset();
        again.length = length;
        VirtioHeader.read(again);
        assertThat(again.needsChecksum).isEqualTo(packet.needsChecksum);
        assertThat(again.ending).isEqualTo(packet.ending);
        ChecksumCompletion.complete(packet);
        assertThat(packet.needsChecksum).isFalse();
    }
}
