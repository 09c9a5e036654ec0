package dev.stride.daemon;

import dev.stride.io.worker.Worker;
import dev.stride.io.worker.WorkerStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Looks at the workers once a second: how busy each was, and whether each still goes round. The
/// control thread looks; any thread reads what was seen.
final class WorkerWatch {
    /// A worker wakes up twice a second with nothing to do; seen so often without a round it hangs.
    /// Counted in looks, not in time: a process that was stopped as a whole is not a hanging
    /// worker.
    private static final int PATIENCE = 5;

    private static final System.Logger LOG = System.getLogger("control");
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    private static final class Seen {
        final String name;
        final WorkerStats stats;
        long rounds; // control: rw
        long busyNanos; // control: rw
        int looksWithoutRound; // control: rw
        volatile double busyRatio; // control: w, others: ro
        volatile boolean alive = true; // control: w, others: ro

        Seen(String name, WorkerStats stats) {
            this.name = name;
            this.stats = stats;
        }
    }

    private final List<Seen> workers = new ArrayList<>();
    private long lastLook;

    WorkerWatch(List<Worker> workers) {
        for (Worker worker : workers) {
            this.workers.add(new Seen("worker-" + worker.index(), worker.stats()));
        }
        lastLook = System.nanoTime();
    }

    /// Looks when a second has passed, and says whether it did. The control thread only.
    boolean look(long now) {
        long passed = now - lastLook;
        if (passed < PERIOD) {
            return false;
        }
        lastLook = now;
        for (Seen worker : workers) {
            long busy = worker.stats.busyNanos();
            worker.busyRatio = Math.min(1, (double) (busy - worker.busyNanos) / passed);
            worker.busyNanos = busy;
            checkRounds(worker);
        }
        return true;
    }

    private static void checkRounds(Seen worker) {
        long rounds = worker.stats.rounds();
        boolean moves = rounds != worker.rounds || rounds == 0; // 0: it has not begun
        worker.rounds = rounds;
        worker.looksWithoutRound = moves ? 0 : worker.looksWithoutRound + 1;
        boolean alive = worker.looksWithoutRound < PATIENCE;
        if (alive != worker.alive) {
            worker.alive = alive;
            System.Logger.Level level =
                    alive ? System.Logger.Level.INFO : System.Logger.Level.ERROR;
            LOG.log(level, "{0} {1}", worker.name, alive ? "moves again" : "hangs");
        }
    }

    /// The share of the last second that a worker spent on packets, 0 to 1.
    double busyRatio(int worker) {
        return workers.get(worker).busyRatio;
    }

    /// Whether every worker goes round.
    boolean isAlive() {
        return workers.stream().allMatch(worker -> worker.alive);
    }
}
