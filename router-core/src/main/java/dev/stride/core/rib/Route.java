package dev.stride.core.rib;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import java.util.List;
import java.util.Locale;

/// A candidate route, as its source said it. Immutable.
public record Route(Destination to, Attributes attributes) {
    /// In the main table.
    public Route(IpPrefix prefix, Attributes attributes) {
        this(new Destination(prefix), attributes);
    }

    /// The prefix that it is for.
    public IpPrefix prefix() {
        return to.prefix();
    }

    /// The same in the routing table of an index.
    public Route in(int table) {
        return new Route(new Destination(table, to.prefix()), attributes);
    }

    /// What becomes of packets.
    public enum Kind {
        UNICAST,
        LINK,
        /// The destination is looked up in another routing table.
        TABLE,
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
    /// @param table index of the routing table whose routes those are; -1 for the route's own
    public record Gateway(IpAddress address, int port, int weight, int table) {
        /// One that the route's own table finds, unless it is on a port.
        public Gateway(IpAddress address, int port, int weight) {
            this(address, port, weight, -1);
        }

        /// The same with the table that finds it, for a route in the table `own`; on a port, none.
        Gateway in(int own) {
            int finds = port >= 0 ? -1 : table >= 0 ? table : own;
            return finds == table ? this : new Gateway(address, port, weight, finds);
        }

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
