package dev.stride.core.forward;

import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Packets whose route leads to another routing table. Belongs to its worker.
///
/// They are looked up there once more and no further: a route there that leads to a table counts as
/// none, so that tables that lead to each other end no worker in a circle. What the router says
/// about such a packet goes by the table that it came by, as does what answers it.
final class RouteLeaks {
    private final ForwardingState state;
    private final SlowPath slow;

    RouteLeaks(ForwardingState state, SlowPath slow) {
        this.state = state;
        this.slow = slow;
    }

    /// Where a packet goes by the routing table that `from` leads to.
    ///
    /// @param transit whether it is not of the router's own making
    /// @return null when the packet has come to its end: it is refused, or for the router itself
    @Nullable Adjacency follow(
            Packet packet, Adjacency from, int flowHash, boolean v6, boolean transit) {
        RoutingTable table = state.table(from.table);
        if (table == null) {
            slow.refuse(packet, Reason.NO_ROUTE);
            return null;
        }
        if (isLocal(packet, table, v6, transit)) {
            return null;
        }
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int id =
                v6
                        ? table.fib6.lookup(Ipv6.destinationHigh(m, ip), Ipv6.destinationLow(m, ip))
                        : table.fib4.lookup(Ipv4.destination(m, ip));
        NextHop next = NextHopTable.at(state.nextHops.slots(), id);
        if (next == null || next.table() >= 0) {
            slow.refuse(packet, Reason.NO_ROUTE);
            return null;
        }
        return next.select(flowHash);
    }

    /// Whether the destination is the router's own in that table, or a broadcast address there;
    /// then the packet has come to its end. The router does not answer itself.
    private boolean isLocal(Packet packet, RoutingTable table, boolean v6, boolean transit) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int kind;
        if (v6) {
            boolean own =
                    table.local6()
                            .contains(Ipv6.destinationHigh(m, ip), Ipv6.destinationLow(m, ip));
            kind = own ? LocalAddresses.OWN : LocalAddresses.NONE;
        } else {
            kind = table.local().kindOf(Ipv4.destination(m, ip));
        }
        if (kind == LocalAddresses.NONE) {
            return false;
        }
        if (!transit) {
            slow.refuse(packet, Reason.UNREACHABLE);
        } else if (v6) {
            slow.local6(packet);
        } else {
            slow.local(packet, kind);
        }
        return true;
    }
}
