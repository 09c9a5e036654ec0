package dev.stride.daemon.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What was changed by command beside the configuration that runs. Immutable.
///
/// @param routes that were added
/// @param neighbors that were added
/// @param neighborsGone of the configuration that were taken away
/// @param switched ports by name that are on (true) or off (false) other than configured
public record LiveChanges(
        List<RouteConfig> routes,
        List<NeighborConfig> neighbors,
        List<NeighborConfig> neighborsGone,
        Map<String, Boolean> switched) {
    /// As many lines of routes as people read.
    private static final int SHOWN = 100;

    /// No changes.
    public static final LiveChanges NONE =
            new LiveChanges(List.of(), List.of(), List.of(), Map.of());

    public LiveChanges {
        routes = List.copyOf(routes);
        neighbors = List.copyOf(neighbors);
        neighborsGone = List.copyOf(neighborsGone);
        switched = Map.copyOf(switched);
    }

    /// Whether there are none.
    public boolean isEmpty() {
        return equals(NONE);
    }

    /// What of it is beside a configuration: the rest is in there, or has no port there.
    public LiveChanges beyond(RouterConfig config) {
        Set<RouteConfig> known = new HashSet<>(config.routes());
        Set<String> tables = new HashSet<>();
        tables.add(TableConfig.MAIN.name());
        config.tables().forEach(table -> tables.add(table.name()));
        Map<String, Boolean> other = new HashMap<>();
        switched.forEach(
                (port, on) -> {
                    if (config.port(port).isPresent() && on == config.portsOff().contains(port)) {
                        other.put(port, on);
                    }
                });
        return new LiveChanges(
                routes.stream()
                        .filter(route -> !known.contains(route))
                        .filter(route -> tables.contains(route.table()))
                        .filter(
                                route ->
                                        route.viaTable() == null
                                                || tables.contains(route.viaTable()))
                        .filter(route -> route.via().stream().allMatch(via -> has(config, via)))
                        .toList(),
                neighbors.stream()
                        .filter(each -> !config.neighbors().contains(each))
                        .filter(each -> config.port(each.port()).isPresent())
                        .toList(),
                neighborsGone.stream().filter(config.neighbors()::contains).toList(),
                other);
    }

    private static boolean has(RouterConfig config, RouteConfig.Via via) {
        return via.port() == null || config.port(via.port()).isPresent();
    }

    /// What of it is not in other changes.
    LiveChanges without(LiveChanges others) {
        Map<String, Boolean> other = new HashMap<>(switched);
        other.entrySet().removeAll(others.switched.entrySet());
        return new LiveChanges(
                less(routes, others.routes),
                less(neighbors, others.neighbors),
                less(neighborsGone, others.neighborsGone),
                other);
    }

    private static <T> List<T> less(List<T> all, List<T> others) {
        if (others.isEmpty()) {
            return all;
        }
        Set<T> out = new HashSet<>(others);
        return all.stream().filter(each -> !out.contains(each)).toList();
    }

    /// Lines for people: what it takes to come from these changes to others.
    public List<String> linesTo(LiveChanges others) {
        List<String> lines = new ArrayList<>();
        LiveChanges gone = without(others);
        LiveChanges made = others.without(this);
        routes("- ", gone.routes, lines);
        routes("+ ", made.routes, lines);
        gone.neighbors.forEach(each -> lines.add("- neighbor " + each + " (live)"));
        made.neighbors.forEach(each -> lines.add("+ neighbor " + each + " (live)"));
        gone.neighborsGone.forEach(each -> lines.add("+ neighbor " + each + " (gone live)"));
        made.neighborsGone.forEach(each -> lines.add("- neighbor " + each + " (live)"));
        gone.switched.forEach((port, on) -> lines.add(switching(port, !on)));
        made.switched.forEach((port, on) -> lines.add(switching(port, on)));
        return lines;
    }

    private static void routes(String sign, List<RouteConfig> routes, List<String> lines) {
        routes.stream()
                .limit(SHOWN)
                .forEach(route -> lines.add(sign + "route " + route + " (live)"));
        if (routes.size() > SHOWN) {
            lines.add(sign + (routes.size() - SHOWN) + " more routes (live)");
        }
    }

    private static String switching(String port, boolean on) {
        return "~ port " + port + ": " + (on ? "off -> on" : "on -> off") + " (live)";
    }
}
