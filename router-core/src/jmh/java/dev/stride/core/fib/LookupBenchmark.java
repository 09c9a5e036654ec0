package dev.stride.core.fib;

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

/// Nanoseconds a lookup, in tables of half a million random prefixes of 16 to 24 bits, and of 16 to
/// 48: nearer to the worst case than the Internet's table, for which there is `stride bench`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LookupBenchmark {
    private static final int ROUTES = 500_000;
    private static final int TRACE = 1 << 18;
    private static final int BATCH = 1 << 12;

    @Param({"32", "64", "256"})
    private int burst;

    private final Fib4 fib4 = new Fib4(new Quiescence());
    private final Fib6 fib6 = new Fib6(new Quiescence());
    private final int[] fours = new int[TRACE];
    private final long[] highs = new long[TRACE];
    private final long[] lows = new long[TRACE];
    private int[] in = {};
    private int[] out = {};
    private int at;

    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < ROUTES; i++) {
            fib4.put(random.nextInt(), random.nextInt(16, 25), 1 + random.nextInt(250));
            long high = 0x2000_0000_0000_0000L | random.nextLong() >>> 20 << 17;
            fib6.put(high, 0, random.nextInt(16, 49), 1 + random.nextInt(250));
        }
        for (int i = 0; i < TRACE; i++) {
            fours[i] = random.nextInt();
            highs[i] = 0x2000_0000_0000_0000L | random.nextLong() >>> 20 << 17;
        }
        in = new int[burst];
        out = new int[burst];
    }

    private int next() {
        at = (at + BATCH) & TRACE - 1;
        return at;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int ipv4Burst() {
        int from = next();
        for (int i = from; i < from + BATCH; i += burst) {
            System.arraycopy(fours, i, in, 0, burst);
            fib4.lookup(in, 0, out, burst);
        }
        return out[0];
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int ipv4Single() {
        int from = next();
        int sum = 0;
        for (int i = from; i < from + BATCH; i++) {
            sum += fib4.lookup(fours[i]);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int ipv6Burst() {
        int from = next();
        for (int i = from; i < from + BATCH; i += burst) {
            fib6.lookup(highs, lows, i, out, burst);
        }
        return out[0];
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int ipv6Single() {
        int from = next();
        int sum = 0;
        for (int i = from; i < from + BATCH; i++) {
            sum += fib6.lookup(highs[i], lows[i]);
        }
        return sum;
    }
}
