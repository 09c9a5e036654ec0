package dev.stride.core.rib;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import java.util.List;
import java.util.Locale;

/// A candidate route, as its source said it. Immutable.
///
/// @param gateways where packets go; empty unless the kind is UNICAST
/// @param port the link's port when the kind is LINK, else -1
/// @param distance administrative distance; lower wins
/// @param metric decides between routes of the same distance; lower wins
public record Route(
        Ip4Prefix prefix,
        RouteSource source,
        Kind kind,
        List<Gateway> gateways,
        int port,
        int distance,
        int metric) {
    /// What becomes of packets.
    public enum Kind {
        UNICAST,
        LINK,
        BLACKHOLE,
        UNREACHABLE,
        PROHIBIT;

        private final String label = name().toLowerCase(Locale.ROOT);

        /// The word on screens and in the configuration.
        public String label() {
            return label;
        }
    }

    /// A next hop.
    ///
    /// @param port index of the port to reach it through; -1 leaves that to the routes to its
    ///   address
    /// @param weight its share of the flows, 1 to 256
    public record Gateway(Ip4Address address, int port, int weight) {}

    public Route {
        gateways = List.copyOf(gateways);
        if ((kind == Kind.UNICAST) == gateways.isEmpty()) {
            throw new IllegalArgumentException(
                    prefix + ": a route has next hops, or a kind that needs none");
        }
    }

    /// A prefix on the link of a port.
    public static Route link(Ip4Prefix prefix, int port) {
        return new Route(
                prefix,
                RouteSource.CONNECTED,
                Kind.LINK,
                List.of(),
                port,
                RouteSource.CONNECTED.distance(),
                0);
    }

    /// A route to gateways, with the source's default distance.
    public static Route via(Ip4Prefix prefix, RouteSource source, List<Gateway> gateways) {
        return new Route(prefix, source, Kind.UNICAST, gateways, -1, source.distance(), 0);
    }

    /// A route that drops, with the source's default distance.
    public static Route dropping(Ip4Prefix prefix, RouteSource source, Kind kind) {
        return new Route(prefix, source, kind, List.of(), -1, source.distance(), 0);
    }

    /// Whether it is preferred to `other` when both are usable.
    boolean beats(Route other) {
        int order = Integer.compare(distance, other.distance);
        order = order != 0 ? order : Integer.compare(metric, other.metric);
        return order != 0 ? order < 0 : source.compareTo(other.source) < 0;
    }
}
