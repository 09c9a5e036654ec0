package dev.stride.daemon.live;

import dev.stride.daemon.config.PortConfig;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortQueue;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// A port of the running router.
///
/// @param index its number on the data path
/// @param queues by worker
/// @param enabled whether it is not switched off by command
/// @param missed as [Port#missed] was of late; the control thread: w, others: ro
public record LivePort(
        int index,
        PortConfig config,
        Port port,
        List<PortQueue> queues,
        boolean enabled,
        AtomicLong missed) {
    public LivePort {
        queues = List.copyOf(queues);
    }

    /// The same, switched on or off.
    LivePort with(boolean nowEnabled) {
        return new LivePort(index, config, port, queues, nowEnabled, missed);
    }

    /// The same with other settings that need no other device.
    LivePort with(PortConfig now) {
        return new LivePort(index, now, port, queues, enabled, missed);
    }

    /// Whether a worker has a queue of the port: its first is with the worker of its index.
    public static boolean receives(PortConfig config, int index, int worker, int workers) {
        return Math.floorMod(worker - index, workers) < config.queues();
    }
}
