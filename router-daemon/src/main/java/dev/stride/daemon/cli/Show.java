package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `stride show ...`: tables for people over what the daemon answers.
@Command(
        mixinStandardHelpOptions = true,
        name = "show",
        description = "Show the state of the running router.",
        synopsisSubcommandLabel =
                "(status|ports|neighbors|tables|routes|route ADDR|fib|drops|workers|hooks|sources)")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class Show {
    @Spec private CommandSpec spec;

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private interface Rows {
        void print(JsonNode result);
    }

    private void show(DaemonOptions daemon, JsonOption print, ObjectNode request, Rows rows) {
        try (Client client = daemon.connect()) {
            JsonNode result = client.call(request);
            if (print.json) {
                out().println(result.toPrettyString());
            } else {
                rows.print(result);
            }
        }
    }

    private static ObjectNode what(String what) {
        return Client.request("show").put("what", what);
    }

    @Command(mixinStandardHelpOptions = true, description = "The daemon in short.")
    void status(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("status"),
                s -> {
                    out().printf("Stride %s, pid %d%n", text(s, "version"), s.get("pid").asLong());
                    out().printf("up       %s%n", duration(s.get("uptime_seconds").asLong()));
                    out().printf("config   %s%n", text(s, "config"));
                    out().printf("metrics  http://%s/metrics%n", text(s, "metrics"));
                    out().printf("workers  %d%n", s.get("workers").asInt());
                    out().printf(
                                    "ports    %d, %d up%n",
                                    s.get("ports").asInt(), s.get("ports_up").asInt());
                    out().printf("routes   %d in the FIB%n", s.get("routes").asLong());
                });
    }

    @Command(mixinStandardHelpOptions = true, description = "Ports with their counters.")
    void ports(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("ports"),
                ports -> {
                    Table table =
                            new Table(
                                    "PORT",
                                    "TYPE",
                                    "DEVICE",
                                    "TABLE",
                                    "COMPANION",
                                    "STATE",
                                    "MTU",
                                    "MAC",
                                    "ADDRESSES",
                                    "RX PACKETS",
                                    "RX BYTES",
                                    "TX PACKETS",
                                    "TX BYTES",
                                    "DROPS");
                    for (JsonNode p : ports) {
                        table.row(
                                text(p, "name"),
                                text(p, "type"),
                                text(p, "device"),
                                text(p, "table"),
                                companion(p),
                                state(p),
                                text(p, "mtu"),
                                text(p, "mac"),
                                join(p.get("addresses")),
                                text(p, "receive_packets"),
                                text(p, "receive_bytes"),
                                text(p, "transmit_packets"),
                                text(p, "transmit_bytes"),
                                text(p, "drops"));
                    }
                    table.print(out());
                });
    }

    private static String companion(JsonNode port) {
        JsonNode companion = port.get("companion");
        if (companion == null || companion.isNull()) {
            return "-";
        }
        String netns = companion.get("netns").isNull() ? "" : "@" + text(companion, "netns");
        return text(companion, "device") + netns;
    }

    private static String state(JsonNode port) {
        if (!port.get("enabled").asBoolean()) {
            return "off"; // by command
        }
        return port.get("up").asBoolean() ? "up" : "down";
    }

    @Command(mixinStandardHelpOptions = true, description = "Neighbors and what is known of them.")
    void neighbors(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("neighbors"),
                neighbors -> {
                    Table table = new Table("PORT", "ADDRESS", "MAC", "STATE", "AGE");
                    for (JsonNode n : neighbors) {
                        table.row(
                                text(n, "port"),
                                text(n, "address"),
                                text(n, "mac"),
                                text(n, "state") + (n.path("live").asBoolean() ? " (live)" : ""),
                                duration(n.get("age_seconds").asLong()));
                    }
                    table.print(out());
                });
    }

    @Command(mixinStandardHelpOptions = true, description = "The routing tables and their ports.")
    void tables(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("tables"),
                tables -> {
                    Table table = new Table("TABLE", "ID", "PORTS", "IPV4 ROUTES", "IPV6 ROUTES");
                    for (JsonNode t : tables) {
                        table.row(
                                text(t, "name"),
                                text(t, "id"),
                                join(t.get("ports")),
                                text(t, "ipv4_routes"),
                                text(t, "ipv6_routes"));
                    }
                    table.print(out());
                });
    }

    @Command(
            mixinStandardHelpOptions = true,
            description =
                    "All routes of a table, of main without --table; * marks those in the FIB.")
    void routes(@Mixin DaemonOptions daemon, @Mixin JsonOption print, @Mixin TableOption of) {
        try (Client client = daemon.connect()) { // as they come: there may be a million
            client.send(of.in(what("routes")));
            if (print.json) {
                out().print("[");
                String[] separator = {"\n"};
                client.receive(
                        part -> {
                            StringBuilder text = new StringBuilder();
                            for (JsonNode route : part) {
                                text.append(separator[0]).append(route);
                                separator[0] = ",\n";
                            }
                            out().print(text);
                            return !out().checkError();
                        });
                out().println("\n]");
            } else {
                Table table = routeTable();
                client.receive(
                        part -> {
                            part.forEach(route -> row(table, route));
                            table.print(out());
                            return !out().checkError();
                        });
            }
        }
    }

    private static Table routeTable() {
        return new Table(" ", "PREFIX", "SOURCE", "VIA", "DISTANCE/METRIC", "");
    }

    private static void row(Table table, JsonNode route) {
        table.row(
                route.get("best").asBoolean() ? "*" : " ",
                text(route, "prefix"),
                text(route, "source"),
                via(route),
                text(route, "distance") + "/" + text(route, "metric"),
                route.get("usable").asBoolean()
                        ? ""
                        : "not usable: next hop does not resolve, or its port is down");
    }

    private static String via(JsonNode route) {
        String kind = text(route, "kind");
        if (kind.equals("link")) {
            return "link of " + text(route, "port");
        }
        List<String> words = new ArrayList<>();
        for (JsonNode gateway : route.get("via")) {
            int weight = gateway.get("weight").asInt();
            words.add(
                    text(gateway, "address")
                            + (gateway.get("port").isNull() ? "" : " on " + text(gateway, "port"))
                            + (weight == 1 ? "" : " weight " + weight));
        }
        String table = route.get("via_table").isNull() ? "" : "table " + text(route, "via_table");
        if (words.isEmpty()) {
            return table.isEmpty() ? kind : table;
        }
        return String.join(", ", words) + (table.isEmpty() ? "" : " by " + table);
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Which route an address takes, and why.")
    void route(
            @Mixin DaemonOptions daemon,
            @Mixin JsonOption print,
            @Mixin TableOption of,
            @Parameters(paramLabel = "ADDR", description = "such as 192.0.2.1 or 2001:db8::1")
                    String address) {
        show(
                daemon,
                print,
                of.in(Client.request("route").put("address", address)),
                found -> {
                    if (found.get("prefix").isNull()) {
                        out().println(address + ": no route");
                    } else {
                        out().println(address + " is covered by " + text(found, "prefix"));
                        Table table = routeTable();
                        found.get("candidates").forEach(route -> row(table, route));
                        table.print(out());
                    }
                    out().println("FIB: next hop number " + text(found, "next_hop"));
                });
    }

    @Command(mixinStandardHelpOptions = true, description = "The forwarding tables.")
    void fib(@Mixin DaemonOptions daemon, @Mixin JsonOption print, @Mixin TableOption of) {
        show(
                daemon,
                print,
                of.in(what("fib")),
                tables -> {
                    Table table =
                            new Table(
                                    "TABLE",
                                    "FAMILY",
                                    "ROUTES",
                                    "BUCKETS",
                                    "BYTES",
                                    "UPDATES",
                                    "US/CHANGE",
                                    "WAITING",
                                    "LAG");
                    for (JsonNode fib : tables) {
                        String worker = text(fib, "lag_worker");
                        table.row(
                                text(fib, "table"),
                                text(fib, "family"),
                                text(fib, "routes"),
                                text(fib, "buckets"),
                                text(fib, "bytes"),
                                text(fib, "updates"),
                                microseconds(fib),
                                text(fib, "waiting_buckets"),
                                worker.isEmpty() ? "none" : worker + " " + text(fib, "lag_epochs"));
                    }
                    table.print(out());
                });
    }

    @Command(mixinStandardHelpOptions = true, description = "Dropped packets by port and reason.")
    void drops(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("drops"),
                drops -> {
                    if (drops.isEmpty()) {
                        out().println("nothing was dropped");
                        return;
                    }
                    Table table = new Table("PORT", "REASON", "CLASS", "PACKETS");
                    for (JsonNode drop : drops) {
                        table.row(
                                text(drop, "port"),
                                text(drop, "reason"),
                                text(drop, "class"),
                                text(drop, "packets"));
                    }
                    table.print(out());
                });
    }

    @Command(mixinStandardHelpOptions = true, description = "Workers and how busy they are.")
    void workers(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("workers"),
                workers -> {
                    Table table =
                            new Table(
                                    "WORKER", "PORTS", "BURSTS", "PACKETS", "BUSY", "BUSY SECONDS");
                    for (JsonNode worker : workers) {
                        table.row(
                                text(worker, "worker"),
                                join(worker.get("ports")),
                                text(worker, "bursts"),
                                text(worker, "packets"),
                                decimal(100 * worker.get("busy_ratio").asDouble()) + "%",
                                decimal(worker.get("busy_seconds").asDouble()));
                    }
                    table.print(out());
                });
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Packet filter hooks, in the order of running.")
    void hooks(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("hooks"),
                points -> {
                    Table table = new Table("POINT", "HOOKS");
                    for (JsonNode point : points) {
                        String hooks = join(point.get("hooks"));
                        table.row(text(point, "point"), hooks.isEmpty() ? "none" : hooks);
                    }
                    table.print(out());
                });
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Configurations that have run; * marks the one that runs.")
    void history(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("history"),
                generations -> {
                    Table table = new Table(" ", "GENERATION", "SINCE", "CAUSE");
                    for (JsonNode each : generations) {
                        table.row(
                                each.get("current").asBoolean() ? "*" : " ",
                                text(each, "generation"),
                                text(each, "time"),
                                text(each, "cause"));
                    }
                    table.print(out());
                });
    }

    @Command(mixinStandardHelpOptions = true, description = "Where routes come from.")
    void sources(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("sources"),
                sources -> {
                    Table table = new Table("SOURCE", "FAMILY", "TABLE", "ROUTES");
                    for (JsonNode source : sources.get("routes")) {
                        table.row(
                                text(source, "source"),
                                text(source, "family"),
                                text(source, "table"),
                                text(source, "routes"));
                    }
                    table.print(out());
                    audit(sources.get("audit"));
                    if (!sources.get("fpm").isNull()) {
                        fpm(sources.get("fpm"));
                    }
                    if (!sources.get("netlink").isNull()) {
                        netlink(sources.get("netlink"));
                    }
                });
    }

    private void audit(JsonNode audit) {
        Table table = new Table("MENDED", "COUNT");
        counts(table, "", audit.get("differences"));
        out().printf("%nThe audit came around %s times.%n", text(audit, "rounds"));
        table.print(out());
    }

    private void fpm(JsonNode fpm) {
        String peer = fpm.get("peer").isNull() ? "nobody" : text(fpm, "peer");
        out().printf("%nFPM server on %s, connected: %s%n", text(fpm, "listen"), peer);
        Table table = new Table("WHAT", "COUNT");
        for (String key :
                List.of(
                        "connections",
                        "route_messages",
                        "next_hop_messages",
                        "next_hops",
                        "waiting_routes",
                        "stale_routes",
                        "swept_routes",
                        "pauses")) {
            table.row(key.replace('_', ' '), text(fpm, key));
        }
        counts(table, "skipped: ", fpm.get("skipped"));
        counts(table, "closed: ", fpm.get("faults"));
        table.print(out());
    }

    private void netlink(JsonNode netlink) {
        String where =
                netlink.get("netns").isNull() ? "" : " in namespace " + text(netlink, "netns");
        out().printf(
                        "%nKernel table %s%s, %s%n",
                        text(netlink, "table"),
                        where,
                        netlink.get("connected").asBoolean() ? "followed" : "not followed now");
        Table table = new Table("WHAT", "COUNT");
        for (String key :
                List.of("prefixes", "notifications", "overruns", "audit_differences", "failures")) {
            table.row(key.replace('_', ' '), text(netlink, key));
        }
        counts(table, "read: ", netlink.get("dumps"));
        counts(table, "skipped: ", netlink.get("skipped"));
        table.print(out());
    }

    /// Only what has happened.
    private static void counts(Table table, String prefix, JsonNode counts) {
        for (Map.Entry<String, JsonNode> each : counts.properties()) {
            if (each.getValue().asLong() > 0) {
                table.row(prefix + each.getKey().replace('_', ' '), each.getValue().asText());
            }
        }
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        return value.isNull() || value.isMissingNode() ? "-" : value.asText();
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /// What a change of a route took on average, from the RIB to the published FIB.
    private static String microseconds(JsonNode fib) {
        long changes = fib.get("changes").asLong();
        double seconds = fib.get("change_seconds").asDouble();
        return changes == 0 ? "-" : decimal(1e6 * seconds / changes);
    }

    private static String join(JsonNode list) {
        List<String> words = new ArrayList<>();
        list.forEach(word -> words.add(word.asText()));
        return String.join(", ", words);
    }

    private static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m" + seconds % 60 + "s";
        }
        return seconds / 3600 + "h" + seconds / 60 % 60 + "m";
    }
}
