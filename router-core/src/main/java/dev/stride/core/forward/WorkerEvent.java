package dev.stride.core.forward;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.adjacency.Evidence;

/// What a worker tells the control thread. Made on the slow path only.
public sealed interface WorkerEvent {
    /// Packets wait at this worker for a neighbor whose MAC address is not known.
    record NeighborWanted(int worker, int port, IpAddress address) implements WorkerEvent {}

    /// ARP or neighbor discovery told who has an address.
    record NeighborHeard(int port, IpAddress address, long mac, Evidence evidence)
            implements WorkerEvent {}

    /// Somebody else claims one of our addresses (RFC 5227, RFC 4862 section 5.4).
    record AddressConflict(int port, IpAddress address, long mac) implements WorkerEvent {}

    /// A host asks for a router advertisement (RFC 4861 section 6.2.6).
    record RouterSolicited(int port) implements WorkerEvent {}

    /// A router asks which multicast groups have listeners here (RFC 3810 section 6.2).
    record ListenersQueried(int port) implements WorkerEvent {}

    /// Takes events from workers. Called on the data path: must not block, may refuse.
    interface Sink {
        /// Whether the event was taken.
        boolean offer(WorkerEvent event);
    }
}
