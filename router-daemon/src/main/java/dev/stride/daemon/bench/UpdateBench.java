package dev.stride.daemon.bench;

import dev.stride.core.addr.IpPrefix;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// How fast the table changes: a full load in the order of daemons and files, by prefix, and in a
/// random one, then churn of random routes (withdraw, announce with another next hop, change back),
/// in the FIB alone and through the RIB as the control thread does it; also beside a thread that
/// looks up all the time, and what that thread loses: to a writer of its table, and to the same
/// writer of a table that it has nothing to do with, which is what two busy threads of this machine
/// take from each other anyway; and how long a cache line takes between two threads, which explains
/// most of it ([LineTransfer]).
public final class UpdateBench {
    /// Makes a route of some tables lead to a next hop, or nowhere with 0.
    private interface Change {
        void make(Tables tables, IpPrefix prefix, int nextHop);
    }

    private static final int RUNS = 5;
    private static final long RUN_NS = 1_000_000_000;
    private static final int TURNS = 300;
    private static final int WARM_UP = 60; // turns before those
    private static final long TURN_NS = RUN_NS / 60;
    private static final int SAMPLES = 3_000_000;

    private final BenchTable table;
    private final int[] inOrder;
    private final int[] anyOrder; // the table is shuffled
    private final float[] samples = new float[SAMPLES]; // microseconds
    private Tables tables = new Tables();
    private int sampled;
    private int next; // route to change

    public UpdateBench(BenchTable table) {
        this.table = table;
        this.inOrder = table.inOrder();
        this.anyOrder = IntStream.range(0, table.size()).toArray();
    }

    /// Measures; hands each row on as it is ready.
    public void run(Consumer<BenchRow> rows) throws InterruptedException {
        String fib = table.isFour() ? "fib4" : "fib6";
        measure(
                rows,
                "stride " + fib,
                (all, prefix, nextHop) -> Tables.set(all.fib4, all.fib6, prefix, nextHop));
        measure(rows, "stride rib and " + fib, Tables::change);
    }

    private void measure(Consumer<BenchRow> rows, String structure, Change change)
            throws InterruptedException {
        alone(rows, structure, change);
        double fresh = tables.megabytes();
        beside(rows, structure, change);
        rows.accept(BenchRow.of(structure, "load", "MB of lookup memory", fresh));
        rows.accept(BenchRow.of(structure, "churn", "MB of lookup memory", tables.megabytes()));
    }

    private void alone(Consumer<BenchRow> rows, String structure, Change change) {
        rows.accept(BenchRow.of(structure, "load", "seconds", loads(change, inOrder)));
        rows.accept(BenchRow.of(structure, "load", "seconds, any order", loads(change, anyOrder)));
        churn(tables, change, RUN_NS); // warms up
        sampled = 0;
        double[] speeds = new double[RUNS];
        for (int run = 0; run < RUNS; run++) {
            speeds[run] = churn(tables, change, RUN_NS);
        }
        rows.accept(BenchRow.of(structure, "churn", "updates", speeds));
        Arrays.sort(samples, 0, sampled);
        rows.accept(BenchRow.of(structure, "churn", "us, p50", samples[sampled / 2]));
        rows.accept(
                BenchRow.of(structure, "churn", "us, p99", samples[sampled - 1 - sampled / 100]));
        rows.accept(BenchRow.of(structure, "churn", "us, max", samples[sampled - 1]));
    }

    private double[] loads(Change change, int[] order) {
        double[] loads = new double[RUNS];
        for (int run = 0; run < RUNS; run++) {
            tables = new Tables();
            long start = System.nanoTime();
            load(tables, change, order);
            loads[run] = (System.nanoTime() - start) / 1e9;
        }
        return loads;
    }

    /// The reader alone and beside writers, in short turns: what else goes on in the machine meets
    /// all alike, and each turn is compared with the one just before.
    private void beside(Consumer<BenchRow> rows, String structure, Change change)
            throws InterruptedException {
        Tables others = new Tables();
        load(others, change, anyOrder);
        double[] quiet = new double[TURNS];
        double[] elsewhere = new double[TURNS];
        double[] here = new double[TURNS];
        double[] kept = new double[TURNS];
        double[] speeds = new double[TURNS];
        LookupLoop reader = new LookupLoop(table, tables);
        for (int turn = -WARM_UP; turn < TURNS; turn++) {
            int at = Math.max(0, turn);
            quiet[at] = meanwhile(reader, () -> LockSupport.parkNanos(TURN_NS));
            elsewhere[at] = meanwhile(reader, () -> churn(others, change, TURN_NS));
            here[at] = meanwhile(reader, () -> speeds[at] = churn(tables, change, TURN_NS));
            kept[at] = here[at] / Math.max(1, quiet[at]); // 0 where it had no CPU
        }
        double _ = reader.stop();
        double[] line = LineTransfer.nanoseconds();
        rows.accept(BenchRow.of(structure, "", "ns, a line to another thread", line));
        rows.accept(BenchRow.of(structure, "prefix", "lookups, writer idle", quiet));
        rows.accept(BenchRow.of(structure, "prefix", "lookups, writer elsewhere", elsewhere));
        rows.accept(BenchRow.of(structure, "prefix", "lookups, writer here", here));
        rows.accept(BenchRow.of(structure, "prefix", "lookups, writer here by idle", kept));
        rows.accept(BenchRow.of(structure, "churn", "updates, reader busy", speeds));
    }

    /// Million lookups a second of the reader's CPU time while the writer does something.
    private static double meanwhile(LookupLoop reader, Runnable writer) {
        long start = reader.busy();
        long before = reader.lookups();
        writer.run();
        return (reader.lookups() - before) * 1e3 / Math.max(1, reader.busy() - start);
    }

    private void load(Tables into, Change change, int[] order) {
        for (int i : order) {
            change.make(into, table.prefix(i), table.nextHop(i));
        }
    }

    /// Million changes a second, over so many nanoseconds. Routes come one after the other: they
    /// are shuffled, and what the bench itself would have to fetch from memory is no part of a
    /// change.
    private double churn(Tables of, Change change, long time) {
        long changes = 0;
        int i = next;
        int sample = sampled;
        long start = System.nanoTime();
        long now = start;
        while (now - start < time) {
            IpPrefix prefix = table.prefix(i);
            int nextHop = table.nextHop(i);
            i = i + 1 == table.size() ? 0 : i + 1;
            for (int step = 0; step < 3; step++) {
                change.make(of, prefix, step == 0 ? 0 : nextHop + 2 - step);
                long before = now;
                now = System.nanoTime();
                if (sample < SAMPLES) {
                    samples[sample++] = (now - before) / 1e3f;
                }
            }
            changes += 3;
        }
        next = i;
        sampled = sample;
        return changes * 1e3 / (now - start);
    }
}
