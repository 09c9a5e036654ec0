package dev.stride.io.tunnel;

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

/// Any datagram is a frame of the network behind its header, or stays as it is.
class VxlanFuzz {
    private static final int VNI = 0xabcdef;

    static Stream<byte[]> seeds() {
        return Stream.of("0800000000abcdef00", "08000000abcdef00", "08ffffffabcdefff" + "00".repeat(14), "00")
                .map(hex -> HexFormat.of().parseHex(hex.length() % 2 == 0 ? hex : hex + "0"));
    }

    @MethodSource("seeds")
    @FuzzTest
    void datagram(byte[] bytes) {
        Packet packet = new Packet(Arena.ofAuto().allocate(Packet.HEAD_ROOM + (long) bytes.length));
        packet.reset();
        MemorySegment to = packet.memory;
        MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, packet.start, bytes.length);
        packet.length = bytes.length;
        Reason reason = Vxlan.strip(packet, VNI);
        int header = reason == null ? Vxlan.HEADER : 0;
        assertThat(packet.start).isEqualTo(Packet.HEAD_ROOM + header);
        assertThat(packet.length).isEqualTo(bytes.length - header);
        boolean ours = bytes.length >= 8 && (bytes[0] & 8) != 0 && network(bytes) == VNI;
        assertThat(reason == null).isEqualTo(ours);
    }

    private static int network(byte[] bytes) {
        return (bytes[4] & 0xff) << 16 | (bytes[5] & 0xff) << 8 | bytes[6] & 0xff;
    }
}
