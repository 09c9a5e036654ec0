package dev.stride.daemon.config;

import dev.stride.io.worker.IdlePolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A whole configuration, checked.
///
/// @param ports in the order of the file
public record RouterConfig(
        WorkersConfig workers,
        IdlePolicy idle,
        Path controlSocket,
        ListenAddress metricsListen,
        IcmpConfig icmp,
        ArpConfig arp,
        List<PortConfig> ports,
        List<RouteConfig> routes,
        List<NeighborConfig> neighbors) {
    public RouterConfig {
        ports = List.copyOf(ports);
        routes = List.copyOf(routes);
        neighbors = List.copyOf(neighbors);
    }

    /// The same settings with other ports, routes and neighbors.
    public RouterConfig with(
            List<PortConfig> otherPorts,
            List<RouteConfig> otherRoutes,
            List<NeighborConfig> otherNeighbors) {
        return new RouterConfig(
                workers,
                idle,
                controlSocket,
                metricsListen,
                icmp,
                arp,
                otherPorts,
                otherRoutes,
                otherNeighbors);
    }

    /// The port of that name.
    public Optional<PortConfig> port(String name) {
        return ports.stream().filter(port -> port.name().equals(name)).findFirst();
    }
}
