package dev.stride.daemon.source;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.rib.Route;
import dev.stride.core.wire.Ipv6;
import dev.stride.daemon.netlink.NetlinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a route or a next-hop id leads: a kind with its gateways or its link, or the reason why
/// not.
///
/// @param skip null where packets can follow it
/// @param gateways empty unless the kind is UNICAST
/// @param port whose link it is when the kind is LINK, else -1
public record Target(@Nullable Skip skip, Route.Kind kind, List<Route.Gateway> gateways, int port) {
    private static final int MAX_PATHS = 256;
    private static final int MAX_WEIGHT = 256;

    public Target {
        gateways = List.copyOf(gateways);
    }

    /// Packets are dropped.
    public static Target dropping(Route.Kind kind) {
        return new Target(null, kind, List.of(), -1);
    }

    public static Target skipped(Skip why) {
        return new Target(why, Route.Kind.UNICAST, List.of(), -1);
    }

    /// Where a route without a next-hop id leads.
    ///
    /// @param kind `rtm_type`
    public static Target of(int kind, List<Hop> hops, boolean encapsulated, Devices devices) {
        return switch (kind) {
            case NetlinkMessage.RTN_UNICAST ->
                    encapsulated ? skipped(Skip.ENCAPSULATION) : via(hops, devices);
            case NetlinkMessage.RTN_BLACKHOLE -> dropping(Route.Kind.BLACKHOLE);
            case NetlinkMessage.RTN_UNREACHABLE -> dropping(Route.Kind.UNREACHABLE);
            case NetlinkMessage.RTN_PROHIBIT -> dropping(Route.Kind.PROHIBIT);
            default -> skipped(Skip.KIND);
        };
    }

    /// The hops that we can reach; those behind an interface that is down, or that alone says where
    /// they are and is no port's, are left out, and two of one address count as one.
    public static Target via(List<Hop> hops, Devices devices) {
        if (hops.size() > MAX_PATHS) {
            return skipped(Skip.PATHS);
        }
        List<Route.Gateway> gateways = new ArrayList<>(hops.size());
        int link = -1;
        int down = 0;
        for (Hop hop : hops) {
            int port = hop.device() == 0 ? Devices.UNKNOWN : devices.port(hop.device());
            IpAddress gateway = hop.gateway();
            if (port == Devices.DOWN) {
                down++;
            } else if (gateway == null) {
                link = Math.max(link, port);
            } else if (port >= 0 || !isLinkLocal(gateway)) {
                add(gateways, gateway, port, hop.weight());
            }
        }
        if (!gateways.isEmpty()) {
            return new Target(null, Route.Kind.UNICAST, gateways, -1);
        }
        if (link >= 0) {
            return new Target(null, Route.Kind.LINK, List.of(), link);
        }
        return skipped(down > 0 && down == hops.size() ? Skip.DOWN : Skip.INTERFACE);
    }

    private static void add(List<Route.Gateway> paths, IpAddress address, int port, int weight) {
        for (int i = 0; i < paths.size(); i++) {
            Route.Gateway same = paths.get(i);
            if (same.port() == port && same.address().equals(address)) {
                int sum = Math.min(same.weight() + weight, MAX_WEIGHT);
                paths.set(i, new Route.Gateway(address, port, sum));
                return;
            }
        }
        paths.add(new Route.Gateway(address, port, Math.min(weight, MAX_WEIGHT)));
    }

    /// RFC 3927 and RFC 4291 section 2.5.6. For a next hop of IPv6 behind an IPv4 route zebra says
    /// 169.254.0.1.
    public static boolean isLinkLocal(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> four.bits() >>> 16 == 0xa9fe;
            case Ip6Address six -> Ipv6.isLinkLocal(six.high());
        };
    }
}
