package dev.stride.core.rib;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import java.util.List;
import java.util.Locale;

/// A candidate route, as its source said it. Immutable.
public record Route(IpPrefix prefix, Attributes attributes) {
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
    public record Gateway(IpAddress address, int port, int weight) {
        /// Whether other routes tell where it is.
        boolean isRecursive() {
            return port < 0;
        }
    }

    /// A prefix on the link of a port.
    public static Route link(IpPrefix prefix, int port) {
        return new Route(prefix, Attributes.link(port));
    }

    /// A route to gateways, with the source's default distance.
    public static Route via(IpPrefix prefix, RouteSource source, List<Gateway> gateways) {
        return new Route(prefix, Attributes.via(source, gateways));
    }

    /// A route that drops, with the source's default distance.
    public static Route dropping(IpPrefix prefix, RouteSource source, Kind kind) {
        return new Route(prefix, Attributes.dropping(source, kind));
    }
}
