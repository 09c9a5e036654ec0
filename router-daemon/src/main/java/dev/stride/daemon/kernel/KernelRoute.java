package dev.stride.daemon.kernel;

import dev.stride.core.addr.IpAddress;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import java.util.Comparator;
import java.util.List;

/// What the kernel says of a route besides its prefix. Two that mean the same are equal: the order
/// of hops, which differs between notifications and dumps, is always the same here.
///
/// @param priority unsigned; the lowest wins
/// @param kind `rtm_type`
/// @param nextHopId 0 where the next hops are in `hops`
record KernelRoute(
        int priority,
        int tos,
        int sourceLength,
        int kind,
        int nextHopId,
        List<Hop> hops,
        boolean encapsulated) {
    private static final Comparator<Hop> ORDER =
            Comparator.comparingInt(Hop::device)
                    .thenComparing(Hop::gateway, Comparator.nullsFirst(IpAddress.ORDER))
                    .thenComparingInt(Hop::weight);

    KernelRoute {
        hops = hops.size() < 2 ? List.copyOf(hops) : hops.stream().sorted(ORDER).toList();
    }

    static KernelRoute of(RouteMessage message) {
        return new KernelRoute(
                message.priority(),
                message.tos(),
                message.sourceLength(),
                message.kind(),
                message.nextHopId(),
                message.nextHopId() == 0 ? message.hops() : List.of(), // as the id, for old readers
                message.encapsulated());
    }

    /// Whether both are in each other's place for the kernel, which has one of them or an order
    /// among them.
    boolean competes(KernelRoute other) {
        return priority == other.priority && tos == other.tos && sourceLength == other.sourceLength;
    }

    /// Whether gateways of another route of IPv6 may join its own.
    boolean takesMore() {
        return nextHopId == 0
                && !hops.isEmpty()
                && hops.stream().noneMatch(hop -> hop.gateway() == null);
    }

    KernelRoute with(List<Hop> others) {
        return new KernelRoute(priority, tos, sourceLength, kind, nextHopId, others, encapsulated);
    }
}
