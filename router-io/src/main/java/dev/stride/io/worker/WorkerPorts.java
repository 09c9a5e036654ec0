package dev.stride.io.worker;

import dev.stride.core.forward.ForwardingState;
import dev.stride.core.stats.PortCounters;
import dev.stride.io.companion.CompanionQueue;
import dev.stride.io.port.PortQueue;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The ports of one worker by their index: it sends to every one, and receives from some. Belongs
/// to the worker's thread but where it says otherwise.
final class WorkerPorts {
    private static final int MAX = ForwardingState.MAX_PORTS;

    private final @Nullable PortQueue[] queues = new PortQueue[MAX];
    private final @Nullable PortQueue[] parked = new PortQueue[MAX]; // of ports that are off
    private final int[] companionOf = new int[MAX]; // -1 where it is a port
    private final boolean[] takesOffloads = new boolean[MAX];
    private final AtomicReferenceArray<@Nullable PortCounters> counters =
            new AtomicReferenceArray<>(MAX); // worker: rw, others: ro
    private volatile int[] receivers = {}; // worker: rw, others: ro

    WorkerPorts() {
        Arrays.fill(companionOf, -1);
    }

    void attach(int port, PortQueue queue, boolean offloads, boolean receives) {
        if (counters.get(port) == null) {
            counters.set(port, new PortCounters());
        }
        queues[port] = queue;
        parked[port] = null;
        if (queue instanceof CompanionQueue companion) {
            companionOf[port] = companion.port();
        }
        takesOffloads[port] = offloads;
        if (receives) {
            receivers = IntStream.concat(IntStream.of(receivers), IntStream.of(port)).toArray();
        }
    }

    /// @param forget whether the port goes, and is not only off
    void detach(int port, boolean forget) {
        PortQueue held = queues[port] == null ? parked[port] : queues[port];
        if (forget && held != null) {
            held.close(); // on this thread, which its ring belongs to
        }
        parked[port] = forget ? null : held;
        queues[port] = null;
        companionOf[port] = -1;
        receivers = IntStream.of(receivers).filter(other -> other != port).toArray();
        if (forget) {
            counters.set(port, null);
        }
    }

    /// Closes all queues.
    void close() {
        for (int port = 0; port < MAX; port++) {
            queue(port).close();
            PortQueue off = parked[port];
            if (off != null) {
                off.close();
            }
        }
    }

    /// The queue of a port; [PortQueue#NONE] where there is none, or it is off.
    PortQueue queue(int port) {
        PortQueue queue = queues[port];
        return queue == null ? PortQueue.NONE : queue;
    }

    boolean takesOffloads(int port) {
        return takesOffloads[port];
    }

    /// The port whose companion this is, or -1 where it is a port itself.
    int companionOf(int port) {
        return companionOf[port];
    }

    /// Ports that it receives from; not to be changed. Any thread.
    int[] receivers() {
        return receivers;
    }

    /// Whether a port is there, on or off.
    boolean has(int port) {
        return counters.get(port) != null;
    }

    /// The counters of a port that is there. Any thread may read them.
    PortCounters counters(int port) {
        return Objects.requireNonNull(counters.get(port));
    }
}
