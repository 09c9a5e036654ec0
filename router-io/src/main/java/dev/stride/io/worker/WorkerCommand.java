package dev.stride.io.worker;

import dev.stride.core.adjacency.Adjacency;

/// What the control thread asks of a worker.
public sealed interface WorkerCommand {
    /// Send what waits for this neighbor.
    record Resolved(Adjacency adjacency) implements WorkerCommand {}

    /// Drop what waits for this neighbor.
    record Failed(int port, int address) implements WorkerCommand {}

    /// Send an ARP packet.
    ///
    /// @param sender our address, or 0 in a probe
    /// @param targetMac where to send it, in the lower 48 bits
    record SendArp(int port, int operation, int sender, long targetMac, int target)
            implements WorkerCommand {}
}
