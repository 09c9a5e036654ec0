package dev.stride.io.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Tcp;
import dev.stride.io.linux.Errno;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Memory;
import dev.stride.io.linux.Namespace;
import dev.stride.io.linux.NetDevice;
import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Sockets on the two ends of a veth, in a namespace of their own.
class DeviceQueueTest {
    private static final int FRAME = 60;
    private static final int NUMBER = 50; // where a frame's number is
    private static final int SENT = 40;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final long SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_STSO = 0x1f;
    private static final int ETHTOOL_SGRO = 0x2c;
    private static final int MTU = 1500;
    private static final int HEADERS = Ethernet.HEADER + Ipv4.HEADER + Tcp.HEADER;
    private static final int PAYLOAD = 100;

    private final String namespace = "stpkt-" + ProcessHandle.current().pid();
    private final PacketPool pool =
            new PacketPool(Memory.map(Arena.ofAuto(), 512L * PacketPool.SLOT));
    private final Burst burst = new Burst(512);

    @BeforeEach
    void makeVeth() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/etc/passwd")), "needs root, for namespaces");
        assumeTrue(Files.exists(Path.of("/sbin/ip")), "needs the Debian package iproute2");
        ip("netns add " + namespace);
        ip("-n %s link add v0 mtu 65000 type veth peer name v1 mtu 65000".formatted(namespace));
        for (String end : new String[] {"v0", "v1"}) {
            ip("-n %s link set %s addrgenmode none".formatted(namespace, end));
            ip("-n %s link set %s up".formatted(namespace, end));
        }
    }

    @AfterEach
    void removeNamespace() throws Exception {
        if (Files.exists(Path.of("/run/netns", namespace))) {
            ip("netns delete " + namespace);
        }
    }

    private static void ip(String words) throws IOException, InterruptedException {
        ip(words, "");
    }

    private static void ip(String words, String input) throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder(("ip " + words).split(" "));
        command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Process process = command.start();
        try (Writer to = process.outputWriter()) {
            to.write(input);
        }
        assertThat(process.waitFor()).as(words).isZero();
    }

    private <T> T inNamespace(Supplier<T> what) {
        return Namespace.call(Namespace.path(namespace), what);
    }

    /// What the command ethtool does.
    private void setFeature(String device, int command, int value) {
        inNamespace(
                () -> {
                    try (FileDescriptor socket = Sockets.forDevices();
                            Arena arena = Arena.ofConfined()) {
                        MemorySegment ifreq = arena.allocate(40, 8);
                        ifreq.setString(0, device);
                        MemorySegment feature =
                                arena.allocateFrom(ValueLayout.JAVA_INT, command, value);
                        ifreq.set(ValueLayout.ADDRESS, 16, feature);
                        socket.ioctl("SIOCETHTOOL", SIOCETHTOOL, ifreq);
                        return null;
                    }
                });
    }

    private PacketSocket receiver(String device, int mtu) {
        return inNamespace(
                () -> {
                    try (NetDevice end = new NetDevice(device)) {
                        return PacketSocket.receiver(end.index(), mtu, false, 0);
                    }
                });
    }

    /// Without a ring, as else it would have to be read.
    private PacketSocket sender(Transmit transmit) {
        return inNamespace(
                () -> {
                    try (NetDevice end = new NetDevice("v0")) {
                        PacketSocket socket = PacketSocket.sender(end.index());
                        socket.xdp = transmit == Transmit.XDP ? xdp(end) : null;
                        return socket;
                    }
                });
    }

    private static @Nullable XdpSender xdp(NetDevice device) {
        try {
            return XdpSender.open(device.index(), 0);
        } catch (SyscallException e) {
            assumeTrue(
                    e.errno() != Errno.ENOPROTOOPT && e.errno() != Errno.EAFNOSUPPORT,
                    "needs Linux 6.17 with AF_XDP: " + e.what());
            throw e;
        }
    }

    /// Sends frames with the numbers `first` to `first + count - 1` in one burst; returns them, to
    /// tell what became of them.
    private Packet[] send(DeviceQueue queue, int first, int count, int length) {
        Packet[] packets = new Packet[count];
        for (int i = 0; i < count; i++) {
            Packet packet = Objects.requireNonNull(pool.take());
            packet.length = length;
            Bytes.put16(packet.memory, packet.start + NUMBER, (first + i) % 0x10000);
            packets[i] = packet;
        }
        queue.transmit(packets, 0, count);
        for (Packet packet : packets) {
            pool.release(packet);
        }
        return packets;
    }

    private static void assertAll(Packet[] packets, Reason reason) {
        assertThat(packets).extracting(packet -> packet.sent).containsOnly(reason);
    }

    /// Waits for so many frames; takes what there is more of them, too.
    private void await(DeviceQueue queue, int count) {
        while (burst.count < count && !Thread.currentThread().isInterrupted()) { // by the timeout
            queue.receive(burst, pool);
            Thread.onSpinWait();
        }
        queue.receive(burst, pool);
    }

    /// Waits for so many frames and releases them.
    private List<Integer> receive(DeviceQueue queue, int count) {
        await(queue, count);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < burst.count; i++) {
            Packet packet = burst.packets[i];
            numbers.add(Bytes.u16(packet.memory, packet.start + NUMBER));
            pool.release(packet);
        }
        burst.clear();
        return numbers;
    }

    private static List<Integer> numbers(int first, int count) {
        return IntStream.range(first, first + count).boxed().toList();
    }

    /// Frames that find no place in the ring are the kernel's to drop, and counted; here there are
    /// 256 of 64 KiB. Sockets get a frame the youngest first, so what the oldest has, all have been
    /// offered.
    @ParameterizedTest
    @Timeout(10)
    @CsvSource({"1500, 280, SENDMMSG", "1500, 280, XDP", "65000, 256, SENDMMSG"})
    void framesThatFillTheRingArriveInOrder(int mtu, int fitting, Transmit transmit) {
        try (PacketSocket from = sender(transmit);
                PacketSocket witness = receiver("v1", MTU);
                PacketSocket to = receiver("v1", mtu)) {
            DeviceQueue out = new DeviceQueue(from);
            int sent = 7 * SENT;
            for (int first = 0; first < sent; first += SENT) {
                assertAll(send(out, first, SENT, FRAME), Reason.FORWARDED);
            }
            assertThat(receive(new DeviceQueue(witness), sent)).isEqualTo(numbers(0, sent));
            DeviceQueue in = new DeviceQueue(to);
            assertThat(receive(in, fitting)).isEqualTo(numbers(0, fitting));
            assertThat(in.takeMissed()).isEqualTo(sent - fitting);
            assertThat(in.takeMissed()).isZero();
        }
    }

    /// Those have a place in the ring, and wait in the socket's buffer, until it is full as well.
    @Test
    @Timeout(10)
    void longFramesArriveWholeOrAreMissed() {
        int length = 20_000;
        try (PacketSocket from = sender(Transmit.SENDMMSG);
                PacketSocket to = receiver("v1", MTU)) {
            DeviceQueue out = new DeviceQueue(from);
            DeviceQueue in = new DeviceQueue(to);
            int sent = 49 * SENT;
            for (int first = 0; first < sent; first += SENT) {
                assertAll(send(out, first, SENT, length), Reason.FORWARDED);
            }
            long missed = 0;
            int received = 0;
            while (received + missed < sent && !Thread.currentThread().isInterrupted()) {
                in.receive(burst, pool);
                for (int i = 0; i < burst.count; i++) {
                    assertThat(burst.packets[i].length).isEqualTo(length);
                    pool.release(burst.packets[i]);
                }
                received += burst.count;
                burst.clear();
                missed += in.takeMissed();
            }
            assertThat(received + missed).isEqualTo(sent);
            assertThat(missed).isPositive();
        }
    }

    /// As long as the device is down; neither is anything sent later than it was reported lost.
    @ParameterizedTest
    @Timeout(10)
    @EnumSource(names = {"SENDMMSG", "XDP"})
    void framesAreRefusedWhileTheDeviceIsDown(Transmit transmit) throws Exception {
        try (PacketSocket from = sender(transmit);
                PacketSocket to = receiver("v1", MTU)) {
            DeviceQueue out = new DeviceQueue(from);
            DeviceQueue in = new DeviceQueue(to);
            ip("-n %s link set v0 down".formatted(namespace));
            assertAll(send(out, 0, SENT, FRAME), Reason.PORT_DOWN);
            ip("-n %s link set v0 up".formatted(namespace));
            assertAll(send(out, 100, 3, FRAME), Reason.FORWARDED);
            assertThat(receive(in, 3)).isEqualTo(numbers(100, 3));
            assertAll(send(out, 200, SENT, FRAME), Reason.FORWARDED);
            assertThat(receive(in, SENT)).isEqualTo(numbers(200, SENT));
        }
    }

    /// More of them than a transmit ring has places.
    @ParameterizedTest
    @Timeout(10)
    @EnumSource(names = {"SENDMMSG", "XDP"})
    void framesThatTheDeviceDropsAreTold(Transmit transmit) throws Exception {
        try (PacketSocket from = sender(transmit);
                PacketSocket to = receiver("v1", MTU)) {
            DeviceQueue out = new DeviceQueue(from);
            DeviceQueue in = new DeviceQueue(to);
            ip("-n %s link set v1 down".formatted(namespace)); // v0 is up, without a carrier
            for (int i = 0; i < 30; i++) {
                assertAll(send(out, 0, SENT, FRAME), Reason.TRANSMIT_FULL);
            }
            ip("-n %s link set v1 up".formatted(namespace));
            assertAll(send(out, 100, SENT, FRAME), Reason.FORWARDED);
            assertThat(receive(in, SENT)).isEqualTo(numbers(100, SENT));
        }
    }

    /// The other end takes them in a thread of its own, so that more than may be under way are
    /// given to the kernel at once. What was reported as sent arrives, and nothing else, whether
    /// the next burst is smaller than what was refused or larger.
    @Test
    @Timeout(60)
    void framesThatTheKernelDoesNotTakeAreTold() throws Exception {
        setFeature("v0", ETHTOOL_STSO, 0);
        setFeature("v1", ETHTOOL_SGRO, 1); // so v1 polls
        ip("netns exec %s tee /sys/class/net/v1/threaded".formatted(namespace), "1");
        try (PacketSocket from = sender(Transmit.XDP);
                PacketSocket to = receiver("v1", MTU)) {
            FileDescriptor xdp = Objects.requireNonNull(from.xdp).socket;
            Sockets.setOption(xdp, "SO_SNDBUF", SOL_SOCKET, SO_SNDBUF, 0);
            DeviceQueue out = new DeviceQueue(from);
            DeviceQueue in = new DeviceQueue(to);
            int next = 0;
            for (int refusals = 0; refusals < 3; ) {
                for (int count : new int[] {5 * SENT, 3}) {
                    List<Integer> sent = new ArrayList<>();
                    for (Packet packet : send(out, next, count, FRAME)) {
                        if (packet.sent == Reason.FORWARDED) {
                            sent.add(next);
                        } else {
                            assertThat(packet.sent).isEqualTo(Reason.TRANSMIT_FULL);
                        }
                        next = (next + 1) % 0x10000;
                    }
                    assertThat(receive(in, sent.size())).isEqualTo(sent);
                    refusals += sent.size() < count ? 1 : 0;
                }
            }
        }
    }

    /// What does not fit into a chunk of the transmit ring takes the other way.
    @Test
    @Timeout(10)
    void longFramesPass() throws Exception {
        try (PacketSocket from = sender(Transmit.XDP);
                PacketSocket to = receiver("v1", 65_000)) {
            assertAll(send(new DeviceQueue(from), 7, 3, 3000), Reason.FORWARDED);
            assertThat(receive(new DeviceQueue(to), 3)).isEqualTo(numbers(7, 3));
        }
    }

    /// TCP with three times [#PAYLOAD], its checksum to be finished.
    private Packet superFrame() {
        Packet packet = Objects.requireNonNull(pool.take());
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int tcp = ip + Ipv4.HEADER;
        int length = Tcp.HEADER + 3 * PAYLOAD;
        Ethernet.write(m, packet.start, 2, 4, Ethernet.IPV4);
        Ipv4.write(m, ip, 0, Ipv4.HEADER + length, 0, Ipv4.DF, 64, Ipv4.TCP, 1, 2);
        m.asSlice(tcp, length).fill((byte) 0);
        Bytes.put8(m, tcp + 12, Tcp.HEADER / 4 << 4);
        Bytes.put8(m, tcp + 13, Tcp.ACK);
        Bytes.put16(m, tcp + Tcp.CHECKSUM, Checksum.fold(Checksum.pseudo4(1, 2, Ipv4.TCP, length)));
        packet.length = Ethernet.HEADER + Ipv4.HEADER + length;
        packet.gsoType = Packet.GSO_TCP4;
        packet.gsoSize = PAYLOAD;
        packet.gsoHeaderLength = HEADERS;
        packet.needsChecksum = true;
        packet.checksumStart = HEADERS - Tcp.HEADER;
        packet.checksumOffset = Tcp.CHECKSUM;
        return packet;
    }

    /// Such a device drops them where they do not go through its queue.
    @ParameterizedTest
    @Timeout(10)
    @EnumSource(names = {"SENDMMSG", "XDP"})
    void superFramesAreCutForADeviceThatDoesNotTakeThem(Transmit transmit) throws Exception {
        ip("-n %s link set v0 gso_max_size 300".formatted(namespace));
        try (PacketSocket from = sender(transmit);
                PacketSocket to = receiver("v1", MTU)) {
            DeviceQueue out = new DeviceQueue(from);
            DeviceQueue in = new DeviceQueue(to);
            Packet packet = superFrame();
            send(out, 0, 1, FRAME);
            out.transmit(new Packet[] {packet}, 0, 1);
            send(out, 1, 1, FRAME);
            assertThat(packet.sent).isEqualTo(Reason.FORWARDED);
            pool.release(packet);
            await(in, 5);
            int segment = HEADERS + PAYLOAD;
            assertThat(Arrays.stream(burst.packets, 0, burst.count).map(each -> each.length))
                    .containsExactly(FRAME, segment, segment, segment, FRAME);
        }
    }
}
