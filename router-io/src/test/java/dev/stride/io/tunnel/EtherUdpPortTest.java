package dev.stride.io.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortQueue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against a socket of java.net on the loopback device.
class EtherUdpPortTest {
    private static final int MTU = 1500;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final PacketPool pool = new PacketPool(Arena.ofAuto().allocate(600 * 65536L, 64));
    private final Burst burst = new Burst(Burst.SIZE);
    private DatagramSocket peer;
    private EtherUdpPort port;
    private PortQueue queue;
    private InetSocketAddress local;

    @BeforeEach
    void open() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        peer = new DatagramSocket(0, loopback);
        peer.setSoTimeout(10_000);
        local = new InetSocketAddress(loopback, freePort(loopback));
        port = open(new InetSocketAddress(loopback, peer.getLocalPort()), MTU);
        queue = port.queue(true);
        queue.receive(burst, pool);
    }

    private EtherUdpPort open(InetSocketAddress remote, int mtu) {
        return EtherUdpPort.open(new EtherUdpOptions("p", null, local, remote, mtu));
    }

    private static InetSocketAddress at(int a, int b, int c, int d, int port) throws IOException {
        byte[] address = {(byte) a, (byte) b, (byte) c, (byte) d};
        return new InetSocketAddress(InetAddress.getByAddress(address), port);
    }

    private static int freePort(InetAddress address) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, address)) {
            return socket.getLocalPort();
        }
    }

    @AfterEach
    void close() {
        release();
        assertEquals(pool.size(), pool.available());
        queue.close(); // as its worker does before the port goes
        port.close();
        peer.close();
    }

    private void release() {
        for (int i = 0; i < burst.count; i++) {
            pool.release(burst.packets[i]);
        }
        burst.clear();
    }

    private void peerSends(byte[] datagram) throws IOException {
        peer.send(new DatagramPacket(datagram, datagram.length, local));
    }

    private static byte[] frame(int length, int mark) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) mark);
        return bytes;
    }

    private void awaitArrivals(int frames) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (burst.count < frames && System.nanoTime() < end) {
            queue.receive(burst, pool);
        }
        assertEquals(frames, burst.count);
    }

    private static byte[] bytes(Packet packet) {
        return packet.memory.asSlice(packet.start, packet.length).toArray(ValueLayout.JAVA_BYTE);
    }

    private Packet packet(byte[] frame) {
        Packet packet = Objects.requireNonNull(pool.take());
        packet.memory.asSlice(packet.start, frame.length).copyFrom(MemorySegment.ofArray(frame));
        packet.length = frame.length;
        return packet;
    }

    @Test
    void framesArriveInOrderAndWhole() throws IOException {
        for (int i = 0; i < 150; i++) {
            peerSends(frame(14 + 10 * i, i));
        }
        for (int at = 0; at < 150; ) {
            awaitArrivals(Math.min(Burst.SIZE, 150 - at));
            for (int i = 0; i < burst.count; i++, at++) {
                assertThat(bytes(burst.packets[i])).isEqualTo(frame(14 + 10 * at, at));
                assertEquals(Reason.INTERNAL, burst.packets[i].ending);
            }
            release();
        }
    }

    /// The frame check of the forwarder ends them: nothing may get lost on the way there.
    @Test
    void shortAndEmptyDatagramsArrive() throws IOException {
        peerSends(new byte[0]);
        peerSends(frame(1, 1));
        peerSends(new byte[0]);
        awaitArrivals(3);
        assertThat(burst.packets[0].length).isZero();
        assertThat(burst.packets[1].length).isOne();
        assertThat(burst.packets[2].length).isZero();
    }

    @Test
    void longestFrameIsTakenAndLongerOnesAreRefused() throws IOException {
        int longest = 14 + 4 + MTU;
        peerSends(frame(longest, 1));
        peerSends(frame(longest + 1, 2));
        peerSends(frame(60_000, 3));
        peerSends(frame(60, 4));
        awaitArrivals(4);
        assertThat(bytes(burst.packets[0])).isEqualTo(frame(longest, 1));
        assertEquals(Reason.INTERNAL, burst.packets[0].ending);
        assertEquals(Reason.FRAME_TOO_LONG, burst.packets[1].ending);
        assertEquals(Reason.FRAME_TOO_LONG, burst.packets[2].ending);
        assertEquals(Reason.INTERNAL, burst.packets[3].ending);
        assertThat(bytes(burst.packets[3])).isEqualTo(frame(60, 4));
    }

    @Test
    void roomOfTheBurstIsKept() throws IOException {
        for (int i = 0; i < 10; i++) {
            peerSends(frame(60, i));
        }
        Burst small = new Burst(3);
        long end = System.nanoTime() + PATIENCE_NANOS;
        int next = 0;
        while (next < 10 && System.nanoTime() < end) {
            small.clear();
            queue.receive(small, pool);
            for (int i = 0; i < small.count; i++) {
                assertThat(bytes(small.packets[i])).isEqualTo(frame(60, next++));
                pool.release(small.packets[i]);
            }
        }
        assertEquals(10, next);
    }

    @Test
    void strangersAreNotHeard() throws IOException {
        try (DatagramSocket stranger = new DatagramSocket(0, peer.getLocalAddress())) {
            stranger.send(new DatagramPacket(frame(60, 7), 60, local));
        }
        peerSends(frame(60, 8));
        awaitArrivals(1);
        assertThat(bytes(burst.packets[0])).isEqualTo(frame(60, 8));
    }

    @Test
    void framesLeaveInOrderAndWhole() throws IOException {
        int count = 500;
        Packet[] packets = new Packet[count];
        for (int i = 0; i < count; i++) {
            packets[i] = packet(frame(60 + i, i));
        }
        for (int i = 0; i < count; i += 50) {
            queue.transmit(packets, i, i + 50);
            for (int j = i; j < i + 50; j++) {
                assertEquals(Reason.FORWARDED, packets[j].sent);
                pool.release(packets[j]);
                DatagramPacket got = new DatagramPacket(new byte[2000], 2000);
                peer.receive(got);
                assertEquals(local, got.getSocketAddress());
                assertThat(Arrays.copyOf(got.getData(), got.getLength()))
                        .isEqualTo(frame(60 + j, j));
            }
        }
    }

    /// More than the ring holds, at once.
    @Test
    void burstsLargerThanTheRingEndOneByOne() {
        Packet[] packets = new Packet[500];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = packet(frame(60, i));
        }
        queue.transmit(packets, 0, packets.length);
        for (int i = 0; i < packets.length; i++) {
            assertEquals(i < 256 ? Reason.FORWARDED : Reason.TRANSMIT_FULL, packets[i].sent);
            pool.release(packets[i]);
        }
    }

    @Test
    void frameThatTheKernelRefusesIsNamedAndHoldsUpNoOther() throws IOException {
        InetSocketAddress remote =
                new InetSocketAddress(peer.getLocalAddress(), peer.getLocalPort());
        port.close();
        port = open(remote, 65_521); // more than UDP can carry
        queue = port.queue(true);
        Packet[] packets = {packet(frame(60, 1)), packet(frame(65_530, 2)), packet(frame(61, 3))};
        queue.transmit(packets, 0, 3);
        assertThat(packets)
                .extracting(p -> p.sent)
                .containsExactly(Reason.FORWARDED, Reason.TRANSMIT_ERROR, Reason.FORWARDED);
        for (int length = 60; length <= 61; length++) {
            DatagramPacket got = new DatagramPacket(new byte[2000], 2000);
            peer.receive(got);
            assertEquals(length, got.getLength());
        }
        for (Packet packet : packets) {
            pool.release(packet);
        }
    }

    /// Nobody listens: ICMP says so, which must neither end the port nor be taken for a frame.
    @Test
    void refusalsByTheOtherSideDoNotEndThePort() throws IOException {
        InetSocketAddress remote = (InetSocketAddress) peer.getLocalSocketAddress();
        peer.close();
        Packet packet = packet(frame(60, 1));
        for (int i = 0; i < 10; i++) {
            queue.transmit(new Packet[] {packet}, 0, 1);
            queue.receive(burst, pool);
        }
        pool.release(packet);
        assertEquals(0, burst.count);
        peer = new DatagramSocket(remote);
        peerSends(frame(60, 5));
        awaitArrivals(1);
        assertTrue(port.isUp());
    }

    @Test
    void workersWithoutTheReceivingEndSendFromTheSamePort() throws IOException {
        PortQueue other = port.queue(false);
        assertEquals(-1, other.descriptor());
        Packet packet = packet(frame(60, 1));
        other.transmit(new Packet[] {packet}, 0, 1);
        assertEquals(Reason.FORWARDED, packet.sent);
        pool.release(packet);
        DatagramPacket got = new DatagramPacket(new byte[2000], 2000);
        peer.receive(got);
        assertEquals(local, got.getSocketAddress());
    }

    @Test
    void mtuIsWhatTheLinkTakes() throws IOException {
        try (EtherUdpPort other =
                EtherUdpPort.open(
                        new EtherUdpOptions(
                                "q",
                                null,
                                at(127, 0, 0, 2, local.getPort()),
                                at(127, 0, 0, 1, 9),
                                0))) {
            assertEquals(65_535 - 20 - 8 - 14, other.mtu(), "the loopback device takes all");
        }
    }

    @Test
    void ipv6CarriesFramesBothWays() throws IOException {
        InetAddress loopback =
                InetAddress.getByAddress(HexFormat.of().parseHex("0".repeat(31) + "1"));
        port.close();
        peer.close();
        peer = new DatagramSocket(0, loopback);
        peer.setSoTimeout(10_000);
        local = new InetSocketAddress(loopback, freePort(loopback));
        port = open(new InetSocketAddress(loopback, peer.getLocalPort()), MTU);
        queue = port.queue(true);
        Packet packet = packet(frame(60, 1));
        queue.transmit(new Packet[] {packet}, 0, 1);
        assertEquals(Reason.FORWARDED, packet.sent);
        pool.release(packet);
        DatagramPacket got = new DatagramPacket(new byte[2000], 2000);
        peer.receive(got);
        assertEquals(local, got.getSocketAddress());
        assertEquals(60, got.getLength());
        peerSends(frame(61, 2));
        awaitArrivals(1);
        assertThat(bytes(burst.packets[0])).isEqualTo(frame(61, 2));
    }

    @Test
    void takenPortIsNamed() {
        assertThatThrownBy(() -> open(at(127, 0, 0, 1, 9), MTU))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("another program has UDP port " + local.getPort());
    }

    @Test
    void foreignAddressIsNamed() throws IOException {
        local = at(192, 0, 2, 77, 9000);
        assertThatThrownBy(() -> open(at(127, 0, 0, 1, 9), MTU))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("the kernel has no address 192.0.2.77");
    }
}
