package dev.stride.io.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.io.linux.Memory;
import dev.stride.io.linux.Poll;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortQueue;
import dev.stride.io.uring.RingProbe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/// Real TAPs. Each test makes its own in a namespace of its own.
@ParameterizedClass(name = "{0}, offload = {1}")
@CsvSource({"URING, true", "URING, false", "SYSCALL, true", "SYSCALL, false"})
class TapTest {
    private static final int ECHOES = 50_000;
    private static final int SLOW_ECHOES = 200;
    private static final int LONG_MS = 10_000;

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String namespace =
            "sttap-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    private final PacketPool pool =
            new PacketPool(Memory.map(Arena.ofAuto(), 4096L * PacketPool.SLOT));
    private final Burst burst = new Burst(64);
    private final TapBackend backend;
    private final boolean offload;

    TapTest(TapBackend backend, boolean offload) {
        this.backend = backend;
        this.offload = offload;
    }

    @BeforeEach
    void makeNamespace() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/etc/passwd")), "needs root, for namespaces and TAPs");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        assumeTrue(Files.exists(Path.of("/sbin/ip")), "needs the Debian package iproute2");
        if (backend == TapBackend.URING) {
            assumeTrue(RingProbe.refusal() == null, "needs io_uring with multishot reads");
        }
        ip("netns", "add", namespace);
    }

    @AfterEach
    void removeNamespace() throws Exception {
        if (Files.exists(Path.of("/run/netns", namespace))) {
            ip("netns", "delete", namespace);
        }
    }

    private static void ip(String... words) throws IOException, InterruptedException {
        String[] command = new String[words.length + 1];
        command[0] = "ip";
        System.arraycopy(words, 0, command, 1, words.length);
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }

    private Tap open(String device, boolean persist) {
        return open(device, persist, namespace);
    }

    private Tap open(String device, boolean persist, @Nullable String netns) {
        return open(device, offload, persist, netns);
    }

    private Tap open(String device, boolean offloads, boolean persist, @Nullable String netns) {
        return Tap.open(new TapOptions("p", device, 1500, 1, offloads, backend, persist, netns));
    }

    @Test
    void opensInTheNamespaceAndIsUp() throws Exception {
        try (Tap tap = open("t0", false)) {
            assertTrue(tap.isUp());
            assertEquals(backend, tap.backend());
            int least = offload ? 0x07 : 0;
            assertThat(tap.offloads() & 0x07).as("checksum, TSO4 and TSO6").isEqualTo(least);
            ip("-n", namespace, "link", "set", "t0", "down");
            assertFalse(tap.isUp());
            assertEquals(Reason.PORT_DOWN, send(tap.queue(true)));
        }
    }

    private Reason send(PortQueue queue) {
        Packet packet = Objects.requireNonNull(pool.take());
        packet.length = 60;
        queue.transmit(new Packet[] {packet}, 0, 1);
        pool.release(packet);
        return packet.sent;
    }

    @Test
    void deletedDeviceIsDown() throws Exception {
        try (Tap tap = open("t0", true)) {
            PortQueue queue = tap.queue(true);
            assertEquals(Reason.FORWARDED, send(queue));
            queue.receive(burst, pool);
            release();
            ip("-n", namespace, "link", "delete", "t0");
            assertFalse(tap.isUp());
            assertEquals(Reason.PORT_DOWN, send(queue));
            while (queue.receive(burst, pool) > 0) {
                release(); // what the kernel said before
            }
            assertEquals(0, queue.receive(burst, pool));
        }
    }

    @Test
    void framesOfTheKernelArrive() throws Exception {
        try (Tap tap = open("t0", false)) {
            ip("-n", namespace, "address", "add", "10.0.0.1/24", "dev", "t0");
            assertTrue(asksForItsNeighbor(tap));
        }
        assertEquals(pool.size(), pool.available());
    }

    /// Whether an ARP request arrives when the kernel has a datagram to send.
    private boolean asksForItsNeighbor(Tap tap) throws Exception {
        PortQueue queue = tap.queue(true);
        Poll poll = new Poll(1);
        long end = System.nanoTime() + 10_000_000_000L;
        boolean arp = false;
        ip("netns", "exec", namespace, "bash", "-c", "echo > /dev/udp/10.0.0.2/9");
        while (!arp && System.nanoTime() < end) {
            if (queue.receive(burst, pool) == 0) {
                poll.clear();
                poll.add(queue.descriptor());
                poll.await(10_000);
            }
            for (int i = 0; i < burst.count; i++) {
                Packet packet = burst.packets[i];
                arp |= Ethernet.type(packet.memory, packet.start) == Ethernet.ARP;
            }
            release();
        }
        queue.close();
        return arp;
    }

    private void release() {
        for (int i = 0; i < burst.count; i++) {
            pool.release(burst.packets[i]);
        }
        burst.clear();
    }

    @Test
    void flatOutFramesKeepTheirOrderBothWays() throws Exception {
        assertThat(echo(pool, ECHOES, true)).isGreaterThan(1000);
    }

    @Test
    void sleeperIsWokenByEachFrame() throws Exception {
        assertThat(echo(pool, SLOW_ECHOES, false)).isGreaterThan(SLOW_ECHOES / 2);
    }

    @Test
    void fewPacketsAreEnough() throws Exception {
        PacketPool five = new PacketPool(Arena.ofAuto().allocate(5 * PacketPool.SLOT, 64));
        assertThat(echo(five, ECHOES, true)).isGreaterThan(1000);
    }

    /// Sends back what the kernel sends, flat out or each after the answer to the one before, and
    /// has it look at the order.
    ///
    /// @return how many came back
    private long echo(PacketPool packets, int count, boolean flatOut) throws Exception {
        long returned;
        Poll poll = new Poll(1);
        try (Tap tap = open("t0", false);
                Flood flood = Flood.start(namespace, "t0", flatOut, TapTest::ip)) {
            PortQueue queue = tap.queue(true);
            for (int echoed = 0; echoed < count && flood.isRunning(); echoed += burst.count) {
                burst.clear();
                if (queue.receive(burst, packets) == 0) {
                    poll.clear();
                    poll.add(queue.descriptor());
                    assertTrue(poll.await(LONG_MS), "a frame wakes the sleeper");
                }
                for (int i = 0; i < burst.count; i++) {
                    Flood.turnAround(burst.packets[i]);
                }
                queue.transmit(burst.packets, 0, burst.count);
                for (int i = 0; i < burst.count; i++) {
                    assertEquals(Reason.FORWARDED, burst.packets[i].sent);
                    packets.release(burst.packets[i]);
                }
            }
            returned = flood.returned();
            queue.close();
        }
        assertEquals(packets.size(), packets.available());
        return returned;
    }

    @Test
    void persistentDeviceIsAttachedToAgain() throws Exception {
        open("t0", true).close();
        ip("-n", namespace, "address", "add", "10.0.0.1/24", "dev", "t0");
        try (Tap again = open("t0", true)) {
            assertTrue(again.isUp());
        }
        ip("-n", namespace, "link", "show", "t0");
        open("t0", false).close(); // attaches, and takes the persistence back
        assertThatThrownBy(() -> ip("-n", namespace, "link", "show", "t0"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void persistentDeviceThatHadOffloadsOrNotIsAttachedTo() throws Exception {
        open("t0", !offload, true, namespace).close();
        ip("-n", namespace, "address", "add", "10.0.0.1/24", "dev", "t0");
        try (Tap again = open("t0", false)) {
            assertTrue(asksForItsNeighbor(again));
            assertEquals(Reason.FORWARDED, send(again.queue(false)));
        }
    }

    @Test
    void takenDeviceIsNamed() {
        try (Tap first = open("t0", false)) {
            assertTrue(first.isUp());
            assertThatThrownBy(() -> open("t0", false))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("port p: t0 is in use by another process");
        }
    }

    @Test
    void deviceOfAnotherKindIsNamed() throws Exception {
        ip("-n", namespace, "link", "add", "t0", "type", "veth", "peer", "name", "t1");
        assertThatThrownBy(() -> open("t0", false))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("t0 is there already and is no TAP device");
    }

    @Test
    void missingNamespaceIsNamed() {
        assertThatThrownBy(() -> open("t0", false, "sttap-not-there"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("there is no network namespace sttap-not-there")
                .hasMessageContaining("ip netns add");
    }

    @Test
    void fileThatIsNoNamespaceIsNamed() {
        assertThatThrownBy(() -> open("t0", false, "/etc/passwd"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("/etc/passwd is not a network namespace");
    }

    @Test
    void longNameIsRefused() {
        assertThatThrownBy(() -> open("sixteen-letters-", false))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("longer than 15 bytes");
    }
}
