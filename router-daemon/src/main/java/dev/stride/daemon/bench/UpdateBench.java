package dev.stride.daemon.bench;

import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Quiescence;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// How fast the table changes: a full load, then churn of random routes (withdraw, announce with
/// another next hop, change back), alone and beside a thread that looks up all the time; and what
/// that thread loses.
public final class UpdateBench {
    private static final int RUNS = 3;
    private static final long RUN_NS = 1_000_000_000;
    private static final int SAMPLES = 3_000_000;

    private final BenchTable table;
    private final Quiescence readers = new Quiescence();
    private final Draws draws = new Draws(4_711);
    private final float[] samples = new float[SAMPLES]; // microseconds
    private Fib4 fib = new Fib4(readers);
    private int sampled;
    private volatile boolean stop; // this thread: w, the reader: ro
    private volatile double readerSpeed; // the reader: w, this thread: ro

    public UpdateBench(BenchTable table) {
        this.table = table;
    }

    /// Measures; hands each row on as it is ready.
    public void run(Consumer<BenchRow> rows) throws InterruptedException {
        double[] loads = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            fib = new Fib4(readers);
            long start = System.nanoTime();
            table.load(fib);
            loads[i] = table.size() * 1e3 / (System.nanoTime() - start);
        }
        rows.accept(BenchRow.of("load", "updates", loads));
        double fresh = fib.bytes() / 1e6;
        churnRuns(rows, "churn");
        double[] quiet = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            quiet[i] = beside(() -> sleepRun());
        }
        rows.accept(BenchRow.of("uniform", "lookups, no writer", quiet));
        double[] busy = new double[RUNS];
        double[] speeds = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            int run = i;
            busy[i] = beside(() -> speeds[run] = churn());
        }
        rows.accept(BenchRow.of("uniform", "lookups, writer busy", busy));
        rows.accept(BenchRow.of("churn", "updates, reader busy", speeds));
        rows.accept(BenchRow.of("load", "MB of lookup memory", fresh));
        rows.accept(BenchRow.of("churn", "MB of lookup memory", fib.bytes() / 1e6));
    }

    private void churnRuns(Consumer<BenchRow> rows, String trace) {
        churn(); // warms up
        sampled = 0;
        double[] speeds = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            speeds[i] = churn();
        }
        rows.accept(BenchRow.of(trace, "updates", speeds));
        Arrays.sort(samples, 0, sampled);
        rows.accept(BenchRow.of(trace, "us, p50", samples[sampled / 2]));
        rows.accept(BenchRow.of(trace, "us, p99", samples[sampled - 1 - sampled / 100]));
        rows.accept(BenchRow.of(trace, "us, max", samples[sampled - 1]));
    }

    /// Million changes a second, over a second.
    private double churn() {
        long changes = 0;
        long start = System.nanoTime();
        long now = start;
        while (now - start < RUN_NS) {
            int i = draws.below(table.size());
            int bits = table.bits[i];
            int length = table.lengths[i];
            fib.remove(bits, length);
            now = sample(now);
            fib.put(bits, length, table.nextHops[i] + 1);
            now = sample(now);
            fib.put(bits, length, table.nextHops[i]);
            now = sample(now);
            changes += 3;
        }
        return changes * 1e3 / (now - start);
    }

    private long sample(long before) {
        long now = System.nanoTime();
        if (sampled < SAMPLES) {
            samples[sampled++] = (now - before) / 1e3f;
        }
        return now;
    }

    private static void sleepRun() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < RUN_NS) {
            LockSupport.parkNanos(RUN_NS / 10);
        }
    }

    /// Million lookups a second of a thread that looks up while `writer` runs.
    private double beside(Runnable writer) throws InterruptedException {
        stop = false;
        Thread reader = Thread.ofPlatform().start(this::read);
        writer.run();
        stop = true;
        reader.join();
        return readerSpeed;
    }

    private void read() {
        int burst = 64;
        int[] addresses = new int[1 << 18];
        Draws own = new Draws(99);
        Arrays.setAll(addresses, i -> (int) (own.next() >>> 13));
        int[] in = new int[burst];
        int[] out = new int[burst];
        long lookups = 0;
        long start = System.nanoTime();
        try (Quiescence.Reader reader = readers.reader("bench")) {
            reader.online();
            for (int i = 0; !stop; i = (i + burst) & (addresses.length - 1)) {
                System.arraycopy(addresses, i, in, 0, burst);
                fib.lookup(in, out, burst);
                reader.quiescent();
                lookups += burst;
            }
        }
        readerSpeed = lookups * 1e3 / (System.nanoTime() - start);
    }
}
