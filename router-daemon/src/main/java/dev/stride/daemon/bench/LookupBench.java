package dev.stride.daemon.bench;

import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.fib.Quiescence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// How many lookups a second one thread makes, in bursts and one by one, over four traces. Every
/// address of every trace is looked up before and its answer compared with the right one, and one
/// answer of each burst once more while time runs.
public final class LookupBench {
    private static final int RUNS = 5;
    private static final long RUN_NS = 250_000_000;
    private static final int[] BURSTS = {32, 64, 256};

    private final Fib4 fib4 = new Fib4(new Quiescence());
    private final Fib6 fib6 = new Fib6(new Quiescence());
    private final boolean four;
    private final String structure;
    private final List<Trace> traces;

    /// @param directory with trace files and answers; null to make the traces from the table
    public LookupBench(BenchTable table, @Nullable Path directory) throws IOException {
        four = table.isFour();
        structure = four ? "stride fib4" : "stride fib6";
        for (int i = 0; i < table.size(); i++) {
            Tables.set(fib4, fib6, table.prefix(i), table.nextHop(i));
        }
        traces = directory == null ? Trace.make(table) : Trace.read(directory, four);
    }

    /// Measures; hands each row on as it is ready.
    ///
    /// @throws IllegalStateException at a wrong answer
    public void run(Consumer<BenchRow> rows) {
        for (Trace trace : traces) {
            for (int burst : BURSTS) {
                trace.check(fib4, fib6, burst);
                rows.accept(
                        four
                                ? row(trace, "burst " + burst, () -> trace.bursts(fib4, burst))
                                : row(trace, "burst " + burst, () -> trace.bursts(fib6, burst)));
            }
            rows.accept(
                    four
                            ? row(trace, "one by one", () -> trace.singles(fib4))
                            : row(trace, "one by one", () -> trace.singles(fib6)));
        }
        boolean vectors = four ? fib4.loadsByVectors() : fib6.loadsByVectors();
        rows.accept(BenchRow.of(structure, "", "loads by vectors (1: yes)", vectors ? 1 : 0));
        double bytes = four ? fib4.bytes() : fib6.bytes();
        rows.accept(BenchRow.of(structure, "", "MB of lookup memory", bytes / 1e6));
    }

    private BenchRow row(Trace trace, String mode, IntSupplier pass) {
        double[] runs = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            long lookups = 0;
            long elapsed;
            do {
                if (pass.getAsInt() != 0) {
                    throw new IllegalStateException(trace.name() + ": wrong answers, " + mode);
                }
                lookups += trace.length();
                elapsed = System.nanoTime() - start;
            } while (elapsed < RUN_NS);
            runs[i] = lookups * 1e3 / elapsed;
        }
        return BenchRow.of(structure, trace.name(), mode, runs);
    }
}
