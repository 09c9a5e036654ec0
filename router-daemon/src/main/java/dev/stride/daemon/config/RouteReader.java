package dev.stride.daemon.config;

import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.daemon.config.RouteConfig.Kind;
import dev.stride.daemon.config.RouteConfig.Via;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads `stride.routes`, after the ports.
final class RouteReader {
    private static final int MAX_WEIGHT = 256; // rtnexthop carries the weight less one in a byte

    private final Links links;
    private static final List<Kind> KINDS =
            List.of(Kind.UNICAST, Kind.BLACKHOLE, Kind.UNREACHABLE, Kind.PROHIBIT);

    /// What a next hop must fit.
    ///
    /// @param to the route's destination; null where it is wrong
    /// @param table the routing table that finds it
    private record Finding(@Nullable IpPrefix to, String table) {}

    private record Recursive(IpAddress address, String table) {}

    private final Map<Object, Place> seen = new HashMap<>();
    private final Map<Recursive, Node> recursive = new LinkedHashMap<>();

    RouteReader(Links links) {
        this.links = links;
    }

    List<RouteConfig> read(List<Node> nodes) {
        List<RouteConfig> routes = new ArrayList<>();
        for (Node node : nodes) {
            Section section = node.section();
            RouteConfig route = section == null ? null : route(section);
            if (route != null) {
                routes.add(route);
            }
        }
        warnOfUncovered(routes);
        return routes;
    }

    private @Nullable RouteConfig route(Section section) {
        Node toNode = section.require("to", "write the destination, such as to = \"0.0.0.0/0\"");
        IpPrefix to = toNode == null ? null : toNode.parse(IpPrefix::parse);
        Kind kind = section.parse("kind", RouteReader::kind, Kind.UNICAST);
        int distance = section.whole("distance", 1, 1, 255);
        int metric = section.whole("metric", 0, 0, Integer.MAX_VALUE);
        String table = section.parse("table", links::tableNamed, TableConfig.MAIN.name());
        Node viaTableNode = section.get("via-table");
        String viaTable = viaTableNode == null ? null : viaTableNode.parse(links::tableNamed);
        List<Via> via = via(section, new Finding(to, viaTable == null ? table : viaTable));
        int given = section.elements("via").size();
        if (kind == Kind.UNICAST && given == 0 && viaTableNode != null) {
            kind = Kind.TABLE;
            if (table.equals(viaTable)) {
                viaTableNode.error("is the route's own table; name a next hop or another table");
            }
        } else if (kind == Kind.UNICAST && given == 0) {
            section.error(
                    "via",
                    "is missing; write a next hop, via-table, or kind = blackhole, unreachable or"
                            + " prohibit");
        } else if (kind != Kind.UNICAST && given > 0) {
            section.error("via", "a route of kind " + kind.label() + " has none; remove it");
        } else if (kind != Kind.UNICAST && viaTableNode != null) {
            viaTableNode.error("a route of kind " + kind.label() + " has none; remove it");
        }
        section.end();
        if (to == null || toNode == null) {
            return null;
        }
        checkDestination(table, to, toNode);
        return new RouteConfig(table, to, kind, via, viaTable, distance, metric);
    }

    private static Kind kind(String text) {
        return Nearest.labelled(KINDS.toArray(Kind[]::new), Kind::label, text, "kind of a route");
    }

    private void checkDestination(String table, IpPrefix to, Node node) {
        String never = SpecialAddress.whyNeverRouted(to);
        if (never != null) {
            node.error(
                    "packets to " + to + " are never routed: it " + never + "; remove the route");
        }
        Place first = seen.putIfAbsent(List.of(table, to), node.place());
        if (first != null) {
            node.error(
                    "there is a route to "
                            + to
                            + " already ("
                            + first.brief()
                            + "); name all next hops in one via = [ ]");
        }
    }

    private List<Via> via(Section section, Finding by) {
        List<Via> all = new ArrayList<>();
        Set<String> hops = new HashSet<>();
        for (Node node : section.elements("via")) {
            Via via = node.isObject() ? detailed(node, by) : plain(node, by);
            if (via == null) {
                continue;
            }
            all.add(via);
            if (!hops.add(via.address() + " " + via.port())) {
                node.error(via.address() + " stands here twice; give it a weight instead");
            }
        }
        return all;
    }

    private @Nullable Via plain(Node node, Finding by) {
        IpAddress address = node.parse(IpAddress::parse);
        if (address == null) {
            return null;
        }
        checkNextHop(address, null, node, by);
        return new Via(address, null, 1);
    }

    private @Nullable Via detailed(Node node, Finding by) {
        Section section = node.section();
        if (section == null) {
            return null;
        }
        int weight = section.whole("weight", 1, 1, MAX_WEIGHT);
        Node portNode = section.get("port");
        String port = portNode == null ? null : portNode.parse(links::portNamed);
        if (port != null && portNode != null && !links.tableOf(port).equals(by.table())) {
            portNode.error(
                    "port "
                            + port
                            + " is in the table "
                            + links.tableOf(port)
                            + "; write via-table = "
                            + links.tableOf(port)
                            + " in this route to leave by it");
            port = null;
        }
        Node addressNode = section.require("address", "write that of the next hop");
        IpAddress address = addressNode == null ? null : addressNode.parse(IpAddress::parse);
        section.end();
        if (address == null || addressNode == null) {
            return null;
        }
        checkNextHop(address, port, addressNode, by);
        return new Via(address, port, weight);
    }

    private void checkNextHop(IpAddress address, @Nullable String port, Node node, Finding by) {
        IpPrefix to = by.to();
        if (to != null && address.width() == 128 != to instanceof Ip6Prefix) {
            node.error(address + " is not of the family of " + to + "; use a next hop that is");
            return;
        }
        String why = links.whyNoStation(address, by.table());
        if (why != null) {
            node.error(address + " " + why + "; name the next router");
            return;
        }
        if (links.around(address, by.table(), port) != null) {
            return;
        }
        if (port == null) {
            recursive.putIfAbsent(new Recursive(address, by.table()), node);
        } else if (!links.isUnnumbered(port)) {
            node.warn(
                    address
                            + " lies outside the prefixes of port "
                            + port
                            + " ("
                            + links.prefixes(port)
                            + "); it is asked for on that link all the same");
        }
    }

    /// A next hop off the links is legal when another route leads to it.
    private void warnOfUncovered(List<RouteConfig> routes) {
        recursive.forEach(
                (hop, node) -> {
                    if (routes.stream().noneMatch(route -> leadsTo(route, hop))) {
                        node.warn(
                                hop.address()
                                        + " is on no connected prefix and no route leads to it:"
                                        + " the route is not used until one does");
                    }
                });
    }

    private static boolean leadsTo(RouteConfig route, Recursive hop) {
        IpPrefix prefix = route.to();
        IpAddress address = hop.address();
        return route.table().equals(hop.table())
                && route.kind() != Kind.TABLE
                && address.width() == 128 == prefix instanceof Ip6Prefix
                && InterfaceAddress.covering(address, prefix.length()).equals(prefix);
    }
}
