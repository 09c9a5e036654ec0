package dev.stride.daemon.config;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `stride.neighbors`, after the ports.
final class NeighborReader {
    private final Links links;
    private final List<PortConfig> ports;
    private final Map<String, Place> seen = new HashMap<>();

    NeighborReader(Links links, List<PortConfig> ports) {
        this.links = links;
        this.ports = ports;
    }

    List<NeighborConfig> read(List<Node> nodes) {
        List<NeighborConfig> neighbors = new ArrayList<>();
        for (Node node : nodes) {
            Section section = node.section();
            NeighborConfig neighbor = section == null ? null : neighbor(section);
            if (neighbor != null) {
                neighbors.add(neighbor);
            }
        }
        return neighbors;
    }

    private @Nullable NeighborConfig neighbor(Section section) {
        Node portNode = section.require("port", "write the port that it is behind");
        Node addressNode = section.require("address", "write that of the neighbor");
        Node macNode = section.require("mac", "write that of the neighbor");
        section.end();
        String port = portNode == null ? null : portNode.parse(links::portNamed);
        IpAddress address = addressNode == null ? null : addressNode.parse(IpAddress::parse);
        MacAddress mac = macNode == null ? null : macNode.parse(SpecialAddress::parseStation);
        if (address != null && addressNode != null) {
            checkAddress(address, port, addressNode);
        }
        if (mac != null && macNode != null && port != null && isOwn(mac, port)) {
            macNode.error(mac + " is the port's own; write that of the neighbor");
        }
        return port == null || address == null || mac == null
                ? null
                : new NeighborConfig(port, address, mac);
    }

    private boolean isOwn(MacAddress mac, String name) {
        return ports.stream().anyMatch(port -> port.name().equals(name) && mac.equals(port.mac()));
    }

    private void checkAddress(IpAddress address, @Nullable String port, Node node) {
        String table = port == null ? TableConfig.MAIN.name() : links.tableOf(port);
        String why = links.whyNoStation(address, table);
        if (why != null) {
            node.error(address + " " + why + "; no neighbor can have it");
            return;
        }
        if (port == null) {
            return;
        }
        Place first = seen.putIfAbsent(port + " " + address, node.place());
        if (first != null) {
            node.error(address + " is given already (" + first.brief() + "); remove one of them");
        }
        if (links.around(address, table, port) == null) {
            node.warn(
                    address
                            + " lies outside the prefixes of port "
                            + port
                            + " ("
                            + links.prefixes(port)
                            + "): only a route that names the port uses it");
        }
    }
}
