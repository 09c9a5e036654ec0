package dev.stride.io.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.io.port.MemoryPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// Rounds of a worker by a clock of the test's own.
class WorkerRoundTest {
    private static final long MAC = 0x02005e100001L;
    private static final long SECOND = 1_000_000_000L;

    /// What is due is sent although no frame comes.
    @Test
    void errorAboutLateFragmentsLeavesAnIdleWorker() {
        Quiescence quiescence = new Quiescence();
        ForwardingState state = new ForwardingState(quiescence);
        Adjacency host = Adjacency.neighbor(0, Ip4Address.parse("10.1.0.2"));
        host.resolve(new Rewrite(0x020000000102L, MAC));
        state.nextHops.set(1, new NextHop(host));
        state.main.fib4.put(0x0a010000, 24, 1);
        state.publishPorts(new PortState[] {WorkerTest.port(state, 0, "10.1.0.1")});
        MemoryPort port = new MemoryPort("port", firstFragment());
        SlowPath.Limits limits = new SlowPath.Limits(10, 10, 10, 10, 10, 10, 4, 4);
        Worker worker =
                new Worker(0, state, quiescence, event -> true, limits, IdlePolicy.BUSY, bug -> {});
        worker.attach(0, port.queue(true), true, true);
        port.offer(1);

        assertEquals(1, worker.round(SECOND));
        assertEquals(0, worker.round(60 * SECOND));
        assertEquals(0, port.sent());
        assertEquals(1, worker.round(61 * SECOND));
        assertEquals(1, port.sent());
        assertEquals(1, worker.counters(0).endings(Reason.FRAGMENT_TIMEOUT));
        assertEquals(1, worker.counters(0).get(PortCounters.ORIGINATED));
    }

    private static MemorySegment firstFragment() {
        MemorySegment m = Arena.ofAuto().allocate(14 + 20 + 8);
        Ethernet.write(m, 0, MAC, 0x020000000102L, Ethernet.IPV4);
        Ipv4.write(m, 14, 0, 28, 1, Ipv4.MF, 64, Ipv4.UDP, 0x0a010002, 0x0a010001);
        return m;
    }
}
