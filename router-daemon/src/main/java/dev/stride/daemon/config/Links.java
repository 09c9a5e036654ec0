package dev.stride.daemon.config;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.wire.Ipv6;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the ports connect, as far as they have been read: for checks between ports, and of next
/// hops and neighbors against them.
final class Links {
    /// One address of one port.
    record Link(String port, InterfaceAddress own, Place place) {}

    private final List<Link> links = new ArrayList<>();
    private final Set<String> ports = new TreeSet<>();
    private final Set<String> tables = new TreeSet<>();
    private final Map<String, String> tableOf = new HashMap<>(); // by port
    private final Set<String> unnumbered = new HashSet<>();

    /// Takes note of a port, also of one that is wrong, so that its routes are not wrong as well.
    void addPort(String name) {
        ports.add(name);
    }

    /// Takes note of a port whose link has no prefix: next hops on it are named with the port.
    void addUnnumbered(String port) {
        unnumbered.add(port);
    }

    /// Whether next hops of `port` may have any address.
    boolean isUnnumbered(String port) {
        return unnumbered.contains(port);
    }

    Set<String> ports() {
        return ports;
    }

    /// Reads the name of a port.
    ///
    /// @throws IllegalArgumentException with the nearest one, when there is no such port
    String portNamed(String text) {
        if (!ports.contains(text)) {
            throw new IllegalArgumentException(
                    "there is no port " + Node.quoted(text) + "; " + Nearest.hint(text, ports));
        }
        return text;
    }

    /// Takes note of a routing table.
    void addTable(String name) {
        tables.add(name);
    }

    /// Reads the name of a routing table.
    ///
    /// @throws IllegalArgumentException with the nearest one, when there is no such table
    String tableNamed(String text) {
        if (!tables.contains(text)) {
            throw new IllegalArgumentException(
                    "there is no routing table "
                            + Node.quoted(text)
                            + "; "
                            + Nearest.hint(text, tables));
        }
        return text;
    }

    /// Puts a port into a routing table, before its addresses come.
    void place(String port, String table) {
        tableOf.put(port, table);
    }

    /// The routing table that a port is in.
    String tableOf(String port) {
        return tableOf.getOrDefault(port, TableConfig.MAIN.name());
    }

    /// Takes note of an address, unless it is in use or its prefix is connected elsewhere in the
    /// port's routing table: an error at `node`.
    void add(String port, InterfaceAddress address, Node node) {
        for (Link other : links) {
            boolean apart = !tableOf(other.port).equals(tableOf(port));
            String conflict = apart ? null : conflict(port, address, other);
            if (conflict != null) {
                node.error(conflict);
                return;
            }
        }
        links.add(new Link(port, address, node.place()));
    }

    private static @Nullable String conflict(String port, InterfaceAddress address, Link other) {
        boolean samePort = other.port.equals(port);
        if (!samePort && isLinkLocal(address.address())) {
            return null;
        }
        if (other.own.address().equals(address.address())) {
            return address.address()
                    + " is given to port "
                    + other.port
                    + " already ("
                    + other.place.brief()
                    + "); use each address once";
        }
        if (!samePort && other.own.overlaps(address)) {
            return address.connected()
                    + " overlaps "
                    + other.own.connected()
                    + " of port "
                    + other.port
                    + " ("
                    + other.place.brief()
                    + "); give each link a prefix of its own";
        }
        return null;
    }

    /// Link-local prefixes are the same on every link (RFC 4291 section 2.5.6).
    private static boolean isLinkLocal(IpAddress address) {
        return address instanceof Ip6Address six && Ipv6.isLinkLocal(six.high());
    }

    /// The port of a routing table whose own address this is, or null.
    @Nullable Link owner(IpAddress address, String table) {
        for (Link link : links) {
            if (tableOf(link.port).equals(table) && link.own.address().equals(address)) {
                return link;
            }
        }
        return null;
    }

    /// The connected prefix around `address` in a routing table, or null; only of `port`, where one
    /// is given.
    @Nullable Link around(IpAddress address, String table, @Nullable String port) {
        for (Link link : links) {
            if (tableOf(link.port).equals(table)
                    && (port == null || port.equals(link.port))
                    && link.own.covers(address)) {
                return link;
            }
        }
        return null;
    }

    /// The prefixes of `port` for people: `10.1.0.0/24, 10.2.0.0/24`.
    String prefixes(String port) {
        List<String> all =
                links.stream()
                        .filter(link -> link.port.equals(port))
                        .map(link -> link.own.connected().toString())
                        .toList();
        return all.isEmpty() ? "it has none" : String.join(", ", all);
    }

    /// Why no station beside us may have `address` in a routing table, to be read behind it; null
    /// when one may.
    @Nullable String whyNoStation(IpAddress address, String table) {
        String special = SpecialAddress.whyNotUnicast(address);
        if (special != null) {
            return special;
        }
        Link owner = owner(address, table);
        if (owner != null) {
            return "is the router's own on port " + owner.port;
        }
        Link link = around(address, table, null);
        if (link != null && !link.own.couldBeStation(address)) {
            return "is the network or broadcast address of "
                    + link.own.connected()
                    + " on port "
                    + link.port;
        }
        return null;
    }
}
