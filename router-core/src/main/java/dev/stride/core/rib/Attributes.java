package dev.stride.core.rib;

import java.util.List;

/// What a route says besides its prefix. Immutable; very many routes share one.
///
/// @param gateways where packets go; empty unless the kind is UNICAST
/// @param port the link's port when the kind is LINK, else -1
/// @param distance administrative distance; lower wins
/// @param metric decides between routes of the same distance; lower wins
/// @param tag what the source knows the route by; means nothing here
/// @param table index of the routing table when the kind is TABLE, else -1
public record Attributes(
        RouteSource source,
        Route.Kind kind,
        List<Route.Gateway> gateways,
        int port,
        int distance,
        int metric,
        long tag,
        int table) {
    /// @throws IllegalArgumentException unless it has either next hops or a kind that needs none
    public Attributes {
        gateways = List.copyOf(gateways);
        if ((kind == Route.Kind.UNICAST) == gateways.isEmpty()) {
            throw new IllegalArgumentException("a route has next hops, or a kind that needs none");
        }
    }

    /// Without another table.
    public Attributes(
            RouteSource source,
            Route.Kind kind,
            List<Route.Gateway> gateways,
            int port,
            int distance,
            int metric,
            long tag) {
        this(source, kind, gateways, port, distance, metric, tag, -1);
    }

    /// Without a tag.
    public Attributes(
            RouteSource source,
            Route.Kind kind,
            List<Route.Gateway> gateways,
            int port,
            int distance,
            int metric) {
        this(source, kind, gateways, port, distance, metric, 0);
    }

    /// The link of a port.
    public static Attributes link(int port) {
        int distance = RouteSource.CONNECTED.distance();
        return new Attributes(RouteSource.CONNECTED, Route.Kind.LINK, List.of(), port, distance, 0);
    }

    /// Gateways, with the source's default distance.
    public static Attributes via(RouteSource source, List<Route.Gateway> gateways) {
        return new Attributes(source, Route.Kind.UNICAST, gateways, -1, source.distance(), 0);
    }

    /// Packets are dropped, with the source's default distance.
    public static Attributes dropping(RouteSource source, Route.Kind kind) {
        return new Attributes(source, kind, List.of(), -1, source.distance(), 0);
    }

    /// Packets are looked up in another routing table, with the source's default distance.
    public static Attributes inTable(RouteSource source, int table) {
        return new Attributes(
                source, Route.Kind.TABLE, List.of(), -1, source.distance(), 0, 0, table);
    }

    /// Of what mostly differs: it is asked for once for each route that comes.
    @Override
    public int hashCode() {
        int next = gateways.isEmpty() ? port : gateways.getFirst().address().hashCode();
        return (31 * next + metric) * 31 + Long.hashCode(tag);
    }

    /// Whether a port is named here.
    boolean leadsTo(int index) {
        return port == index || gateways.stream().anyMatch(gateway -> gateway.port() == index);
    }

    /// Whether a routing table is named here.
    boolean leadsToTable(int index) {
        return table == index || gateways.stream().anyMatch(gateway -> gateway.table() == index);
    }

    /// Whether it is preferred to `other` when both are usable.
    boolean beats(Attributes other) {
        int order = Integer.compare(distance, other.distance);
        order = order != 0 ? order : Integer.compare(metric, other.metric);
        return order != 0 ? order < 0 : source.compareTo(other.source) < 0;
    }
}
