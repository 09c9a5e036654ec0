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
    private final Map<IpPrefix, Place> seen = new HashMap<>();
    private final Map<IpAddress, Node> recursive = new LinkedHashMap<>();

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
        List<Via> via = via(section, to);
        int given = section.elements("via").size();
        if (kind == Kind.UNICAST && given == 0) {
            section.error(
                    "via",
                    "is missing; write a next hop, or kind = blackhole, unreachable or prohibit");
        } else if (kind != Kind.UNICAST && given > 0) {
            section.error("via", "a route of kind " + kind.label() + " has none; remove it");
        }
        section.end();
        if (to == null || toNode == null) {
            return null;
        }
        checkDestination(to, toNode);
        return new RouteConfig(to, kind, via, distance, metric);
    }

    private static Kind kind(String text) {
        return Nearest.labelled(Kind.values(), Kind::label, text, "kind of a route");
    }

    private void checkDestination(IpPrefix to, Node node) {
        String never = SpecialAddress.whyNeverRouted(to);
        if (never != null) {
            node.error(
                    "packets to " + to + " are never routed: it " + never + "; remove the route");
        }
        Place first = seen.putIfAbsent(to, node.place());
        if (first != null) {
            node.error(
                    "there is a route to "
                            + to
                            + " already ("
                            + first.brief()
                            + "); name all next hops in one via = [ ]");
        }
    }

    private List<Via> via(Section section, @Nullable IpPrefix to) {
        List<Via> all = new ArrayList<>();
        Set<String> hops = new HashSet<>();
        for (Node node : section.elements("via")) {
            Via via = node.isObject() ? detailed(node, to) : plain(node, to);
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

    private @Nullable Via plain(Node node, @Nullable IpPrefix to) {
        IpAddress address = node.parse(IpAddress::parse);
        if (address == null) {
            return null;
        }
        checkNextHop(address, null, node, to);
        return new Via(address, null, 1);
    }

    private @Nullable Via detailed(Node node, @Nullable IpPrefix to) {
        Section section = node.section();
        if (section == null) {
            return null;
        }
        int weight = section.whole("weight", 1, 1, MAX_WEIGHT);
        Node portNode = section.get("port");
        String port = portNode == null ? null : portNode.parse(links::portNamed);
        Node addressNode = section.require("address", "write that of the next hop");
        IpAddress address = addressNode == null ? null : addressNode.parse(IpAddress::parse);
        section.end();
        if (address == null || addressNode == null) {
            return null;
        }
        checkNextHop(address, port, addressNode, to);
        return new Via(address, port, weight);
    }

    private void checkNextHop(
            IpAddress address, @Nullable String port, Node node, @Nullable IpPrefix to) {
        if (to != null && address.width() == 128 != to instanceof Ip6Prefix) {
            node.error(address + " is not of the family of " + to + "; use a next hop that is");
            return;
        }
        String why = links.whyNoStation(address);
        if (why != null) {
            node.error(address + " " + why + "; name the next router");
            return;
        }
        if (links.around(address, port) != null) {
            return;
        }
        if (port == null) {
            recursive.putIfAbsent(address, node);
        } else {
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
                (address, node) -> {
                    if (routes.stream().noneMatch(route -> leadsTo(route.to(), address))) {
                        node.warn(
                                address
                                        + " is on no connected prefix and no route leads to it:"
                                        + " the route is not used until one does");
                    }
                });
    }

    private static boolean leadsTo(IpPrefix prefix, IpAddress address) {
        return address.width() == 128 == prefix instanceof Ip6Prefix
                && InterfaceAddress.covering(address, prefix.length()).equals(prefix);
    }
}
