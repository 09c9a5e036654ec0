package dev.stride.daemon.bench;

import java.util.concurrent.atomic.AtomicInteger;

/// How long a cache line takes from one busy thread to another: what a reader waits for each line
/// that a writer changed. CPUs that share a cache of the last level take some 50 ns, others up to
/// five times that, and on a virtual machine it can be either from one minute to the next.
final class LineTransfer {
    private static final int RUNS = 5;
    private static final int TRIPS = 100; // to and fro, for each look at the clock
    private static final long RUN_NS = 20_000_000;

    private LineTransfer() {}

    /// Nanoseconds one way, of each run.
    static double[] nanoseconds() throws InterruptedException {
        AtomicInteger turn = new AtomicInteger(); // even: ours; negative: the end
        Thread other = Thread.ofPlatform().start(() -> answer(turn));
        double[] runs = new double[RUNS];
        for (int run = 0; run < RUNS; run++) {
            long start = System.nanoTime();
            long elapsed;
            int trips = 0;
            do {
                for (int i = 0; i < TRIPS; i++) {
                    turn.set(turn.get() + 1);
                    while ((turn.get() & 1) != 0) {
                        Thread.onSpinWait();
                    }
                }
                trips += TRIPS;
                elapsed = System.nanoTime() - start;
            } while (elapsed < RUN_NS);
            runs[run] = elapsed / (2.0 * trips);
        }
        turn.set(-1);
        other.join();
        return runs;
    }

    private static void answer(AtomicInteger turn) {
        for (int now = turn.get(); now >= 0; now = turn.get()) {
            if ((now & 1) != 0) {
                turn.set(now + 1);
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
