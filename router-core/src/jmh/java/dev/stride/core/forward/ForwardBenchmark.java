package dev.stride.core.forward;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Nanoseconds a packet from check to output, in bursts of 64 with 60-byte frames, with half a
/// million routes, random destinations and some hooks that let everything pass. No port: this is the
/// router's own work.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ForwardBenchmark {
    private static final int ROUTES = 500_000;
    private static final int TRACE = 1 << 16;

    @Param({"0", "1", "8"})
    private int hooks;

    private final TestRouter router = new TestRouter(1500);
    private final Burst burst = new Burst(Burst.SIZE);
    private final int[] destinations = new int[TRACE];
    private final byte[] frame = Frame.udp("10.1.0.2", "20.0.0.1", 64, 18);
    private int at;

    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < ROUTES; i++) {
            int bits = random.nextInt(20 << 24, 100 << 24);
            router.state.main.fib4.put(bits, random.nextInt(16, 25), 4); // the host on port 1
        }
        router.state.main.fib4.put(0, 0, 4);
        for (int i = 0; i < TRACE; i++) {
            destinations[i] = random.nextInt(20 << 24, 100 << 24);
        }
        for (int i = 0; i < hooks; i++) {
            Pfil pfil = router.state.pfil;
            pfil.register("pass-" + i, packet -> Verdict.PASS);
            pfil.link(pfil.input4(), "pass-" + i, Pfil.Place.ROUTER);
        }
    }

    @Benchmark
    @OperationsPerInvocation(Burst.SIZE)
    public int burst() {
        burst.clear();
        for (int i = 0; i < Burst.SIZE; i++) {
            Packet packet = router.pool.take();
            assert packet != null;
            arrive(packet);
            burst.add(packet);
        }
        router.forwarder.forward(burst);
        Burst queue = router.output.queue(1);
        int sent = queue.count;
        for (int i = 0; i < sent; i++) {
            router.output.transmitted(queue.packets[i], Reason.FORWARDED);
        }
        queue.clear();
        if (sent != Burst.SIZE) {
            throw new AssertionError(sent + " packets of a burst were sent");
        }
        return sent;
    }

    /// Writes a frame as a port does: the part that is no work of the router is one copy.
    private void arrive(Packet packet) {
        MemorySegment.copy(
                frame,
                0,
                packet.memory,
                ValueLayout.JAVA_BYTE,
                packet.start,
                frame.length);
        packet.length = frame.length;
        packet.inPort = 0;
        long ip = packet.start + 14;
        at = (at + 1) & TRACE - 1;
        Bytes.put32(packet.memory, ip + 16, destinations[at]);
        Bytes.put16(packet.memory, ip + 10, 0);
        Bytes.put16(packet.memory, ip + 10, Checksum.of(packet.memory, ip, 20));
    }
}
