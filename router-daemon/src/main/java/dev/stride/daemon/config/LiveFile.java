package dev.stride.daemon.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What `stride save` keeps: a file of its own beside the configuration, which includes it, so that
/// nothing that people wrote is written anew. Immutable.
///
/// @param routes by table and destination, as HOCON
/// @param neighbors by port and address, as HOCON
/// @param enabled whether ports are on, by name
record LiveFile(
        Map<String, String> routes, Map<String, String> neighbors, Map<String, Boolean> enabled) {
    private static final String HEAD =
            """
            # Written by "stride save". Keep it, or move what is in here into the configuration and delete it.
            """;

    /// Nothing.
    static final LiveFile EMPTY = new LiveFile(Map.of(), Map.of(), Map.of());

    /// Reads what [#render] wrote, perhaps edited.
    ///
    /// @throws IllegalArgumentException when there is anything else in it
    static LiveFile parse(String text) {
        Map<String, String> routes = new LinkedHashMap<>();
        Map<String, String> neighbors = new LinkedHashMap<>();
        Map<String, Boolean> enabled = new LinkedHashMap<>();
        try {
            ConfigObject root = ConfigFactory.parseString(text).resolve().root();
            only(root, Set.of("stride"));
            if (root.get("stride") instanceof ConfigObject stride) {
                only(stride, Set.of("routes", "neighbors", "ports"));
                for (ConfigObject route : objects(stride, "routes")) {
                    routes.put(key(route), shown(route));
                }
                for (ConfigObject neighbor : objects(stride, "neighbors")) {
                    String key = word(neighbor, "port") + " " + word(neighbor, "address");
                    neighbors.put(key, shown(neighbor));
                }
                if (stride.get("ports") instanceof ConfigObject ports) {
                    for (String name : ports.keySet()) {
                        enabled.put(name, ports.toConfig().getBoolean(quoted(name) + ".enabled"));
                    }
                }
            }
            return new LiveFile(routes, neighbors, enabled);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void only(ConfigObject object, Set<String> keys) {
        for (String key : object.keySet()) {
            if (!keys.contains(key)) {
                throw new IllegalArgumentException(
                        "it has the key " + key + ", which was not written by \"stride save\"");
            }
        }
    }

    @SuppressWarnings("unchecked") // the library's own type of its lists
    private static List<ConfigObject> objects(ConfigObject in, String key) {
        return in.containsKey(key)
                ? (List<ConfigObject>) in.toConfig().getObjectList(key)
                : List.of();
    }

    private static String word(ConfigObject object, String key) {
        return object.toConfig().getString(key);
    }

    private static String key(ConfigObject route) {
        return (route.containsKey("table") ? word(route, "table") : TableConfig.MAIN.name())
                + " "
                + word(route, "to");
    }

    private static String shown(ConfigValue value) {
        return value.render(ConfigRenderOptions.concise());
    }

    /// The same with more, which takes the place of what was there.
    LiveFile with(LiveChanges changes) {
        Map<String, String> moreRoutes = new LinkedHashMap<>(routes);
        changes.routes()
                .forEach(route -> moreRoutes.put(route.table() + " " + route.to(), hocon(route)));
        Map<String, String> moreNeighbors = new LinkedHashMap<>(neighbors);
        changes.neighborsGone().forEach(each -> moreNeighbors.remove(key(each)));
        changes.neighbors().forEach(each -> moreNeighbors.put(key(each), hocon(each)));
        Map<String, Boolean> moreEnabled = new LinkedHashMap<>(enabled);
        moreEnabled.putAll(changes.switched());
        return new LiveFile(moreRoutes, moreNeighbors, moreEnabled);
    }

    private static String key(NeighborConfig neighbor) {
        return neighbor.port() + " " + neighbor.address();
    }

    private static String hocon(RouteConfig route) {
        StringBuilder text = new StringBuilder("{ to = ").append(quoted(route.to()));
        if (!route.table().equals(TableConfig.MAIN.name())) {
            text.append(", table = ").append(quoted(route.table()));
        }
        if (route.viaTable() != null) {
            text.append(", via-table = ").append(quoted(route.viaTable()));
        }
        if (route.kind() == RouteConfig.Kind.TABLE) {
            return text.append(" }").toString();
        }
        if (route.kind() == RouteConfig.Kind.UNICAST) {
            text.append(", via = [");
            String between = "";
            for (RouteConfig.Via via : route.via()) {
                text.append(between);
                between = ", "; // side by side without it, HOCON would make one of two
                text.append("{ address = ").append(quoted(via.address()));
                if (via.port() != null) {
                    text.append(", port = ").append(quoted(via.port()));
                }
                if (via.weight() != 1) {
                    text.append(", weight = ").append(via.weight());
                }
                text.append(" }");
            }
            text.append("]");
        } else {
            text.append(", kind = ").append(route.kind().label());
        }
        return text.append(" }").toString();
    }

    private static String hocon(NeighborConfig neighbor) {
        return "{ port = "
                + quoted(neighbor.port())
                + ", address = "
                + quoted(neighbor.address())
                + ", mac = "
                + quoted(neighbor.mac())
                + " }";
    }

    private static String quoted(Object value) {
        return ConfigUtil.quoteString(Objects.toString(value));
    }

    /// The file.
    String render() {
        StringBuilder text = new StringBuilder(HEAD);
        list(text, "routes", routes);
        list(text, "neighbors", neighbors);
        enabled.forEach(
                (port, on) ->
                        text.append("stride.ports.")
                                .append(quoted(port))
                                .append(".enabled = ")
                                .append(on)
                                .append('\n'));
        return text.toString();
    }

    /// Behind what the configuration itself has under the key.
    private static void list(StringBuilder text, String key, Map<String, String> elements) {
        if (elements.isEmpty()) {
            return;
        }
        text.append("stride.").append(key).append(" = ${?stride.").append(key).append("} [\n");
        elements.values().forEach(each -> text.append("  ").append(each).append('\n'));
        text.append("]\n");
    }
}
