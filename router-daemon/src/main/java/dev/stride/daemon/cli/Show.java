package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
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
                "(status|ports|neighbors|tables|routes|route ADDR|fib|drops|workers|hooks|history"
                        + "|sources)")
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

    /// A table with a row for each element of the answer.
    private void list(
            DaemonOptions daemon, JsonOption print, ObjectNode request, Column... columns) {
        show(daemon, print, request, rows -> table(rows, columns));
    }

    private void table(JsonNode rows, Column... columns) {
        Column[] telling = Column.telling(rows, columns);
        Table table = Column.table(telling);
        rows.forEach(row -> Column.row(table, row, telling));
        table.print(out());
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
                    out().printf(
                                    "Stride %s, pid %d%n",
                                    Text.of(s, "version"), s.get("pid").asLong());
                    out().printf("up       %s%n", Text.duration(s.get("uptime_seconds").asLong()));
                    out().printf("config   %s%n", Text.of(s, "config"));
                    out().printf("metrics  http://%s/metrics%n", Text.of(s, "metrics"));
                    out().printf("workers  %d%n", s.get("workers").asInt());
                    out().printf(
                                    "ports    %d, %d up%n",
                                    s.get("ports").asInt(), s.get("ports_up").asInt());
                    out().printf("routes   %d in the FIB%n", s.get("routes").asLong());
                });
    }

    @Command(mixinStandardHelpOptions = true, description = "Ports with their counters.")
    void ports(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        list(
                daemon,
                print,
                what("ports"),
                Column.of("PORT", "name"),
                Column.of("TYPE", "type"),
                Column.of("DEVICE", "device"),
                Column.of("TABLE", "table").usually("main"),
                new Column("COMPANION", Show::companion).usually("-"),
                new Column("STATE", Show::state),
                Column.of("MTU", "mtu"),
                Column.of("MAC", "mac"),
                new Column("ADDRESSES", port -> Text.join(port.get("addresses"))),
                Column.of("RX PACKETS", "receive_packets"),
                Column.of("RX BYTES", "receive_bytes"),
                Column.of("MISSED", "receive_missed"),
                Column.of("TX PACKETS", "transmit_packets"),
                Column.of("TX BYTES", "transmit_bytes"),
                Column.of("DROPS", "drops"));
    }

    private static String companion(JsonNode port) {
        JsonNode companion = port.get("companion");
        if (companion == null || companion.isNull()) {
            return "-";
        }
        String netns = companion.get("netns").isNull() ? "" : "@" + Text.of(companion, "netns");
        return Text.of(companion, "device") + netns;
    }

    private static String state(JsonNode port) {
        if (!port.get("enabled").asBoolean()) {
            return "off"; // by command
        }
        return port.get("up").asBoolean() ? "up" : "down";
    }

    @Command(mixinStandardHelpOptions = true, description = "Neighbors and what is known of them.")
    void neighbors(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        list(
                daemon,
                print,
                what("neighbors"),
                Column.of("PORT", "port"),
                Column.of("ADDRESS", "address"),
                Column.of("MAC", "mac"),
                new Column(
                        "STATE",
                        n -> Text.of(n, "state") + (n.path("live").asBoolean() ? " (live)" : "")),
                new Column("AGE", n -> Text.duration(n.get("age_seconds").asLong())));
    }

    @Command(mixinStandardHelpOptions = true, description = "The routing tables and their ports.")
    void tables(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        list(
                daemon,
                print,
                what("tables"),
                Column.of("TABLE", "name"),
                Column.of("ID", "id"),
                new Column("PORTS", table -> Text.join(table.get("ports"))),
                Column.of("IPV4 ROUTES", "ipv4_routes"),
                Column.of("IPV6 ROUTES", "ipv6_routes"));
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
                Table table = RouteRows.table();
                client.receive(
                        part -> {
                            part.forEach(route -> RouteRows.row(table, route));
                            table.print(out());
                            return !out().checkError();
                        });
            }
        }
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
                        out().println(address + " is covered by " + Text.of(found, "prefix"));
                        Table table = RouteRows.table();
                        found.get("candidates").forEach(route -> RouteRows.row(table, route));
                        table.print(out());
                    }
                    out().println("FIB: next hop number " + Text.of(found, "next_hop"));
                });
    }

    @Command(mixinStandardHelpOptions = true, description = "The forwarding tables.")
    void fib(@Mixin DaemonOptions daemon, @Mixin JsonOption print, @Mixin TableOption of) {
        list(
                daemon,
                print,
                of.in(what("fib")),
                Column.of("TABLE", "table"),
                Column.of("FAMILY", "family"),
                Column.of("ROUTES", "routes"),
                Column.of("BUCKETS", "buckets"),
                Column.of("BYTES", "bytes"),
                Column.of("UPDATES", "updates"),
                new Column("US/CHANGE", Show::microseconds),
                Column.of("WAITING", "waiting_buckets"),
                new Column("LAG", Show::lag));
    }

    /// What a change of a route took on average, from the RIB to the published FIB.
    private static String microseconds(JsonNode fib) {
        long changes = fib.get("changes").asLong();
        double seconds = fib.get("change_seconds").asDouble();
        return changes == 0 ? "-" : Text.decimal(1e6 * seconds / changes);
    }

    private static String lag(JsonNode fib) {
        String worker = Text.of(fib, "lag_worker");
        return worker.isEmpty() ? "none" : worker + " " + Text.of(fib, "lag_epochs");
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
                    table(
                            drops,
                            Column.of("PORT", "port"),
                            Column.of("REASON", "reason"),
                            Column.of("CLASS", "class"),
                            Column.of("PACKETS", "packets"));
                });
        if (!print.json) {
            show(daemon, print, what("ports"), this::missed);
        }
    }

    /// What never came to a reason, as the router did not get it.
    private void missed(JsonNode ports) {
        for (JsonNode port : ports) {
            if (port.get("receive_missed").asLong() > 0) {
                out().printf(
                                "%s missed %s more: they found the kernel's queue full%n",
                                Text.of(port, "name"), Text.of(port, "receive_missed"));
            }
        }
    }

    @Command(mixinStandardHelpOptions = true, description = "Workers and how busy they are.")
    void workers(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        list(
                daemon,
                print,
                what("workers"),
                Column.of("WORKER", "worker"),
                new Column("PORTS", worker -> Text.join(worker.get("ports"))),
                Column.of("BURSTS", "bursts"),
                Column.of("PACKETS", "packets"),
                new Column("BUSY", w -> Text.decimal(100 * w.get("busy_ratio").asDouble()) + "%"),
                new Column("BUSY SECONDS", w -> Text.decimal(w.get("busy_seconds").asDouble())));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Packet filter hooks, in the order of running.")
    void hooks(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        list(
                daemon,
                print,
                what("hooks"),
                Column.of("POINT", "point"),
                new Column(
                        "HOOKS",
                        point ->
                                point.get("hooks").isEmpty()
                                        ? "none"
                                        : Text.join(point.get("hooks"))));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Configurations that have run; * marks the one that runs.")
    void history(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        list(
                daemon,
                print,
                what("history"),
                new Column(" ", each -> each.get("current").asBoolean() ? "*" : " "),
                Column.of("GENERATION", "generation"),
                Column.of("SINCE", "time"),
                Column.of("CAUSE", "cause"));
    }

    @Command(mixinStandardHelpOptions = true, description = "Where routes come from.")
    void sources(@Mixin DaemonOptions daemon, @Mixin JsonOption print) {
        show(
                daemon,
                print,
                what("sources"),
                sources -> {
                    table(
                            sources.get("routes"),
                            Column.of("SOURCE", "source"),
                            Column.of("FAMILY", "family"),
                            Column.of("TABLE", "table"),
                            Column.of("ROUTES", "routes"));
                    new SourceReport(out()).print(sources);
                });
    }
}
