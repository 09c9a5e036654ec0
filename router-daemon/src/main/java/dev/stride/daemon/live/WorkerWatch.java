package dev.stride.daemon.live;

import dev.stride.io.worker.Worker;
import dev.stride.io.worker.WorkerStats;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Looks at the workers once a second: how busy each was, and whether each still goes round. The
/// control thread looks; any thread reads what was seen.
public final class WorkerWatch {
    /// A worker wakes up twice a second with nothing to do; seen so often without a round it hangs.
    /// Counted in looks, not in time: a process that was stopped as a whole is not a hanging
    /// worker.
    private static final int PATIENCE = 5;

    private static final System.Logger LOG = System.getLogger("control");
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    /// What can be seen of a worker from outside.
    ///
    /// @param rounds of its loop so far
    /// @param busyNanos spent on packets so far
    record Watched(String name, LongSupplier rounds, LongSupplier busyNanos) {
        static Watched of(Worker worker) {
            WorkerStats stats = worker.stats();
            return new Watched("worker-" + worker.index(), stats::rounds, stats::busyNanos);
        }
    }

    private static final class Seen {
        final Watched worker;
        long rounds; // control: rw
        long busyNanos; // control: rw
        int looksWithoutRound; // control: rw
        volatile double busyRatio; // control: w, others: ro
        volatile boolean alive = true; // control: w, others: ro

        Seen(Watched worker) {
            this.worker = worker;
        }
    }

    private final List<Seen> workers;
    private long lastLook;

    WorkerWatch(List<Watched> workers, long now) {
        this.workers = workers.stream().map(Seen::new).toList();
        lastLook = now;
    }

    /// Looks when a second has passed, and says whether it did. The control thread only.
    boolean look(long now) {
        long passed = now - lastLook;
        if (passed < PERIOD) {
            return false;
        }
        lastLook = now;
        for (Seen seen : workers) {
            long busy = seen.worker.busyNanos().getAsLong();
            seen.busyRatio = Math.min(1, (double) (busy - seen.busyNanos) / passed);
            seen.busyNanos = busy;
            checkRounds(seen);
        }
        return true;
    }

    private static void checkRounds(Seen seen) {
        long rounds = seen.worker.rounds().getAsLong();
        boolean moves = rounds != seen.rounds || rounds == 0; // 0: it has not begun
        seen.rounds = rounds;
        seen.looksWithoutRound = moves ? 0 : seen.looksWithoutRound + 1;
        boolean alive = seen.looksWithoutRound < PATIENCE;
        if (alive != seen.alive) {
            seen.alive = alive;
            System.Logger.Level level =
                    alive ? System.Logger.Level.INFO : System.Logger.Level.ERROR;
            LOG.log(level, "{0} {1}", seen.worker.name(), alive ? "moves again" : "hangs");
        }
    }

    /// The share of the last second that a worker spent on packets, 0 to 1.
    public double busyRatio(int worker) {
        return workers.get(worker).busyRatio;
    }

    /// Whether every worker goes round.
    public boolean isAlive() {
        return workers.stream().allMatch(seen -> seen.alive);
    }
}
