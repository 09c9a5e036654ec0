package dev.stride.io.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Tcp;
import dev.stride.core.wire.Udp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentationTest {
    private static final int SOURCE = 0x0a010002;
    private static final int DESTINATION = 0x0a020002;
    private static final int FIN = 1;
    private static final int PSH = 8;
    private static final int CWR = 0x80;

    private final Random random = new Random(7);
    private final Arena arena = Arena.ofAuto();
    private final Packet into = packet();

    private Packet packet() {
        Packet packet = new Packet(arena.allocate(70_000));
        packet.reset();
        return packet;
    }

    /// A super-frame as a TAP delivers it: headers of the whole, pseudo-header sum in the checksum
    /// field.
    private Packet superFrame(boolean tcp, int ipOptions, int tcpOptions, int payload, int mss) {
        Packet packet = packet();
        MemorySegment m = packet.memory;
        int ipHeader = Ipv4.HEADER + ipOptions;
        int transportHeader = tcp ? Tcp.HEADER + tcpOptions : Udp.HEADER;
        packet.checksumStart = Ethernet.HEADER + ipHeader;
        packet.gsoHeaderLength = packet.checksumStart + transportHeader;
        packet.length = packet.gsoHeaderLength + payload;
        byte[] noise = new byte[packet.length];
        random.nextBytes(noise);
        MemorySegment.copy(noise, 0, m, ValueLayout.JAVA_BYTE, packet.start, noise.length);
        int ip = packet.start + Ethernet.HEADER;
        int protocol = tcp ? Ipv4.TCP : Ipv4.UDP;
        Ethernet.write(m, packet.start, 2, 4, Ethernet.IPV4);
        Ipv4.write(
                m, ip, 2, packet.length - 14, 0xfffe, Ipv4.DF, 63, protocol, SOURCE, DESTINATION);
        Bytes.put8(m, ip, 0x40 | ipHeader / 4);
        for (int i = 0; i < ipOptions; i++) {
            Bytes.put8(m, ip + Ipv4.HEADER + i, 1); // no operation
        }
        Ipv4.writeChecksum(m, ip);
        int transport = packet.start + packet.checksumStart;
        packet.needsChecksum = true;
        packet.checksumOffset = tcp ? Tcp.CHECKSUM : Udp.CHECKSUM;
        packet.gsoType = tcp ? Packet.GSO_TCP4 | Packet.GSO_ECN : Packet.GSO_UDP;
        packet.gsoSize = mss;
        if (tcp) {
            Bytes.put8(m, transport + 12, transportHeader / 4 << 4);
            Bytes.put8(m, transport + 13, 0xff);
        }
        long pseudo = Checksum.pseudo4(SOURCE, DESTINATION, protocol, transportHeader + payload);
        Bytes.put16(m, transport + packet.checksumOffset, Checksum.fold(pseudo));
        return packet;
    }

    /// The same over IPv6, with room for extension headers.
    private Packet superFrame6(boolean tcp, int extensions, int payload, int mss) {
        Packet packet = superFrame(tcp, 20 + extensions, 0, payload, mss);
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int protocol = tcp ? Ipv4.TCP : Ipv4.UDP;
        Ethernet.write(m, packet.start, 2, 4, Ethernet.IPV6);
        Bytes.put32(m, ip, 0x6000_0000);
        Bytes.put16(m, ip + 4, packet.length - Ethernet.HEADER - 40);
        Bytes.put8(m, ip + 6, extensions == 0 ? protocol : 0);
        packet.gsoType = tcp ? Packet.GSO_TCP6 | Packet.GSO_ECN : Packet.GSO_UDP;
        return packet;
    }

    @Test
    void segmentsOfIpv6PutTogetherAreTheWhole() {
        for (boolean tcp : new boolean[] {true, false}) {
            for (int extensions : new int[] {0, 8, 16}) {
                for (int mss : new int[] {1, 7, 1220, 1440}) {
                    for (int payload = mss; payload <= 3 * mss + 1; payload += mss + 1) {
                        Packet whole = superFrame6(tcp, extensions, payload, mss);
                        assertReassembles(whole, this::assertIsFinished6);
                    }
                }
            }
        }
    }

    private void assertIsFinished6(Packet whole, int index, int count, int offset) {
        MemorySegment m = into.memory;
        int ip = into.start + Ethernet.HEADER;
        int transport = into.start + whole.checksumStart;
        int length = into.length - whole.checksumStart;
        assertEquals(into.length - Ethernet.HEADER - 40, Bytes.u16(m, ip + 4));
        boolean udp = whole.gsoType == Packet.GSO_UDP;
        long pseudo = Checksum.add(length + (udp ? Ipv4.UDP : Ipv4.TCP), m, ip + 8, 32);
        assertEquals(0xffff, Checksum.fold(Checksum.add(pseudo, m, transport, length)));
        int wholeTransport = whole.start + whole.checksumStart;
        if (udp) {
            assertEquals(length, Udp.length(m, transport));
        } else {
            int sequence = Bytes.i32(whole.memory, wholeTransport + 4);
            assertEquals(sequence + offset, Bytes.i32(m, transport + 4));
            boolean last = index == count - 1;
            assertEquals(last ? FIN | PSH : 0, Bytes.u8(m, transport + 13) & (FIN | PSH));
        }
    }

    private static byte[] bytes(Packet packet, int from, int length) {
        return packet.memory.asSlice(packet.start + from, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Every size around the borders of segments, every header length.
    @Test
    void segmentsPutTogetherAreTheWhole() {
        for (boolean tcp : new boolean[] {true, false}) {
            for (int options = 0; options <= 40; options += 4) {
                for (int mss : new int[] {1, 7, 536, 1448, 1460}) {
                    for (int segments = 1; segments <= 4; segments++) {
                        for (int spare = -1; spare <= 1; spare++) {
                            int payload = segments * mss + spare;
                            if (payload > 0) {
                                assertReassembles(
                                        superFrame(
                                                tcp,
                                                40 - options,
                                                tcp ? options : 0,
                                                payload,
                                                mss));
                            }
                        }
                    }
                }
            }
        }
        assertReassembles(superFrame(true, 0, 12, 65_535 - 52, 1448));
    }

    /// What must hold of segment `index` of `count`, whose payload begins at `offset`.
    private interface Finished {
        void check(Packet whole, int index, int count, int offset);
    }

    private void assertReassembles(Packet whole) {
        assertReassembles(whole, this::assertIsFinished);
    }

    private void assertReassembles(Packet whole, Finished finished) {
        int headers = whole.gsoHeaderLength;
        int payload = whole.length - headers;
        byte[] original = bytes(whole, 0, whole.length);
        byte[] together = new byte[payload];
        int done = 0;
        int count = Segmentation.count(whole);
        for (int i = 0; i < count; i++) {
            into.reset();
            Segmentation.segment(whole, i, into);
            finished.check(whole, i, count, done);
            byte[] part = bytes(into, headers, into.length - headers);
            assertThat(part.length).isLessThanOrEqualTo(whole.gsoSize);
            System.arraycopy(part, 0, together, done, part.length);
            done += part.length;
        }
        assertEquals(payload, done);
        assertThat(together).isEqualTo(Arrays.copyOfRange(original, headers, original.length));
        assertThat(bytes(whole, 0, whole.length)).isEqualTo(original);
    }

    private void assertIsFinished(Packet whole, int index, int count, int offset) {
        MemorySegment m = into.memory;
        int ip = into.start + Ethernet.HEADER;
        int transport = into.start + whole.checksumStart;
        int length = into.length - whole.checksumStart;
        assertThat(Ipv4.validate(m, ip, into.length - Ethernet.HEADER)).isNull();
        assertEquals(into.length - Ethernet.HEADER, Ipv4.totalLength(m, ip));
        assertEquals(0xfffe + index & 0xffff, Ipv4.identification(m, ip));
        long pseudo = Checksum.pseudo4(SOURCE, DESTINATION, Ipv4.protocol(m, ip), length);
        assertEquals(0xffff, Checksum.fold(Checksum.add(pseudo, m, transport, length)));
        assertThat(into.needsChecksum).isFalse();
        assertEquals(Packet.GSO_NONE, into.gsoType);
        int wholeTransport = whole.start + whole.checksumStart;
        if (whole.gsoType == Packet.GSO_UDP) {
            assertEquals(length, Udp.length(m, transport));
            return;
        }
        assertEquals(
                Bytes.i32(whole.memory, wholeTransport + 4) + offset, Bytes.i32(m, transport + 4));
        int flags = Bytes.u8(m, transport + 13);
        boolean last = index == count - 1;
        assertEquals(last ? FIN | PSH : 0, flags & (FIN | PSH));
        assertEquals(index == 0 ? CWR : 0, flags & CWR);
        assertEquals(0x76, flags & 0x76, "the others stay");
    }

    @Test
    void unfinishedChecksumIsFinished() {
        for (boolean tcp : new boolean[] {true, false}) {
            for (int payload = 0; payload < 70; payload++) {
                Packet packet = superFrame(tcp, 0, 0, payload, 1460);
                packet.gsoType = Packet.GSO_NONE;
                ChecksumCompletion.complete(packet);

                int ip = packet.start + Ethernet.HEADER;
                int length = packet.length - 34;
                long pseudo =
                        Checksum.pseudo4(
                                SOURCE, DESTINATION, Ipv4.protocol(packet.memory, ip), length);
                assertEquals(
                        0xffff,
                        Checksum.fold(Checksum.add(pseudo, packet.memory, ip + 20, length)));
                assertThat(packet.needsChecksum).isFalse();
            }
        }
    }
}
