package dev.stride.daemon.kernel;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.netlink.NetlinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.AddressMessage;
import dev.stride.daemon.netlink.NetlinkMessage.EndMessage;
import dev.stride.daemon.netlink.NetlinkMessage.LinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.MalformedMessage;
import dev.stride.daemon.netlink.NetlinkMessage.NeighborMessage;
import dev.stride.daemon.netlink.NetlinkMessage.NextHopMessage;
import dev.stride.daemon.netlink.NetlinkMessage.OtherMessage;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import dev.stride.daemon.source.NextHopIds;
import dev.stride.daemon.source.Skip;
import dev.stride.daemon.source.Target;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What one dump and the notifications after it tell of a kernel table, and what that means in the
/// RIB. One thread.
///
/// The kernel removes IPv4 routes without a word: when their interface goes down, with the next-hop
/// objects behind it, and when their next-hop object goes. That is done here as well. What goes
/// with an address cannot be told; then a dump must.
final class KernelState {
    /// What a prefix is to say in the RIB; null: nothing.
    private record Offer(@Nullable Attributes attributes) {}

    private final int table;
    private final int distance;
    private final long tag;
    private final DeviceTable devices;
    private final NextHopIds nextHops;
    private final KernelTable routes = new KernelTable();
    private final List<@Nullable Offer> offers = new ArrayList<>(); // by number of routes
    private boolean unsettled; // next hops or interfaces mean something else

    /// @param table number of the kernel's table
    /// @param distance of the routes in the RIB
    /// @param tag of the routes in the RIB
    /// @param ports indexes of ports by the names of their interfaces
    KernelState(int table, int distance, long tag, Map<String, Integer> ports) {
        this.table = table;
        this.distance = distance;
        this.tag = tag;
        devices = new DeviceTable(ports);
        nextHops = new NextHopIds(devices);
    }

    KernelTable routes() {
        return routes;
    }

    /// Takes a part of a dump.
    void dumped(NetlinkMessage message) {
        if (message instanceof RouteMessage route) {
            if (isOurs(route)) {
                routes.dumped(route.prefix(), KernelRoute.of(route));
            }
        } else {
            boolean _ = event(message, 0, prefix -> {});
        }
    }

    /// Takes a notification.
    ///
    /// @param flags `nlmsg_flags`
    /// @param touched is told which prefixes may say something else now
    /// @return whether the kernel may have changed more than it says
    boolean event(NetlinkMessage message, int flags, Consumer<IpPrefix> touched) {
        return switch (message) {
            case RouteMessage route -> {
                if (isOurs(route)) {
                    route(route, flags, touched);
                }
                yield false;
            }
            case NextHopMessage nextHop -> {
                nextHop(nextHop, touched);
                yield false;
            }
            case LinkMessage link -> link(link, touched);
            case AddressMessage address ->
                    address.gone() && address.address() instanceof Ip4Address;
            case NeighborMessage _, EndMessage _, MalformedMessage _, OtherMessage _ -> false;
        };
    }

    /// Link-local prefixes, which the kernel has for each of its interfaces, mean nothing here.
    private boolean isOurs(RouteMessage route) {
        IpPrefix prefix = route.prefix();
        return route.table() == table
                && (prefix.length() == 0 || !Target.isLinkLocal(prefix.first()));
    }

    private void route(RouteMessage message, int flags, Consumer<IpPrefix> touched) {
        IpPrefix prefix = message.prefix();
        KernelRoute route = KernelRoute.of(message);
        boolean news =
                message.gone() ? routes.remove(prefix, route) : routes.put(prefix, route, flags);
        if (news) {
            touched.accept(prefix);
        }
    }

    private void nextHop(NextHopMessage message, Consumer<IpPrefix> touched) {
        if (message.gone()) {
            forget(List.of(message.id()));
            removeDead(touched);
        } else if (!nextHops.isFull()) {
            unsettled |= !nextHops.put(message).isEmpty();
        }
    }

    private void forget(List<Integer> ids) {
        for (int id : ids) {
            unsettled |= !nextHops.remove(id).isEmpty();
        }
    }

    private boolean link(LinkMessage message, Consumer<IpPrefix> touched) {
        if (!devices.put(message)) {
            return false;
        }
        unsettled = true;
        boolean down = devices.isDown(message.index());
        if (down) {
            forget(nextHops.behind(message.index()));
        }
        List<NextHopIds.Change> _ = nextHops.reconsider();
        if (down) {
            removeDead(touched);
        }
        return down;
    }

    private void removeDead(Consumer<IpPrefix> touched) {
        routes.removeSilently(this::isDead, touched);
    }

    private boolean isDead(KernelRoute route) {
        return route.nextHopId() != 0
                ? nextHops.get(route.nextHopId()) == null
                : !route.hops().isEmpty()
                        && route.hops().stream().allMatch(hop -> devices.isDown(hop.device()));
    }

    /// Other interfaces are ports from now on.
    void setPorts(Map<String, Integer> ports) {
        devices.setPorts(ports);
        List<NextHopIds.Change> _ = nextHops.reconsider();
        unsettled = true;
    }

    /// Finds what says something else since next hops or interfaces changed.
    ///
    /// @param touched is told the prefixes; it must not call anything here but [#offer]
    void settle(Consumer<IpPrefix> touched) {
        if (!unsettled) {
            return;
        }
        unsettled = false;
        BitSet changed = new BitSet();
        for (int number = 1; number < offers.size(); number++) {
            Offer before = offers.get(number);
            if (before != null) {
                Offer after = offerOf(number);
                offers.set(number, after);
                changed.set(number, !before.equals(after) && routes.users(number) > 0);
            }
        }
        if (!changed.isEmpty()) {
            routes.visit(
                    (prefix, number) -> {
                        if (changed.get(number)) {
                            touched.accept(prefix);
                        }
                    });
        }
    }

    /// What a prefix is to say in the RIB; null for nothing.
    @Nullable Attributes offer(IpPrefix prefix) {
        return offer(routes.number(prefix));
    }

    /// The same by the number of its routes.
    @Nullable Attributes offer(int number) {
        while (offers.size() <= number) {
            offers.add(null);
        }
        Offer known = offers.get(number);
        if (known == null) {
            known = offerOf(number);
            offers.set(number, known);
        }
        return known.attributes();
    }

    /// The first route that leads somewhere.
    private Offer offerOf(int number) {
        for (KernelRoute route : routes.routes(number)) {
            Target target = target(route);
            if (target.skip() == null) {
                return new Offer(attributes(route, target));
            }
        }
        return new Offer(null);
    }

    private Attributes attributes(KernelRoute route, Target target) {
        int metric = route.priority() < 0 ? Integer.MAX_VALUE : route.priority(); // unsigned
        return new Attributes(
                RouteSource.NETLINK,
                target.kind(),
                target.gateways(),
                target.port(),
                distance,
                metric,
                tag);
    }

    private Target target(KernelRoute route) {
        if (route.tos() != 0 || route.sourceLength() != 0) {
            return Target.skipped(Skip.SOURCE);
        }
        if (route.kind() == NetlinkMessage.RTN_UNICAST && route.nextHopId() != 0) {
            return Objects.requireNonNullElse(
                    nextHops.get(route.nextHopId()), Target.skipped(Skip.NEXT_HOP));
        }
        return Target.of(route.kind(), route.hops(), route.encapsulated(), devices);
    }

    /// How many routes lead nowhere, by reason.
    Map<Skip, Integer> skipped() {
        Map<Skip, Integer> skipped = new EnumMap<>(Skip.class);
        for (int number = 1; number < routes.numbers(); number++) {
            int users = routes.users(number);
            for (KernelRoute route : users == 0 ? List.<KernelRoute>of() : routes.routes(number)) {
                Skip skip = target(route).skip();
                if (skip != null) {
                    skipped.merge(skip, users, Integer::sum);
                }
            }
        }
        return skipped;
    }
}
