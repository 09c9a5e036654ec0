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
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortQueue;
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

/// Real TAPs. Each test makes its own in a namespace of its own.
class TapTest {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String namespace =
            "sttap-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    private final PacketPool pool =
            new PacketPool(Arena.ofAuto().allocate(128 * PacketPool.SLOT, 64));
    private final Burst burst = new Burst(64);

    @BeforeEach
    void makeNamespace() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/etc/passwd")), "needs root, for namespaces and TAPs");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        assumeTrue(Files.exists(Path.of("/sbin/ip")), "needs the Debian package iproute2");
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

    private static Tap open(String device, boolean persist, @Nullable String netns) {
        return Tap.open(new TapOptions("p", device, 1500, 1, true, persist, netns));
    }

    @Test
    void opensInTheNamespaceAndIsUp() throws Exception {
        try (Tap tap = open("t0", false)) {
            assertTrue(tap.isUp());
            assertThat(tap.offloads() & 0x07).as("checksum, TSO4 and TSO6").isEqualTo(0x07);
            ip("-n", namespace, "link", "set", "t0", "down");
            assertFalse(tap.isUp());
            assertEquals(Reason.PORT_DOWN, send(tap));
        }
    }

    private Reason send(Tap tap) {
        Packet packet = Objects.requireNonNull(pool.take());
        packet.length = 60;
        PortQueue queue = tap.queue(true);
        queue.transmit(new Packet[] {packet}, 0, 1);
        pool.release(packet);
        return packet.sent;
    }

    @Test
    void deletedDeviceIsDown() throws Exception {
        try (Tap tap = open("t0", true)) {
            assertEquals(Reason.FORWARDED, send(tap));
            ip("-n", namespace, "link", "delete", "t0");
            assertFalse(tap.isUp());
            assertEquals(Reason.PORT_DOWN, send(tap));
            assertEquals(0, tap.queue(true).receive(burst, pool));
        }
    }

    @Test
    void framesOfTheKernelArrive() throws Exception {
        try (Tap tap = open("t0", false)) {
            ip("-n", namespace, "address", "add", "10.0.0.1/24", "dev", "t0");
            ip("netns", "exec", namespace, "bash", "-c", "echo > /dev/udp/10.0.0.2/9");
            PortQueue queue = tap.queue(true);
            long end = System.nanoTime() + 10_000_000_000L;
            boolean arp = false;
            while (!arp && System.nanoTime() < end) {
                burst.clear();
                queue.receive(burst, pool);
                for (int i = 0; i < burst.count; i++) {
                    Packet packet = burst.packets[i];
                    arp |= Ethernet.type(packet.memory, packet.start) == Ethernet.ARP;
                    pool.release(packet);
                }
            }
            assertTrue(arp, "the kernel asks for its neighbor");
        }
        assertEquals(pool.size(), pool.available());
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
