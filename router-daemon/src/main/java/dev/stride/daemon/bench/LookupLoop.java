package dev.stride.daemon.bench;

import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.fib.Quiescence;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/// A thread that looks up all the time, in bursts of a worker's size, as a worker does beside the
/// control thread.
final class LookupLoop {
    private static final int BURST = 64;
    private static final int ADDRESSES = 1 << 18;
    private static final int PAD = 32; // longs
    private static final int LOOKUPS = PAD; // the thread: rw, the owner: ro
    private static final int STOP = PAD + 1; // the owner: w, the thread: ro

    private final BenchTable table;
    private final Tables tables;
    private final Thread thread;
    private final long start = System.nanoTime();
    private final AtomicLongArray shared = new AtomicLongArray(2 * PAD + 2);

    /// Starts it.
    ///
    /// @param table whose prefixes it looks up, each as likely as the others
    LookupLoop(BenchTable table, Tables tables) {
        this.table = table;
        this.tables = tables;
        thread = Thread.ofPlatform().start(this::run);
    }

    /// How many it has made.
    long lookups() {
        return shared.get(LOOKUPS);
    }

    /// Nanoseconds that it has had a CPU.
    long busy() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    }

    /// Ends it; returns how many million lookups a second it made.
    double stop() throws InterruptedException {
        shared.set(STOP, 1);
        thread.join();
        return lookups() * 1e3 / (System.nanoTime() - start);
    }

    private void run() {
        long[] highs = new long[ADDRESSES];
        Draws draws = new Draws(99);
        Arrays.setAll(highs, i -> table.highOf(draws.below(table.size()), draws.next()));
        int[] fours = new int[ADDRESSES];
        Arrays.setAll(fours, i -> (int) (highs[i] >>> 32));
        long[] lows = new long[ADDRESSES];
        int[] out = new int[BURST];
        Fib4 fib4 = tables.fib4; // its owner counts changes beside it, in the same line
        Fib6 fib6 = tables.fib6;
        boolean isFour = table.isFour();
        AtomicLongArray counts = shared;
        try (Quiescence.Reader reader = tables.readers.reader("bench")) {
            reader.online();
            for (int i = 0; counts.get(STOP) == 0; i = (i + BURST) & (ADDRESSES - 1)) {
                if (isFour) {
                    fib4.lookup(fours, i, out, BURST);
                } else {
                    fib6.lookup(highs, lows, i, out, BURST);
                }
                reader.quiescent();
                counts.lazySet(LOOKUPS, counts.getPlain(LOOKUPS) + BURST);
            }
        }
    }
}
