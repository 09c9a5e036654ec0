package dev.stride.io.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.forward.Output;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Tcp;
import dev.stride.core.wire.Udp;
import dev.stride.io.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CutterTest {
    private static final int SOURCE = 0x0a010002;
    private static final int DESTINATION = 0x0a020002;
    private static final int TRANSPORT = Ethernet.HEADER + Ipv4.HEADER;

    private final PacketPool pool =
            new PacketPool(Arena.ofAuto().allocate(80L * PacketPool.SLOT, 64));
    private final Output output = new Output(pool);
    private final PortCounters in = new PortCounters();
    private final PortCounters out = new PortCounters();
    private final Cutter cutter = new Cutter(pool, output);
    private final Recorder port = new Recorder();

    CutterTest() {
        output.attach(0, in);
        output.attach(1, out);
    }

    /// Keeps what it is given, up to so many frames.
    private static final class Recorder implements PortQueue {
        final List<byte[]> frames = new ArrayList<>();
        int room = Integer.MAX_VALUE;

        @Override
        public int receive(Burst into, PacketPool from) {
            return 0;
        }

        @Override
        public void transmit(Packet[] packets, int from, int to) {
            for (int i = from; i < to; i++) {
                Packet packet = packets[i];
                packet.sent = frames.size() < room ? Reason.FORWARDED : Reason.TRANSMIT_FULL;
                if (packet.sent == Reason.FORWARDED) {
                    assertThat(packet.needsChecksum).isFalse();
                    assertEquals(Packet.GSO_NONE, packet.gsoType);
                    frames.add(
                            packet.memory
                                    .asSlice(packet.start, packet.length)
                                    .toArray(ValueLayout.JAVA_BYTE));
                }
            }
        }

        @Override
        public int descriptor() {
            return -1;
        }
    }

    /// A packet from port 0 to port 1 whose checksum still is the pseudo-header's sum.
    private Packet unfinished(int protocol, int payload) {
        Packet packet = Objects.requireNonNull(pool.take());
        MemorySegment m = packet.memory;
        boolean tcp = protocol == Ipv4.TCP;
        int header = tcp ? Tcp.HEADER : Udp.HEADER;
        int transport = packet.start + TRANSPORT;
        packet.length = TRANSPORT + header + payload;
        for (int i = 0; i < payload; i++) {
            Bytes.put8(m, transport + header + i, i * 7 + (i >> 8));
        }
        Ethernet.write(m, packet.start, 2, 4, Ethernet.IPV4);
        Ipv4.write(
                m,
                packet.start + 14,
                0,
                packet.length - 14,
                7,
                0,
                63,
                protocol,
                SOURCE,
                DESTINATION);
        MemorySegment.copy(new byte[header], 0, m, ValueLayout.JAVA_BYTE, transport, header);
        if (tcp) {
            Bytes.put8(m, transport + 12, header << 2);
        } else {
            Bytes.put16(m, transport + 4, header + payload);
        }
        packet.needsChecksum = true;
        packet.checksumStart = TRANSPORT;
        packet.checksumOffset = tcp ? Tcp.CHECKSUM : Udp.CHECKSUM;
        long pseudo = Checksum.pseudo4(SOURCE, DESTINATION, protocol, header + payload);
        Bytes.put16(m, transport + packet.checksumOffset, Checksum.fold(pseudo));
        packet.inPort = 0;
        packet.outPort = 1;
        packet.ending = Reason.FORWARDED;
        return packet;
    }

    /// The payloads of the fragments of one datagram, put together.
    private static byte[] join(List<byte[]> fragments) {
        byte[] joined = new byte[0];
        for (byte[] fragment : fragments) {
            MemorySegment m = MemorySegment.ofArray(fragment);
            assertThat(Ipv4.validate(m, 14, fragment.length - 14)).isNull();
            int offset = Ipv4.fragmentOffset(m, 14);
            assertEquals(joined.length, offset);
            joined = Arrays.copyOf(joined, offset + fragment.length - TRANSPORT);
            System.arraycopy(fragment, TRANSPORT, joined, offset, fragment.length - TRANSPORT);
        }
        return joined;
    }

    private static void assertChecksum(byte[] transport, int protocol) {
        long pseudo = Checksum.pseudo4(SOURCE, DESTINATION, protocol, transport.length);
        MemorySegment m = MemorySegment.ofArray(transport);
        assertEquals(0, Checksum.finish(Checksum.add(pseudo, m, 0, transport.length)));
    }

    private void assertEnded(Reason reason) {
        assertEquals(1, in.endings(reason));
        assertEquals(pool.size(), pool.available());
    }

    @Test
    void checksumIsFinishedBeforeTheCut() {
        Packet whole = unfinished(Ipv4.UDP, 8000);
        whole.fragmentMtu = 1500;
        cutter.send(whole, port);

        assertEquals(6, port.frames.size());
        assertChecksum(join(port.frames), Ipv4.UDP);
        assertEquals(6, out.get(PortCounters.FRAGMENTS));
        assertEquals(6, out.get(PortCounters.TRANSMITTED));
        assertEnded(Reason.FORWARDED);
    }

    /// More of them than a burst holds, over the same few packets.
    @Test
    void longestDatagramGoesInTheSmallestFragments() {
        Packet whole = unfinished(Ipv4.UDP, 65_507);
        whole.fragmentMtu = 68;
        cutter.send(whole, port);

        assertEquals((65_515 + 47) / 48, port.frames.size());
        assertChecksum(join(port.frames), Ipv4.UDP);
        assertEnded(Reason.FORWARDED);
    }

    /// A super-frame whose segments are longer than the MTU, all but the last.
    @Test
    void segmentsAreCutToo() {
        Packet whole = unfinished(Ipv4.TCP, 2 * 8948 + 100);
        whole.gsoType = Packet.GSO_TCP4;
        whole.gsoHeaderLength = TRANSPORT + Tcp.HEADER;
        whole.gsoSize = 8948;
        whole.fragmentMtu = 1500;
        cutter.send(whole, port);

        assertEquals(7 + 7 + 1, port.frames.size());
        for (int i = 0; i < 3; i++) {
            List<byte[]> segment =
                    port.frames.subList(7 * i, Math.min(7 * i + 7, port.frames.size()));
            assertThat(segment)
                    .allMatch(f -> f.length <= 14 + 1500)
                    .extracting(f -> Ipv4.identification(MemorySegment.ofArray(f), 14))
                    .containsOnly(7 + i);
            byte[] tcp = join(segment);
            assertEquals(8948 * i, Bytes.i32(MemorySegment.ofArray(tcp), 4), "sequence number");
            assertChecksum(tcp, Ipv4.TCP);
        }
        assertEquals(14, out.get(PortCounters.FRAGMENTS));
        assertEquals(15, out.get(PortCounters.TRANSMITTED));
        assertEnded(Reason.FORWARDED);
    }

    @Test
    void superFrameThatFitsIsCutIntoSegmentsOnly() {
        Packet whole = unfinished(Ipv4.TCP, 100_000 / 2);
        whole.gsoType = Packet.GSO_TCP4;
        whole.gsoHeaderLength = TRANSPORT + Tcp.HEADER;
        whole.gsoSize = 1460;
        cutter.send(whole, port);

        assertEquals(35, port.frames.size());
        port.frames.forEach(f -> assertChecksum(join(List.of(f)), Ipv4.TCP));
        assertEquals(0, out.get(PortCounters.FRAGMENTS));
        assertEnded(Reason.FORWARDED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whenMemoryIsShortNoPartLeaves(boolean fragments) {
        Packet whole = unfinished(Ipv4.UDP, 8000);
        whole.fragmentMtu = fragments ? 1500 : 0;
        whole.gsoType = fragments ? Packet.GSO_NONE : Packet.GSO_UDP;
        whole.gsoHeaderLength = TRANSPORT + Udp.HEADER;
        whole.gsoSize = 1000;
        List<Packet> taken = Stream.generate(pool::take).limit(pool.available() - 64).toList();
        cutter.send(whole, port);

        assertThat(port.frames).isEmpty();
        taken.forEach(pool::release);
        assertEnded(Reason.NO_MEMORY);
    }

    @Test
    void packetEndsAsTheFirstPartThatWasNotTaken() {
        port.room = 100;
        Packet whole = unfinished(Ipv4.UDP, 65_507);
        whole.fragmentMtu = 68;
        cutter.send(whole, port);

        assertEquals(100, port.frames.size());
        assertEquals(100, out.get(PortCounters.TRANSMITTED));
        assertEnded(Reason.TRANSMIT_FULL);
    }

    @Test
    void packetOfOurOwnCountsAsOriginatedOnce() {
        Packet whole = unfinished(Ipv4.UDP, 2000);
        whole.inPort = Packet.ORIGINATED;
        whole.fragmentMtu = 1500;
        cutter.send(whole, port);

        assertEquals(2, port.frames.size());
        assertEquals(1, out.get(PortCounters.ORIGINATED));
        assertEquals(0, out.get(PortCounters.ORIGINATED_LOST));
        assertEquals(pool.size(), pool.available());
    }
}
