package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `stride route ...`: live routes, which last until the daemon ends.
@Command(
        mixinStandardHelpOptions = true,
        name = "route",
        description = "Change live routes. They last until the daemon ends.",
        synopsisSubcommandLabel = "(add|del|load)")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class RouteCommands {
    private static final int PROGRESS = 100_000;

    @Spec private CommandSpec spec;

    @Command(
            mixinStandardHelpOptions = true,
            description = "Add a route, in place of an earlier live one to the same prefix.",
            customSynopsis = {
                "stride route add PREFIX via NEXTHOP [port P] [weight W] [via ...]"
                        + " [table T] [via-table T]",
                "stride route add PREFIX (blackhole|unreachable|prohibit) [table T]",
                "stride route add PREFIX via-table T [table T]"
            },
            footer = {
                "",
                "Without a port the next hop is looked up in the routing table. Several next",
                "hops share the flows by their weights (1 to 256, without one 1).",
                "",
                "Without a table the route is in main. With via-table another table finds the next",
                "hops or, without any, decides about the packets.",
                "",
                "Examples:",
                "  stride route add 10.9.0.0/16 via 10.1.0.2",
                "  stride route add 0.0.0.0/0 via 10.1.0.2 weight 2 via 10.2.0.2",
                "  stride route add 203.0.113.0/24 blackhole",
                "  stride route add 10.2.0.0/24 via-table blue table red"
            })
    void add(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "PREFIX", description = "such as 10.9.0.0/16") String prefix,
            @Parameters(paramLabel = "WORDS", arity = "1..*", description = "where packets go")
                    List<String> words) {
        ObjectNode request;
        try {
            request = RouteWords.route(prefix, words);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.subcommands().get("add"), String.valueOf(e.getMessage()));
        }
        try (Client client = daemon.connect()) {
            client.call(request.put("do", "route-add"));
        }
    }

    @Command(mixinStandardHelpOptions = true, description = "Withdraw a live route.")
    void del(
            @Mixin DaemonOptions daemon,
            @Mixin TableOption from,
            @Parameters(paramLabel = "PREFIX", description = "such as 10.9.0.0/16") String prefix) {
        try (Client client = daemon.connect()) {
            client.call(from.in(Client.request("route-del").put("prefix", prefix)));
        }
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Add many routes from a file.",
            footer = {
                "",
                "One route a line: `PREFIX NEXTHOP`, or PREFIX and what `route add` takes.",
                "# begins a comment. Stops at the first line that is wrong and names it; what was",
                "loaded before stays."
            })
    void load(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "FILE", description = "the routes; - reads standard input")
                    Path file) {
        long start = System.nanoTime();
        try (Client client = daemon.connect();
                BufferedReader lines = open(file)) {
            RouteFile routes = new RouteFile(client, file.toString(), this::progress);
            int loaded = routes.load(lines);
            double seconds = (System.nanoTime() - start) / 1e9;
            spec.commandLine().getOut().printf("%d routes loaded in %.1f s%n", loaded, seconds);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(ExitCode.FAILED, file + ": there is no such file");
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, file + ": " + e.getMessage());
        }
    }

    private static BufferedReader open(Path file) throws IOException {
        // what is not ASCII is no route; this charset never fails, so that the line is named
        return file.toString().equals("-")
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1))
                : Files.newBufferedReader(file, StandardCharsets.ISO_8859_1);
    }

    private void progress(int loaded) {
        if (loaded % PROGRESS == 0) {
            spec.commandLine().getErr().println(loaded + " routes");
        }
    }
}
