package dev.stride.io.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.io.port.MemoryPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A worker on its own thread between two ports in memory.
class WorkerTest {
    private static final long MAC = 0x02005e100001L;
    private static final int MILLION = 1_000_000;

    private final Quiescence quiescence = new Quiescence();
    private final ForwardingState state = new ForwardingState(quiescence);
    private final MemoryPort in = new MemoryPort("in", frame());
    private final MemoryPort out = new MemoryPort("out", frame());
    private static final Ip4Address NEXT = Ip4Address.parse("10.2.0.2");
    private final Adjacency next = Adjacency.neighbor(1, NEXT);
    private final Queue<BugReport> reports = new ConcurrentLinkedQueue<>();
    private Worker worker;
    private Thread thread;

    WorkerTest() {
        state.publishPorts(
                new PortState[] {port(state, 0, "10.1.0.1"), port(state, 1, "10.2.0.1")});
        state.nextHops.set(1, new NextHop(next));
        state.main.fib4.put(0x0a020000, 16, 1);
        worker = worker(new IdlePolicy(50_000, 0));
        thread = new Thread(worker, "worker-test");
    }

    private Worker worker(IdlePolicy idle) {
        Worker made =
                new Worker(
                        0,
                        state,
                        quiescence,
                        event -> true,
                        new SlowPath.Limits(10, 10, 10, 10, 10, 10, 4, 4),
                        idle,
                        reports::add);
        made.attach(0, in.queue(true), true, true);
        made.attach(1, out.queue(false), true, false);
        return made;
    }

    static PortState port(ForwardingState state, int index, String address) {
        PortState.Address own = new PortState.Address(Ip4Address.parse(address).bits(), 24);
        return new PortState(index, "p" + index, state.main, MAC + index, 1500, true, List.of(own));
    }

    private static MemorySegment frame() {
        MemorySegment m = Arena.ofAuto().allocate(60);
        Ethernet.write(m, 0, MAC, 0x020000000102L, Ethernet.IPV4);
        Ipv4.write(m, 14, 0, 46, 1, Ipv4.DF, 64, Ipv4.UDP, 0x0a010002, 0x0a020002);
        return m;
    }

    @BeforeEach
    void start() {
        thread.start();
    }

    /// A worker that never sleeps: going to sleep is so rare here that it stays interpreted, and
    /// that allocates.
    private void restartBusy() throws InterruptedException {
        stop();
        worker = worker(IdlePolicy.BUSY);
        thread = new Thread(worker, "worker-test");
        start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        worker.stop();
        thread.join();
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.onSpinWait();
        }
    }

    private void forward(int packets) {
        long target = out.sent() + packets;
        in.offer(packets);
        await("forwarded", () -> out.sent() == target);
    }

    @Test
    void millionPacketsAllocateNothingOnTheWorkersThread() throws InterruptedException {
        restartBusy();
        next.resolve(new Rewrite(0x020000000202L, MAC + 1));
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = thread.threadId();
        long allocated = -1;
        for (int round = 0; round < 50 && allocated != 0; round++) { // until the compilers are done
            long before = threads.getThreadAllocatedBytes(id);
            forward(MILLION);
            allocated = threads.getThreadAllocatedBytes(id) - before;
        }
        assertEquals(0, allocated);
        assertThat(worker.counters(0).endings(Reason.FORWARDED))
                .isEqualTo(worker.counters(0).get(PortCounters.RECEIVED))
                .isEqualTo(worker.counters(1).get(PortCounters.TRANSMITTED));
    }

    @Test
    void sleepingWorkerWakesForACommandAndSendsWhatWaited() {
        in.offer(3);
        await("held", () -> worker.counters(0).get(PortCounters.RECEIVED) == 3);
        assertEquals(0, out.sent());

        next.resolve(new Rewrite(0x020000000202L, MAC + 1));
        worker.post(new WorkerCommand.Resolved(next));

        await("sent", () -> out.sent() == 3);
    }

    @Test
    void whatNobodyAnsweredForIsDropped() {
        in.offer(3);
        await("held", () -> worker.counters(0).get(PortCounters.RECEIVED) == 3);
        worker.post(new WorkerCommand.Failed(1, NEXT, Reason.NEIGHBOR_UNRESOLVED));

        await("dropped", () -> worker.counters(0).endings(Reason.NEIGHBOR_UNRESOLVED) == 3);
    }

    /// Some packets meet a bug while others of the burst wait for their neighbor or go out.
    @Test
    void aBugCostsItsPacketsAndNotTheWorker() {
        int[] seen = {0};
        state.pfil.register(
                "bug",
                packet -> {
                    if (seen[0]++ % 20 == 10) {
                        throw new IllegalStateException("a bug, for the test");
                    }
                    return Verdict.PASS;
                });
        state.pfil.link(state.pfil.input4(), "bug", Pfil.Place.WIRE);
        in.offer(1000);
        PortCounters counters = worker.counters(0);
        await("received", () -> counters.get(PortCounters.RECEIVED) == 1000);
        worker.post(
                new WorkerCommand.Failed(1, NEXT, Reason.NEIGHBOR_UNRESOLVED)); // what waits ends
        await(
                "all ended",
                () -> {
                    long ended = 0;
                    for (Reason reason : Reason.values()) {
                        ended += counters.endings(reason);
                    }
                    return ended == 1000;
                });
        assertThat(counters.endings(Reason.INTERNAL)).isBetween(1L, 500L);
        assertThat(reports).hasSize(1); // and not one for each packet
        assertThat(reports.element().port()).isZero();
        assertThat(reports.element().frame()).isEqualTo(frame().toArray(ValueLayout.JAVA_BYTE));
        assertThat(reports.element().bug()).hasMessage("a bug, for the test");
        next.resolve(new Rewrite(0x020000000202L, MAC + 1));
        long before = out.sent();
        in.offer(100);
        await("still there", () -> out.sent() > before);
    }

    /// A quiescent point each round, asleep or not: the writer never waits for long.
    @Test
    void idleWorkerHoldsNoGracePeriodUp() {
        long mark = quiescence.mark();
        quiescence.advance();

        await("grace period", () -> quiescence.passed() >= mark);
    }
}
