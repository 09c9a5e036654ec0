package dev.stride.daemon.source;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.rib.Route;
import dev.stride.core.wire.Ipv6;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a route or a next-hop id leads: a kind with its gateways, or the reason why not.
///
/// @param skip null where packets can follow it
/// @param gateways empty unless the kind is UNICAST
public record Target(@Nullable Skip skip, Route.Kind kind, List<Route.Gateway> gateways) {
    private static final int MAX_PATHS = 256;
    private static final int MAX_WEIGHT = 256;

    public Target {
        gateways = List.copyOf(gateways);
    }

    /// Packets are dropped.
    public static Target dropping(Route.Kind kind) {
        return new Target(null, kind, List.of());
    }

    public static Target skipped(Skip why) {
        return new Target(why, Route.Kind.UNICAST, List.of());
    }

    /// The hops that we can reach; those behind an interface that we do not know are left out, and
    /// two of one address count as one.
    public static Target via(List<Hop> hops) {
        if (hops.size() > MAX_PATHS) {
            return skipped(Skip.PATHS);
        }
        Map<IpAddress, Integer> weights = new LinkedHashMap<>();
        for (Hop hop : hops) {
            IpAddress gateway = hop.gateway();
            if (gateway != null && !isLinkLocal(gateway)) {
                weights.merge(gateway, hop.weight(), Integer::sum);
            }
        }
        List<Route.Gateway> gateways = new ArrayList<>(weights.size());
        weights.forEach(
                (address, weight) ->
                        gateways.add(new Route.Gateway(address, -1, Math.min(weight, MAX_WEIGHT))));
        return gateways.isEmpty()
                ? skipped(Skip.INTERFACE)
                : new Target(null, Route.Kind.UNICAST, gateways);
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
