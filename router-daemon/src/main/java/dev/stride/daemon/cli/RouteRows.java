package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// Routes as a table.
final class RouteRows {
    private static final Column[] COLUMNS = {
        new Column(" ", route -> route.get("best").asBoolean() ? "*" : " "),
        Column.of("PREFIX", "prefix"),
        Column.of("SOURCE", "source"),
        new Column("VIA", RouteRows::via),
        new Column("DISTANCE/METRIC", RouteRows::preference),
        new Column("", RouteRows::fault)
    };

    private RouteRows() {}

    static Table table() {
        return Column.table(COLUMNS);
    }

    static void row(Table table, JsonNode route) {
        Column.row(table, route, COLUMNS);
    }

    private static String preference(JsonNode route) {
        return Text.of(route, "distance") + "/" + Text.of(route, "metric");
    }

    private static String fault(JsonNode route) {
        return route.get("usable").asBoolean()
                ? ""
                : "not usable: next hop does not resolve, or its port is down";
    }

    private static String via(JsonNode route) {
        String kind = Text.of(route, "kind");
        if (kind.equals("link")) {
            return "link of " + Text.of(route, "port");
        }
        List<String> words = new ArrayList<>();
        for (JsonNode gateway : route.get("via")) {
            int weight = gateway.get("weight").asInt();
            String port = gateway.get("port").isNull() ? "" : " on " + Text.of(gateway, "port");
            words.add(
                    Text.of(gateway, "address") + port + (weight == 1 ? "" : " weight " + weight));
        }
        String table =
                route.get("via_table").isNull() ? "" : "table " + Text.of(route, "via_table");
        if (words.isEmpty()) {
            return table.isEmpty() ? kind : table;
        }
        return String.join(", ", words) + (table.isEmpty() ? "" : " by " + table);
    }
}
