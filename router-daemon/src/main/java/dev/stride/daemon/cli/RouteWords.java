package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stride.daemon.control.Json;
import java.util.List;
import java.util.Set;

/// Where a route goes, as people write it: `via A [port P] [weight W] [via ...]`, or a kind; and
/// which routing tables are meant: `table T`, `via-table T`.
final class RouteWords {
    private static final Set<String> KINDS = Set.of("blackhole", "unreachable", "prohibit");

    private RouteWords() {}

    /// The route of a request.
    ///
    /// @throws IllegalArgumentException when the words are no destination
    static ObjectNode route(String prefix, List<String> words) {
        ObjectNode route = Json.MAPPER.createObjectNode().put("prefix", prefix);
        int first = 0;
        if (!words.isEmpty() && KINDS.contains(words.getFirst())) {
            route.put("kind", words.getFirst());
            first = 1;
        }
        ObjectNode gateway = null;
        for (int i = first; i < words.size(); i += 2) {
            String word = words.get(i);
            String value = i + 1 < words.size() ? words.get(i + 1) : "";
            if (word.equals("table") && !value.isEmpty()) {
                route.put("table", value);
            } else if (word.equals("via-table") && !value.isEmpty() && first == 0) {
                route.put("via_table", value);
            } else if (word.equals("via") && !value.isEmpty() && first == 0) {
                gateway = route.withArrayProperty("via").addObject().put("address", value);
            } else if (word.equals("port") && gateway != null && !value.isEmpty()) {
                gateway.put("port", value);
            } else if (word.equals("weight") && gateway != null && value.matches("[0-9]{1,3}")) {
                gateway.put("weight", Integer.parseInt(value));
            } else {
                throw new IllegalArgumentException(
                        "\""
                                + word
                                + "\" is not understood here; write `via NEXTHOP [port P] [weight"
                                + " W]`, `via-table T`, or blackhole, unreachable or prohibit, and"
                                + " `table T` for another table than main");
            }
        }
        return route;
    }

    /// A line of a file: `PREFIX NEXTHOP`, or `PREFIX` and what [#route] reads.
    ///
    /// @throws IllegalArgumentException when it is neither
    static ObjectNode line(List<String> words) {
        if (words.size() < 2) {
            throw new IllegalArgumentException("not `PREFIX NEXTHOP`");
        }
        List<String> rest = words.subList(1, words.size());
        boolean bare = rest.size() == 1 && !KINDS.contains(rest.getFirst());
        return route(words.getFirst(), bare ? List.of("via", rest.getFirst()) : rest);
    }
}
