package dev.stride.io.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.io.port.PortQueue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against sockets of java.net at addresses of the loopback device.
class VxlanPortTest {
    private static final int VNI = 0xabcdef;
    private static final String HEADER = "08000000abcdef00";
    private static final long ROUTER = 0x0200_0000_00aaL;
    private static final long STATION = 0x0200_0000_0001L;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final PacketPool pool = new PacketPool(Arena.ofAuto().allocate(300 * 66_240L, 64));
    private final Burst burst = new Burst(Burst.SIZE);
    private DatagramSocket one;
    private DatagramSocket two;
    private VxlanPort port;
    private PortQueue queue;

    private static InetAddress address(int last) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 77, 0, (byte) last});
    }

    @BeforeEach
    void open() throws IOException {
        one = new DatagramSocket(0, address(1));
        int udpPort = one.getLocalPort();
        two = new DatagramSocket(udpPort, address(2));
        one.setSoTimeout(10_000);
        two.setSoTimeout(10_000);
        List<InetAddress> remotes = List.of(address(1), address(2));
        port =
                VxlanPort.open(
                        new VxlanOptions(
                                "p", null, VNI, address(9), remotes, udpPort, 1450, 1L << 40));
        queue = port.queue(true);
        queue.receive(burst, pool);
    }

    private void release() {
        for (int i = 0; i < burst.count; i++) {
            pool.release(burst.packets[i]);
        }
        burst.clear();
    }

    @AfterEach
    void close() {
        release();
        assertEquals(pool.size(), pool.available());
        queue.close(); // as its worker does before the port goes
        port.close();
        one.close();
        two.close();
    }

    private Packet frame(long destination, int length) {
        Packet packet = Objects.requireNonNull(pool.take());
        packet.memory.asSlice(packet.start, length).fill((byte) 0xa5);
        Ethernet.write(packet.memory, packet.start, destination, ROUTER, 0x88b5);
        packet.length = length;
        return packet;
    }

    private Reason send(Packet packet) {
        queue.transmit(new Packet[] {packet}, 0, 1);
        pool.release(packet);
        return packet.sent;
    }

    private static DatagramPacket take(DatagramSocket socket) throws IOException {
        DatagramPacket got = new DatagramPacket(new byte[2000], 2000);
        socket.receive(got);
        return got;
    }

    private static void assertNothing(DatagramSocket socket) throws IOException {
        socket.setSoTimeout(1); // what was sent to the loopback device before is there already
        assertThrows(SocketTimeoutException.class, () -> take(socket));
        socket.setSoTimeout(10_000);
    }

    private void hear(DatagramSocket from, byte[] datagram) throws IOException {
        int before = burst.count;
        InetSocketAddress to = new InetSocketAddress(address(9), one.getLocalPort());
        from.send(new DatagramPacket(datagram, datagram.length, to));
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (burst.count == before && System.nanoTime() < end) {
            queue.receive(burst, pool);
        }
        assertEquals(before + 1, burst.count);
    }

    private static byte[] from(long station) {
        String mac = HexFormat.of().toHexDigits(station, 12);
        String router = HexFormat.of().toHexDigits(ROUTER, 12);
        return HexFormat.of().parseHex(HEADER + router + mac + "88b5" + "00".repeat(46));
    }

    private Packet last() {
        return burst.packets[burst.count - 1];
    }

    @Test
    void headerIsThatOfTheRfc() throws IOException {
        Packet packet = frame(STATION, 60);
        byte[] inner =
                packet.memory.asSlice(packet.start, packet.length).toArray(ValueLayout.JAVA_BYTE);
        assertEquals(Reason.FORWARDED, send(packet));
        DatagramPacket got = take(one);
        assertThat(HexFormat.of().formatHex(got.getData(), 0, 8)).isEqualTo(HEADER);
        assertThat(Arrays.copyOfRange(got.getData(), 8, got.getLength())).isEqualTo(inner);
        assertEquals(address(9), got.getAddress());
        assertThat(got.getPort()).isBetween(49_152, 65_535);
    }

    @Test
    void groupsAndUnknownStationsGoToEveryRemoteOnce() throws IOException {
        for (long destination : new long[] {0xffff_ffff_ffffL, 0x0100_5e00_0001L, STATION}) {
            assertEquals(Reason.FORWARDED, send(frame(destination, 60)));
            assertEquals(68, take(one).getLength());
            assertEquals(68, take(two).getLength());
        }
        assertNothing(one);
        assertNothing(two);
    }

    @Test
    void knownStationsGetTheirFramesAloneAndMayMove() throws IOException {
        hear(two, from(STATION));
        send(frame(STATION, 60));
        assertEquals(68, take(two).getLength());
        assertNothing(one);
        hear(one, from(STATION));
        send(frame(STATION, 60));
        assertEquals(68, take(one).getLength());
        assertNothing(two);
    }

    @Test
    void frameArrivesWithoutTheHeader() throws IOException {
        hear(one, from(STATION));
        assertEquals(Reason.INTERNAL, last().ending);
        assertEquals(60, last().length);
        assertEquals(ROUTER, Ethernet.destination(last().memory, last().start));
        assertEquals(0x88b5, Bytes.u16(last().memory, last().start + 12));
    }

    /// Nobody takes what arrives until the socket's buffer is full.
    @Test
    void datagramsThatDoNotFitAreCounted() throws IOException {
        assertEquals(0, port.missed());
        byte[] datagram = from(STATION);
        int sent = 0;
        for (; port.missed() == 0 && sent < 100_000; sent++) { // more than any buffer holds
            one.send(new DatagramPacket(datagram, datagram.length, address(9), one.getLocalPort()));
        }
        long missed = port.missed();
        assertThat(missed).isPositive();
        int received = 0;
        for (int got = 1; got > 0; received += got) {
            release();
            got = queue.receive(burst, pool);
        }
        assertEquals(sent, received + missed);
    }

    private VxlanPort network(int vni) throws IOException {
        return network(vni, address(9), List.of(address(1), address(2)));
    }

    private VxlanPort network(int vni, InetAddress local, List<InetAddress> remotes) {
        int udpPort = one.getLocalPort();
        return VxlanPort.open(
                new VxlanOptions("other", null, vni, local, remotes, udpPort, 1450, 1L << 40));
    }

    private void say(int vni, int station) throws IOException {
        say(one, vni, station, address(9));
    }

    private void say(DatagramSocket from, int vni, int station, InetAddress to) throws IOException {
        byte[] datagram = from(STATION + station);
        for (int i = 0; i < 3; i++) {
            datagram[4 + i] = (byte) (vni >>> 16 - 8 * i);
        }
        from.send(new DatagramPacket(datagram, datagram.length, to, one.getLocalPort()));
    }

    /// The stations whose frames a port has got, or what else became of these; on the loopback
    /// device what was sent is there already.
    private List<Object> heard(PortQueue at) {
        release();
        at.receive(burst, pool);
        return Arrays.stream(burst.packets, 0, burst.count)
                .<Object>map(
                        it ->
                                it.ending == Reason.INTERNAL
                                        ? (int) (Ethernet.source(it.memory, it.start) - STATION)
                                        : it.ending)
                .toList();
    }

    @Test
    void networksShareAnAddressAndPort() throws IOException {
        try (VxlanPort second = network(7);
                VxlanPort third = network(0xffffff)) {
            PortQueue queue2 = second.queue(true);
            PortQueue queue3 = third.queue(true);
            for (int i = 0; i < 8; i++) {
                say(VNI, i);
                say(7, 10 + i);
                say(0xffffff, 20 + i);
            }
            say(8, 30);
            one.send(new DatagramPacket(new byte[5], 5, address(9), one.getLocalPort()));
            assertThat(heard(queue))
                    .containsExactly(
                            0, 1, 2, 3, 4, 5, 6, 7, Reason.VXLAN_NETWORK, Reason.TUNNEL_TRUNCATED);
            assertThat(heard(queue2)).containsExactly(10, 11, 12, 13, 14, 15, 16, 17);
            assertThat(heard(queue3)).containsExactly(20, 21, 22, 23, 24, 25, 26, 27);
            assertThatThrownBy(() -> network(7))
                    .hasMessageContaining("another port has VXLAN 7 at /127.77.0.9:");
        }
    }

    @Test
    void networksShareAnIpv6Address() throws IOException {
        byte[] loopback = new byte[16];
        loopback[15] = 1;
        InetAddress here = InetAddress.getByAddress(loopback);
        try (VxlanPort first = network(5, here, List.of(here));
                VxlanPort second = network(6, here, List.of(here));
                DatagramSocket from = new DatagramSocket(0, here)) {
            PortQueue queue5 = first.queue(true);
            PortQueue queue6 = second.queue(true);
            say(from, 6, 1, here);
            say(from, 5, 2, here);
            say(from, 6, 3, here);
            assertThat(heard(queue5)).containsExactly(2);
            assertThat(heard(queue6)).containsExactly(1, 3);
        }
    }

    /// The others lose nothing, and who comes next hears nothing that was for who went.
    @Test
    void networksComeAndGoBesideOthers() throws IOException {
        try (VxlanPort last = network(9)) {
            PortQueue queue9 = last.queue(true);
            say(VNI, 0);
            queue.close();
            port.close();
            say(VNI, 1);
            say(9, 2);
            assertThat(heard(queue9)).containsExactly(Reason.VXLAN_NETWORK, 2);
            say(9, 3);
            port = network(VNI);
            queue = port.queue(true);
            say(VNI, 4);
            say(9, 5);
            assertThat(heard(queue)).containsExactly(4);
            assertThat(heard(queue9)).containsExactly(3, 5);
            assertEquals(0, port.missed());
        }
        say(9, 6);
        assertThat(heard(queue)).containsExactly(Reason.VXLAN_NETWORK);
    }

    /// Not even with a program that would share it.
    @Test
    void addressOfAnotherProgramIsNotShared() throws IOException {
        try (DatagramSocket other = new DatagramSocket(null)) {
            other.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            other.bind(new InetSocketAddress(address(8), 0));
            int udpPort = other.getLocalPort();
            List<InetAddress> remotes = List.of(address(1));
            VxlanOptions taken =
                    new VxlanOptions("p", null, 1, address(8), remotes, udpPort, 1450, 1L << 40);
            assertThatThrownBy(() -> VxlanPort.open(taken))
                    .hasMessageContaining("another program has UDP port " + udpPort);
        }
    }

    /// RFC 7348 section 5: reserved fields are ignored on receipt.
    @Test
    void reservedBitsAreIgnored() throws IOException {
        byte[] datagram = from(STATION);
        datagram[0] = (byte) 0xff;
        datagram[1] = 1;
        datagram[2] = 2;
        datagram[3] = 3;
        datagram[7] = 4;
        hear(one, datagram);
        assertEquals(Reason.INTERNAL, last().ending);
        assertEquals(60, last().length);
    }

    @Test
    void whatIsNotOfTheNetworkIsNamed() throws IOException {
        byte[] good = from(STATION);
        for (int length = 0; length < 8; length++) {
            hear(one, Arrays.copyOf(good, length));
            assertEquals(Reason.TUNNEL_TRUNCATED, last().ending);
        }
        byte[] unmarked = good.clone();
        unmarked[0] = (byte) 0xf7;
        hear(one, unmarked);
        assertEquals(Reason.VXLAN_FLAGS, last().ending);
        for (int at = 4; at < 7; at++) {
            byte[] other = good.clone();
            other[at] ^= 1;
            hear(one, other);
            assertEquals(Reason.VXLAN_NETWORK, last().ending);
        }
        hear(one, Arrays.copyOf(good, 1477));
        assertEquals(Reason.FRAME_TOO_LONG, last().ending);
        try (DatagramSocket stranger = new DatagramSocket(0, address(3))) {
            hear(stranger, good);
            assertEquals(Reason.TUNNEL_SENDER, last().ending);
        }
        send(frame(STATION, 60)); // nothing of this taught where the station is
        assertEquals(68, take(one).getLength());
        assertEquals(68, take(two).getLength());
    }

    @Test
    void hostileDatagramsHarmNothing() throws IOException {
        Random random = new Random(7348);
        for (int i = 0; i < 2000; i++) {
            byte[] datagram = new byte[random.nextInt(40)];
            random.nextBytes(datagram);
            if (random.nextBoolean() && datagram.length >= 8) {
                System.arraycopy(from(STATION), 0, datagram, 0, 8);
            }
            hear(random.nextBoolean() ? one : two, datagram);
            assertThat(last().length).isBetween(0, 40);
            pool.release(last());
            burst.clear();
        }
        hear(one, from(STATION));
        assertEquals(Reason.INTERNAL, last().ending);
    }

    @Test
    void flowsSpreadOverSourcePortsAndEachKeepsItsOwn() throws IOException {
        hear(one, from(STATION));
        Set<Integer> seen = new HashSet<>();
        for (int flow = 0; flow < 200; flow++) {
            int first = sourceOf(flow);
            assertEquals(first, sourceOf(flow));
            seen.add(first);
        }
        assertThat(seen).hasSize(VxlanPort.SOURCES);
    }

    private int sourceOf(int flow) throws IOException {
        Packet packet = frame(STATION, 60);
        int ip = packet.start + Ethernet.HEADER;
        Ethernet.write(packet.memory, packet.start, STATION, ROUTER, Ethernet.IPV4);
        packet.memory.asSlice(ip, 28).fill((byte) 0);
        Bytes.put16(packet.memory, ip, 0x4500);
        Bytes.put16(packet.memory, ip + 2, 28);
        Bytes.put8(packet.memory, ip + 9, 17);
        Bytes.put16(packet.memory, ip + 20, 1000 + flow);
        assertEquals(Reason.FORWARDED, send(packet));
        return take(one).getPort();
    }
}
