package dev.stride.daemon.config;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A static route.
///
/// @param table the routing table that it is in
/// @param via where packets go; empty unless `kind` is UNICAST
/// @param viaTable the routing table that finds the next hops, or where packets go when `kind` is
///   TABLE; null for the route's own
/// @param distance trust among sources, 1 to 255, the lowest wins; connected prefixes have 0
/// @param metric decides among routes of the same distance, the lowest wins
public record RouteConfig(
        String table,
        IpPrefix to,
        Kind kind,
        List<Via> via,
        @Nullable String viaTable,
        int distance,
        int metric) {
    public RouteConfig {
        via = List.copyOf(via);
    }

    /// What becomes of packets that match.
    public enum Kind {
        /// Forwarded to a next hop.
        UNICAST,
        /// Looked up in another routing table.
        TABLE,
        /// Dropped silently.
        BLACKHOLE,
        /// Dropped, with ICMP host unreachable.
        UNREACHABLE,
        /// Dropped, with ICMP administratively prohibited.
        PROHIBIT;

        private final String label = name().toLowerCase(Locale.ROOT);

        /// The word in the configuration.
        public String label() {
            return label;
        }
    }

    /// One next hop.
    ///
    /// @param port the port to reach it through; null leaves that to the routes to its address
    /// @param weight its share of the flows among all of the route, 1 to 256
    public record Via(IpAddress address, @Nullable String port, int weight) {
        @Override
        public String toString() {
            return address
                    + (port == null ? "" : " port " + port)
                    + (weight == 1 ? "" : " weight " + weight);
        }
    }

    /// As on the command line: `10.9.0.0/16 via 10.1.0.2 port lan weight 2`.
    @Override
    public String toString() {
        String where =
                switch (kind) {
                    case UNICAST ->
                            " via " + String.join(", ", via.stream().map(Via::toString).toList());
                    case TABLE -> "";
                    case BLACKHOLE, UNREACHABLE, PROHIBIT -> " " + kind.label();
                };
        return to
                + where
                + (viaTable == null ? "" : " via-table " + viaTable)
                + (table.equals(TableConfig.MAIN.name()) ? "" : " table " + table)
                + (distance == 1 ? "" : " distance " + distance)
                + (metric == 0 ? "" : " metric " + metric);
    }
}
