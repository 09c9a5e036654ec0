package dev.stride.daemon.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.daemon.config.TableConfig;
import dev.stride.daemon.control.Router.GatewayView;
import dev.stride.daemon.control.Router.NewRoute;
import dev.stride.daemon.control.Router.RefusedException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the fields of a request. Each method throws a [RefusedException] that names the field when
/// it is missing or no such thing.
final class RequestFields {
    private static final int MAX_WEIGHT = 256;
    private static final List<String> ALL_BUT_PREFIX = List.of("via", "kind", "table", "via_table");

    private RequestFields() {}

    static String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isTextual()) {
            throw new RefusedException("\"" + key + "\" must be there and a string");
        }
        return value.asText();
    }

    static boolean flag(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isBoolean()) {
            throw new RefusedException("\"" + key + "\" must be true or false");
        }
        return value.asBoolean();
    }

    /// The file of a `reload` or `diff`; null where none is named.
    static @Nullable Path file(JsonNode node) {
        try {
            return node.has("file") ? Path.of(text(node, "file")) : null;
        } catch (InvalidPathException e) {
            throw new RefusedException("\"file\" is no path: " + e.getReason());
        }
    }

    static int generation(JsonNode node) {
        JsonNode value = node.path("generation");
        if (!value.isInt() || value.intValue() < 1) {
            throw new RefusedException("\"generation\" must be a number that `history` shows");
        }
        return value.intValue();
    }

    static IpPrefix prefix(JsonNode node) {
        try {
            return IpPrefix.parse(text(node, "prefix"));
        } catch (IllegalArgumentException e) {
            throw new RefusedException("\"prefix\": " + e.getMessage());
        }
    }

    /// The routing table that is named, or the main one.
    static String table(JsonNode node) {
        return node.has("table") ? text(node, "table") : TableConfig.MAIN.name();
    }

    static IpAddress address(JsonNode node) {
        try {
            return IpAddress.parse(text(node, "address"));
        } catch (IllegalArgumentException e) {
            throw new RefusedException("\"address\": " + e.getMessage());
        }
    }

    static MacAddress mac(JsonNode node) {
        try {
            return MacAddress.parse(text(node, "mac"));
        } catch (IllegalArgumentException e) {
            throw new RefusedException("\"mac\": " + e.getMessage());
        }
    }

    /// The routes of a `route-add`: one of its own, or a list of them.
    static List<NewRoute> routes(JsonNode request) {
        if (!request.has("routes")) {
            return List.of(route(request));
        }
        return routes(request, "routes");
    }

    /// A list of routes; empty where there is none.
    static List<NewRoute> routes(JsonNode request, String key) {
        JsonNode list = list(request, key);
        List<NewRoute> routes = new ArrayList<>(list.size());
        JsonNode before = MissingNode.getInstance();
        for (JsonNode each : list) {
            try {
                boolean like = !routes.isEmpty() && isLike(each, before); // as most of many
                routes.add(like ? routes.getLast().to(prefix(each)) : route(each));
                before = each;
            } catch (RefusedException e) {
                throw new RefusedException(String.valueOf(e.getMessage()), routes.size());
            }
        }
        return routes;
    }

    /// A list of prefixes; empty where there is none.
    static List<IpPrefix> prefixes(JsonNode request, String key) {
        List<IpPrefix> prefixes = new ArrayList<>();
        for (JsonNode each : list(request, key)) {
            try {
                prefixes.add(IpPrefix.parse(each.asText()));
            } catch (IllegalArgumentException e) {
                throw new RefusedException("\"" + key + "\": " + e.getMessage(), prefixes.size());
            }
        }
        return prefixes;
    }

    private static JsonNode list(JsonNode request, String key) {
        JsonNode list = request.path(key);
        if (!list.isArray() && !list.isMissingNode()) {
            throw new RefusedException("\"" + key + "\" must be a list");
        }
        return list;
    }

    private static boolean isLike(JsonNode node, JsonNode other) {
        for (String key : ALL_BUT_PREFIX) {
            if (!node.path(key).equals(other.path(key))) {
                return false;
            }
        }
        return true;
    }

    private static NewRoute route(JsonNode node) {
        List<GatewayView> via = new ArrayList<>();
        for (JsonNode each : node.path("via")) {
            via.add(
                    new GatewayView(
                            address(each).toString(),
                            each.has("port") ? text(each, "port") : null,
                            weight(each.path("weight"))));
        }
        String viaTable = node.has("via_table") ? text(node, "via_table") : null;
        return new NewRoute(table(node), prefix(node), via, node.path("kind").asText(), viaTable);
    }

    private static int weight(JsonNode node) {
        if (node.isMissingNode()) {
            return 1;
        }
        if (!node.isInt() || node.intValue() < 1 || node.intValue() > MAX_WEIGHT) {
            throw new RefusedException("\"weight\" must be 1 to " + MAX_WEIGHT);
        }
        return node.intValue();
    }
}
