package dev.stride.daemon.config;

import dev.stride.io.worker.IdlePolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A whole configuration, checked.
///
/// @param tables routing tables beside the main one
/// @param ports in the order of the file
/// @param portsOff names of those that are switched off
/// @param fpm null: no routes are taken over FPM
/// @param netlink null: no routes are taken from the kernel
/// @param companions at most one for each port
public record RouterConfig(
        WorkersConfig workers,
        IdlePolicy idle,
        ControlConfig control,
        StateConfig state,
        ListenAddress metricsListen,
        IcmpConfig icmp,
        ResolutionConfig resolution,
        List<TableConfig> tables,
        List<PortConfig> ports,
        Set<String> portsOff,
        List<RouteConfig> routes,
        List<NeighborConfig> neighbors,
        @Nullable FpmConfig fpm,
        @Nullable NetlinkConfig netlink,
        List<CompanionConfig> companions,
        PuntConfig punt) {
    public RouterConfig {
        tables = List.copyOf(tables);
        companions = List.copyOf(companions);
        ports = List.copyOf(ports);
        portsOff = Set.copyOf(portsOff);
        routes = List.copyOf(routes);
        neighbors = List.copyOf(neighbors);
    }

    /// What runs when `next` takes the place of this: settings that take a restart stay.
    public RouterConfig runningAfter(RouterConfig next) {
        return new RouterConfig(
                workers,
                next.idle,
                control,
                state,
                metricsListen,
                next.icmp,
                next.resolution.withHoldPackets(resolution.holdPackets()),
                next.tables,
                next.ports,
                next.portsOff,
                next.routes,
                next.neighbors,
                next.fpm,
                next.netlink,
                next.companions,
                punt);
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
