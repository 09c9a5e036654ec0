package dev.stride.io.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.io.linux.Memory;
import dev.stride.io.linux.Namespace;
import dev.stride.io.linux.NetDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sockets on the two ends of a veth, in a namespace of their own.
class DeviceQueueTest {
    private static final int FRAME = 60;
    private static final int NUMBER = 50; // where a frame's number is
    private static final int SENT = 40;
    private static final int MTU = 1500;

    private final String namespace = "stpkt-" + ProcessHandle.current().pid();
    private final PacketPool pool =
            new PacketPool(Memory.map(Arena.ofAuto(), 256L * PacketPool.SLOT));
    private final Burst burst = new Burst(64);

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
        String[] command = ("ip " + words).split(" ");
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private PacketSocket socket(String device, boolean receives, int mtu) {
        return Namespace.call(
                Namespace.path(namespace),
                () -> {
                    try (NetDevice end = new NetDevice(device)) {
                        return receives
                                ? PacketSocket.receiver(end.index(), mtu, false, 0)
                                : PacketSocket.sender(end.index());
                    }
                });
    }

    private void send(DeviceQueue queue) {
        for (int i = 0; i < SENT; i++) {
            Packet packet = Objects.requireNonNull(pool.take());
            packet.length = FRAME;
            Bytes.put16(packet.memory, packet.start + NUMBER, i);
            queue.transmit(new Packet[] {packet}, 0, 1);
            assertThat(packet.sent).isEqualTo(Reason.FORWARDED);
            pool.release(packet);
        }
    }

    /// Sockets get a frame the youngest first, so what the oldest has, all have been offered.
    private void awaitAll(DeviceQueue oldest) throws InterruptedException {
        while (burst.count < SENT) {
            oldest.receive(burst, pool);
            Thread.sleep(1);
        }
        for (int i = 0; i < SENT; i++) {
            pool.release(burst.packets[i]);
        }
        burst.clear();
    }

    /// Frames that find no place in the ring are the kernel's to drop, here as their slots take a
    /// sixteenth of the ring each.
    @ParameterizedTest(name = "MTU {0}")
    @Timeout(10)
    @CsvSource({"1500, 40", "65000, 16"})
    void framesThatFillTheRingArriveInOrder(int mtu, int fitting) throws Exception {
        try (PacketSocket from = socket("v0", false, mtu);
                PacketSocket witness = socket("v1", true, MTU);
                PacketSocket to = socket("v1", true, mtu)) {
            send(new DeviceQueue(from));
            awaitAll(new DeviceQueue(witness));
            assertThat(new DeviceQueue(to).receive(burst, pool)).isEqualTo(fitting);
            for (int i = 0; i < fitting; i++) {
                Packet packet = burst.packets[i];
                assertThat(packet.length).isEqualTo(FRAME);
                assertThat(Bytes.u16(packet.memory, packet.start + NUMBER)).isEqualTo(i);
            }
        }
    }
}
