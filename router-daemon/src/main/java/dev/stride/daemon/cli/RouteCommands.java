package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
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
                "stride route add PREFIX via NEXTHOP [port P] [weight W] [via ...]",
                "stride route add PREFIX (blackhole|unreachable|prohibit)"
            })
    void add(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "PREFIX", description = "such as 10.9.0.0/16") String prefix,
            @Parameters(paramLabel = "WORDS", arity = "1..*", description = "where packets go")
                    List<String> words) {
        ObjectNode request = request(prefix, words);
        try (Client client = daemon.connect()) {
            client.call(request);
        }
    }

    /// Reads `via A port P weight W via ...` or a kind.
    private ObjectNode request(String prefix, List<String> words) {
        ObjectNode request = Client.request("route-add").put("prefix", prefix);
        if (words.size() == 1) {
            return request.put("kind", words.getFirst());
        }
        ArrayNode via = request.putArray("via");
        ObjectNode gateway = null;
        for (int i = 0; i < words.size(); i += 2) {
            String value = i + 1 < words.size() ? words.get(i + 1) : "";
            String word = words.get(i);
            if (word.equals("via") && !value.isEmpty()) {
                gateway = via.addObject().put("address", value);
            } else if (word.equals("port") && gateway != null && !value.isEmpty()) {
                gateway.put("port", value);
            } else if (word.equals("weight") && gateway != null && value.matches("[0-9]{1,3}")) {
                gateway.put("weight", Integer.parseInt(value));
            } else {
                throw new ParameterException(
                        spec.commandLine(),
                        "\"" + word + "\" is not understood here; write `via NEXTHOP [port P]`");
            }
        }
        return request;
    }

    @Command(mixinStandardHelpOptions = true, description = "Withdraw a live route.")
    void del(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "PREFIX", description = "such as 10.9.0.0/16") String prefix) {
        try (Client client = daemon.connect()) {
            client.call(Client.request("route-del").put("prefix", prefix));
        }
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Add many routes, one `PREFIX NEXTHOP` a line; # begins a comment.")
    void load(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "FILE", description = "the routes") Path file) {
        int number = 0;
        int loaded = 0;
        try (Client client = daemon.connect();
                BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                List<String> words = List.of(line.replaceFirst("#.*", "").strip().split("\\s+"));
                if (words.getFirst().isEmpty()) {
                    continue;
                }
                if (words.size() != 2) {
                    throw new CommandFailure(
                            ExitCode.FAILED, file + ":" + number + ": not `PREFIX NEXTHOP`");
                }
                client.call(request(words.getFirst(), List.of("via", words.get(1))));
                if (++loaded % PROGRESS == 0) {
                    spec.commandLine().getErr().println(loaded + " routes");
                }
            }
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, file + ": " + e.getMessage());
        }
        spec.commandLine().getOut().println(loaded + " routes loaded");
    }
}
