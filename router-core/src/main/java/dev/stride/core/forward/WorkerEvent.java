package dev.stride.core.forward;

/// What a worker tells the control thread. Made on the slow path only.
public sealed interface WorkerEvent {
    /// Packets wait at this worker for a neighbor whose MAC address is not known.
    record NeighborWanted(int worker, int port, int address) implements WorkerEvent {}

    /// ARP told who has an address.
    ///
    /// @param asked whether it was sent to us, as a reply or with a request for our address;
    ///   otherwise it is an announcement, which may change an entry but make none
    record NeighborHeard(int port, int address, long mac, boolean asked) implements WorkerEvent {}

    /// Somebody else claims one of our addresses (RFC 5227).
    record AddressConflict(int port, int address, long mac) implements WorkerEvent {}

    /// Takes events from workers. Called on the data path: must not block, may refuse.
    interface Sink {
        /// Whether the event was taken.
        boolean offer(WorkerEvent event);
    }
}
