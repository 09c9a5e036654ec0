package dev.stride.daemon.bench;

import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Quiescence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How many lookups a second one thread makes, in bursts and one by one, over four traces. Every
/// address of every trace is looked up once before and compared with the right answer.
public final class LookupBench {
    private static final int RUNS = 5;
    private static final long RUN_NS = 250_000_000;
    private static final int[] BURSTS = {32, 64, 256};

    private final Fib4 fib = new Fib4(new Quiescence());
    private final List<Trace> traces;

    /// @param directory with trace files and answers; null to make the traces from the table
    public LookupBench(BenchTable table, @Nullable Path directory) throws IOException {
        table.load(fib);
        traces = directory == null ? Trace.make(table, fib) : Trace.read(directory);
    }

    /// The bytes that the lookups reach.
    public long bytes() {
        return fib.bytes();
    }

    /// Measures; hands each row on as it is ready.
    ///
    /// @throws IllegalStateException at a wrong answer
    public void run(Consumer<BenchRow> rows) {
        for (Trace trace : traces) {
            for (int burst : BURSTS) {
                check(trace, burst);
                rows.accept(row(trace, "burst " + burst, () -> bursts(trace.addresses(), burst)));
            }
            rows.accept(row(trace, "one by one", () -> singles(trace.addresses())));
        }
    }

    private BenchRow row(Trace trace, String mode, LongSupplier pass) {
        double[] runs = new double[RUNS];
        long right = pass.getAsLong();
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            long lookups = 0;
            long elapsed;
            do {
                if (pass.getAsLong() != right) { // also keeps the compiler from leaving lookups out
                    throw new IllegalStateException(trace.name() + ": answers changed");
                }
                lookups += trace.addresses().length;
                elapsed = System.nanoTime() - start;
            } while (elapsed < RUN_NS);
            runs[i] = lookups * 1e3 / elapsed;
        }
        return BenchRow.of(trace.name(), mode, runs);
    }

    private long bursts(int[] addresses, int burst) {
        long sum = 0;
        int[] in = new int[burst];
        int[] out = new int[burst];
        for (int i = 0; i + burst <= addresses.length; i += burst) {
            System.arraycopy(addresses, i, in, 0, burst);
            fib.lookup(in, out, burst);
            for (int answer : out) {
                sum += answer;
            }
        }
        return sum;
    }

    private long singles(int[] addresses) {
        long sum = 0;
        for (int address : addresses) {
            sum += fib.lookup(address);
        }
        return sum;
    }

    private void check(Trace trace, int burst) {
        int[] in = new int[burst];
        int[] out = new int[burst];
        for (int i = 0; i + burst <= trace.addresses().length; i += burst) {
            System.arraycopy(trace.addresses(), i, in, 0, burst);
            fib.lookup(in, out, burst);
            for (int j = 0; j < burst; j++) {
                int right = trace.nextHops()[i + j];
                if (out[j] != right || fib.lookup(in[j]) != right) {
                    throw new IllegalStateException(
                            trace.name()
                                    + ", address "
                                    + (i + j)
                                    + ": "
                                    + out[j]
                                    + ", not "
                                    + right);
                }
            }
        }
    }
}
