package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/// What there is to say of the sources of routes beside how many come from each.
final class SourceReport {
    private final PrintWriter out;

    SourceReport(PrintWriter out) {
        this.out = out;
    }

    void print(JsonNode sources) {
        audit(sources.get("audit"));
        if (!sources.get("fpm").isNull()) {
            fpm(sources.get("fpm"));
        }
        if (!sources.get("netlink").isNull()) {
            netlink(sources.get("netlink"));
        }
    }

    private void audit(JsonNode audit) {
        Table table = new Table("MENDED", "COUNT");
        happened(table, "", audit.get("differences"));
        out.printf("%nThe audit came around %s times.%n", Text.of(audit, "rounds"));
        table.print(out);
    }

    private void fpm(JsonNode fpm) {
        String peer = fpm.get("peer").isNull() ? "nobody" : Text.of(fpm, "peer");
        out.printf("%nFPM server on %s, connected: %s%n", Text.of(fpm, "listen"), peer);
        Table table =
                counts(
                        fpm,
                        "connections",
                        "route_messages",
                        "next_hop_messages",
                        "next_hops",
                        "waiting_routes",
                        "stale_routes",
                        "swept_routes",
                        "pauses");
        happened(table, "skipped: ", fpm.get("skipped"));
        happened(table, "closed: ", fpm.get("faults"));
        table.print(out);
    }

    private void netlink(JsonNode netlink) {
        out.printf(
                "%nKernel table %s%s, %s%n",
                Text.of(netlink, "table"),
                netlink.get("netns").isNull() ? "" : " in namespace " + Text.of(netlink, "netns"),
                netlink.get("connected").asBoolean() ? "followed" : "not followed now");
        Table table =
                counts(
                        netlink,
                        "prefixes",
                        "notifications",
                        "overruns",
                        "audit_differences",
                        "failures");
        happened(table, "read: ", netlink.get("dumps"));
        happened(table, "skipped: ", netlink.get("skipped"));
        table.print(out);
    }

    private static Table counts(JsonNode of, String... keys) {
        Table table = new Table("WHAT", "COUNT");
        for (String key : List.of(keys)) {
            table.row(key.replace('_', ' '), Text.of(of, key));
        }
        return table;
    }

    /// Only what has happened.
    private static void happened(Table table, String prefix, JsonNode counts) {
        for (Map.Entry<String, JsonNode> each : counts.properties()) {
            if (each.getValue().asLong() > 0) {
                table.row(prefix + each.getKey().replace('_', ' '), each.getValue().asText());
            }
        }
    }
}
