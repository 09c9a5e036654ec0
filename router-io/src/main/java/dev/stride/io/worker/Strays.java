package dev.stride.io.worker;

import dev.stride.core.forward.FragmentHandover;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// Fragments on their way to the workers that put their datagrams together. All workers share it.
public final class Strays {
    /// Fragments that may wait for a worker.
    private static final int WAITING = 256;

    /// A fragment.
    ///
    /// @param port that it came by
    /// @param frame from the Ethernet header on
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    record Stray(int port, byte[] frame) {}

    private final List<Queue<Stray>> queues;
    private final List<Worker> workers;

    private Strays(List<Worker> workers) {
        this.workers = List.copyOf(workers);
        this.queues =
                Stream.<Queue<Stray>>generate(() -> new MpscAtomicArrayQueue<>(WAITING))
                        .limit(workers.size())
                        .toList();
    }

    /// Makes workers put datagrams together that come in parts to several of them. Before they run.
    public static void share(List<Worker> workers) {
        if (workers.size() > 1) {
            Strays strays = new Strays(workers);
            workers.forEach(worker -> worker.share(strays));
        }
    }

    /// For one of the workers to hand over by.
    FragmentHandover handover() {
        return new FragmentHandover() {
            @Override
            public int workers() {
                return workers.size();
            }

            @Override
            public boolean hand(int worker, int port, byte[] frame) {
                boolean taken = queues.get(worker).offer(new Stray(port, frame));
                workers.get(worker).wake();
                return taken;
            }
        };
    }

    /// The next one for a worker, or null.
    @Nullable Stray next(int worker) {
        return queues.get(worker).poll();
    }

    boolean isEmpty(int worker) {
        return queues.get(worker).isEmpty();
    }
}
