package dev.stride.io.worker;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.stats.Reason;
import dev.stride.io.port.PortQueue;

/// What the control thread asks of a worker.
public sealed interface WorkerCommand {
    /// Take a port on.
    ///
    /// @param receives whether to take frames from it, too
    /// @param done runs on the worker's thread afterwards
    record Attach(int port, PortQueue queue, boolean offloads, boolean receives, Runnable done)
            implements WorkerCommand {}

    /// Use a port no longer.
    ///
    /// @param forget its counters, too, and close the queue: it does not come back
    /// @param done runs on the worker's thread afterwards
    record Detach(int port, boolean forget, Runnable done) implements WorkerCommand {}

    /// Other limits and another way to idle from now on.
    record Tune(SlowPath.Limits limits, IdlePolicy idle) implements WorkerCommand {}

    /// Send what waits for this neighbor.
    record Resolved(Adjacency adjacency) implements WorkerCommand {}

    /// Drop what waits for this neighbor.
    record Failed(int port, IpAddress address, Reason reason) implements WorkerCommand {}

    /// Send a frame of the control thread's making.
    ///
    /// @param frame from the Ethernet header on; not to be changed any more
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    record Send(int port, byte[] frame) implements WorkerCommand {}
}
