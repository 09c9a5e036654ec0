package dev.stride.io.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Tcp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CoalescingTest {
    private static final int ACK = Tcp.ACK;
    private static final int PSH = 8;

    private final Random random = new Random(11);
    private final Coalescing coalescing = new Coalescing(64);
    private final Arena arena = Arena.ofAuto();

    /// A segment of flow `flow` from sequence number `sequence` on, its checksums right.
    private Packet segment(boolean six, int flow, int sequence, int payload, int flags) {
        Packet packet = new Packet(arena.allocate(70_000));
        packet.reset();
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int tcp = ip + (six ? Ipv6.HEADER : Ipv4.HEADER);
        int header = Tcp.HEADER + 12;
        byte[] noise = new byte[payload];
        random.nextBytes(noise);
        MemorySegment.copy(noise, 0, m, ValueLayout.JAVA_BYTE, (long) tcp + header, payload);
        packet.length = tcp - packet.start + header + payload;
        Ethernet.write(m, packet.start, 2, 4, six ? Ethernet.IPV6 : Ethernet.IPV4);
        if (six) {
            Ipv6.write(m, ip, 0, header + payload, Ipv4.TCP, 63);
            Ipv6.writeSource(m, ip, 1, 1);
            Ipv6.writeDestination(m, ip, 1, 2);
        } else {
            Ipv4.write(m, ip, 2, 20 + header + payload, 7, Ipv4.DF, 63, Ipv4.TCP, 1, 2);
        }
        Bytes.put16(m, tcp, flow);
        Bytes.put16(m, tcp + 2, 80);
        Bytes.put32(m, tcp + 4, sequence);
        Bytes.put32(m, tcp + 8, 99);
        Bytes.put8(m, tcp + 12, header / 4 << 4);
        Bytes.put8(m, tcp + 13, flags);
        Bytes.put16(m, tcp + 14, 512);
        Bytes.put32(m, tcp + 20, 0x0101080a); // a timestamp
        Bytes.put64(m, tcp + 24, 77);
        finish(packet, tcp);
        return packet;
    }

    private static void finish(Packet packet, int tcp) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int length = packet.length - (tcp - packet.start);
        boolean six = Ethernet.type(m, packet.start) == Ethernet.IPV6;
        long pseudo =
                six
                        ? Checksum.pseudo6(m, ip, Ipv4.TCP, length)
                        : Checksum.pseudo4(1, 2, Ipv4.TCP, length);
        Bytes.put16(m, tcp + Tcp.CHECKSUM, 0);
        int sum = Checksum.finish(Checksum.add(pseudo, m, tcp, length));
        Bytes.put16(m, tcp + Tcp.CHECKSUM, sum);
    }

    private static byte[] bytes(Packet packet) {
        byte[] bytes =
                packet.memory.asSlice(packet.start, packet.length).toArray(ValueLayout.JAVA_BYTE);
        if (bytes[12] == 0x08) { // the identification, and so the checksum, may be others
            bytes[18] = bytes[19] = bytes[24] = bytes[25] = 0;
        }
        return bytes;
    }

    private Burst coalesce(List<Packet> packets) {
        Burst burst = new Burst(64);
        packets.forEach(burst::add);
        coalescing.coalesce(burst);
        assertEquals(packets.size(), burst.count + coalescing.parts());
        return burst;
    }

    private List<byte[]> cut(Burst burst) {
        List<byte[]> segments = new ArrayList<>();
        for (int i = 0; i < burst.count; i++) {
            Packet packet = burst.packets[i];
            if (packet.gsoType == Packet.GSO_NONE) {
                segments.add(bytes(packet));
                continue;
            }
            for (int k = 0; k < Segmentation.count(packet); k++) {
                Packet segment = new Packet(arena.allocate(70_000));
                segment.reset();
                Segmentation.segment(packet, k, segment);
                segments.add(bytes(segment));
            }
        }
        return segments;
    }

    @Test
    void segmentsOfAFlowBecomeOne() {
        for (boolean six : new boolean[] {false, true}) {
            for (int size : new int[] {1, 7, 1448}) {
                for (int last = 1; last <= size; last += Math.max(1, size / 3)) {
                    List<Packet> segments = new ArrayList<>();
                    for (int i = 0; i < 5; i++) {
                        int length = i == 4 ? last : size;
                        segments.add(
                                segment(six, 1, -2 + i * size, length, i == 4 ? ACK | PSH : ACK));
                    }
                    List<byte[]> before = segments.stream().map(CoalescingTest::bytes).toList();
                    Burst burst = coalesce(segments);
                    assertEquals(1, burst.count);
                    Packet whole = burst.packets[0];
                    assertEquals(size, whole.gsoSize);
                    VirtioHeader.write(whole);
                    assertThat(cut(burst)).containsExactlyElementsOf(before);
                }
            }
        }
    }

    @Test
    void whatEndsTheSuperFrameEndsTheParts() {
        Burst burst =
                coalesce(List.of(segment(false, 1, 0, 10, ACK), segment(false, 1, 10, 10, ACK)));
        burst.packets[0].sent = Reason.TRANSMIT_FULL;
        assertThat(coalescing.sent(0)).isEqualTo(Reason.TRANSMIT_FULL);
        assertThat(coalescing.part(0)).isNotSameAs(burst.packets[0]);
    }

    /// Whether a second segment that was changed stays alone.
    private void assertStaysAlone(Consumer<Packet> change) {
        for (boolean six : new boolean[] {false, true}) {
            Packet second = segment(six, 1, 10, 10, ACK);
            int tcp = second.start + Ethernet.HEADER + (six ? Ipv6.HEADER : Ipv4.HEADER);
            change.accept(second);
            if (!six) {
                Ipv4.writeChecksum(second.memory, second.start + Ethernet.HEADER);
            }
            finish(second, tcp);
            byte[] before = bytes(second);
            Burst burst = coalesce(List.of(segment(six, 1, 0, 10, ACK), second));
            assertEquals(2, burst.count);
            assertThat(bytes(burst.packets[1])).isEqualTo(before);
        }
    }

    private static Consumer<Packet> tcpByte(int offset, int value) {
        return packet -> {
            boolean six = Ethernet.type(packet.memory, packet.start) == Ethernet.IPV6;
            int tcp = packet.start + Ethernet.HEADER + (six ? Ipv6.HEADER : Ipv4.HEADER);
            Bytes.put8(packet.memory, tcp + offset, value);
        };
    }

    @Test
    void otherHeadersStayAlone() {
        assertStaysAlone(tcpByte(1, 2)); // source port
        assertStaysAlone(tcpByte(7, 11)); // sequence number
        assertStaysAlone(tcpByte(11, 98)); // acknowledgment
        for (int flag : new int[] {1, 2, 4, 32, 64, 128}) {
            assertStaysAlone(tcpByte(13, ACK | flag));
        }
        assertStaysAlone(tcpByte(15, 1)); // window
        assertStaysAlone(tcpByte(19, 1)); // urgent pointer
        assertStaysAlone(tcpByte(31, 78)); // timestamp
        assertStaysAlone(p -> Bytes.put8(p.memory, p.start + 5, 9)); // destination MAC address
        assertStaysAlone(p -> Bytes.put8(p.memory, p.start + 15, 3)); // ECN; flow label
        assertStaysAlone(p -> p.fragmentMtu = 1280);
    }

    @Test
    void ttlDontFragmentAndOptionsStayAlone() {
        for (int offset : new int[] {6, 8}) {
            Packet second = segment(false, 1, 10, 10, ACK);
            Bytes.put8(second.memory, second.start + 14 + offset, 0);
            assertEquals(2, coalesce(List.of(segment(false, 1, 0, 10, ACK), second)).count);
        }
        Packet options = segment(false, 1, 10, 10, ACK);
        Bytes.put8(options.memory, options.start + 14, 0x46);
        assertEquals(2, coalesce(List.of(segment(false, 1, 0, 10, ACK), options)).count);
    }

    @Test
    void wrongChecksumStaysVisible() {
        for (int bad = 0; bad < 2; bad++) {
            List<Packet> both =
                    List.of(segment(true, 1, 0, 10, ACK), segment(true, 1, 10, 10, ACK));
            Packet packet = both.get(bad);
            Bytes.put8(packet.memory, packet.start + packet.length - 1, 1);
            Bytes.put8(packet.memory, packet.start + packet.length - 2, bad);
            assertEquals(2, coalesce(both).count);
        }
    }

    @Test
    void longerSegmentsAndThoseBehindTheLastStayAlone() {
        assertEquals(
                2,
                coalesce(List.of(segment(false, 1, 0, 10, ACK), segment(false, 1, 10, 11, ACK)))
                        .count);
        assertEquals(
                2,
                coalesce(
                                List.of(
                                        segment(false, 1, 0, 10, ACK),
                                        segment(false, 1, 10, 9, ACK),
                                        segment(false, 1, 19, 10, ACK)))
                        .count);
    }

    @Test
    void noDatagramIsTooLong() {
        List<Packet> segments = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            segments.add(segment(false, 1, i * 1448, 1448, ACK));
        }
        Burst burst = coalesce(segments);
        assertEquals(2, burst.count);
        assertThat(burst.packets[0].length).isBetween(64_000, 65_549);
    }

    /// Flows mixed with each other and with packets that cannot grow: each flow keeps its order.
    @Test
    void orderWithinAFlowStays() {
        for (int round = 0; round < 200; round++) {
            int[] sequence = new int[12];
            List<Packet> packets = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                int flow = random.nextInt(12);
                int payload = random.nextInt(4) == 0 ? random.nextInt(20) : 20;
                int flags = random.nextInt(8) == 0 ? ACK | 1 << random.nextInt(8) : ACK;
                packets.add(segment(round % 2 == 0, flow, sequence[flow], payload, flags));
                sequence[flow] += payload;
            }
            List<byte[]> before = packets.stream().map(CoalescingTest::bytes).toList();
            List<byte[]> after = cut(coalesce(packets));
            for (int flow = 0; flow < 12; flow++) {
                byte port = (byte) flow;
                int at = 14 + (round % 2 == 0 ? 40 : 20) + 1;
                assertThat(after.stream().filter(bytes -> bytes[at] == port))
                        .containsExactlyElementsOf(
                                before.stream().filter(bytes -> bytes[at] == port).toList());
            }
        }
    }
}
