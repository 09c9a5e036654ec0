package dev.stride.daemon.config;

import dev.stride.io.worker.IdlePolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A whole configuration, checked.
///
/// @param tables routing tables beside the main one
/// @param ports in the order of the file
/// @param fpm null: no routes are taken over FPM
/// @param netlink null: no routes are taken from the kernel
public record RouterConfig(
        WorkersConfig workers,
        IdlePolicy idle,
        Path controlSocket,
        ListenAddress metricsListen,
        IcmpConfig icmp,
        ArpConfig arp,
        List<TableConfig> tables,
        List<PortConfig> ports,
        List<RouteConfig> routes,
        List<NeighborConfig> neighbors,
        @Nullable FpmConfig fpm,
        @Nullable NetlinkConfig netlink) {
    public RouterConfig {
        tables = List.copyOf(tables);
        ports = List.copyOf(ports);
        routes = List.copyOf(routes);
        neighbors = List.copyOf(neighbors);
    }

    /// The same settings with another of each thing that can be changed while the router runs.
    public RouterConfig with(
            List<TableConfig> otherTables,
            List<PortConfig> otherPorts,
            List<RouteConfig> otherRoutes,
            List<NeighborConfig> otherNeighbors,
            @Nullable NetlinkConfig otherNetlink) {
        return new RouterConfig(
                workers,
                idle,
                controlSocket,
                metricsListen,
                icmp,
                arp,
                otherTables,
                otherPorts,
                otherRoutes,
                otherNeighbors,
                fpm,
                otherNetlink);
    }

    /// `some` of the ports with each behind the one that it is within.
    public static List<PortConfig> parentsFirst(Collection<PortConfig> some) {
        List<PortConfig> sorted = new ArrayList<>();
        Map<String, PortConfig> left = new LinkedHashMap<>();
        some.forEach(port -> left.put(port.name(), port));
        while (!left.isEmpty()) {
            List<PortConfig> ready =
                    left.values().stream()
                            .filter(
                                    port ->
                                            port.within() == null
                                                    || !left.containsKey(port.within()))
                            .toList();
            sorted.addAll(ready);
            ready.forEach(port -> left.remove(port.name()));
        }
        return sorted;
    }

    /// The port of that name.
    public Optional<PortConfig> port(String name) {
        return ports.stream().filter(port -> port.name().equals(name)).findFirst();
    }
}
