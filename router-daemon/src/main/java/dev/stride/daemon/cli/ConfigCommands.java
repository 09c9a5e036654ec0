package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `stride diff`, `reload`, `confirm` and `rollback`: the configuration of the running daemon.
public final class ConfigCommands {
    private ConfigCommands() {}

    /// What the four share.
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    abstract static class Asking implements Callable<Integer> {
        @Spec private CommandSpec spec;
        @Mixin private DaemonOptions daemon;

        JsonNode ask(ObjectNode request) {
            try (Client client = daemon.connect()) {
                return client.call(request);
            }
        }

        PrintWriter out() {
            return spec.commandLine().getOut();
        }

        void print(JsonNode changes, String none) {
            changes.forEach(line -> out().println(line.asText()));
            if (changes.isEmpty()) {
                out().println(none);
            }
        }
    }

    /// `stride diff`.
    @Command(
            mixinStandardHelpOptions = true,
            name = "diff",
            description = "What a reload of a configuration file would change.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    public static final class Diff extends Asking {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                required = true,
                description = "the configuration")
        private Path file;

        @Mixin private JsonOption print;

        @Override
        public Integer call() {
            String path = file.toAbsolutePath().toString();
            JsonNode changes = ask(Client.request("diff").put("file", path));
            if (print.json) {
                out().println(changes.toPrettyString());
            } else {
                print(changes, "no difference");
            }
            return ExitCode.DONE;
        }
    }

    /// `stride reload`.
    @Command(
            mixinStandardHelpOptions = true,
            name = "reload",
            description = {
                "Make a configuration file the running one: as a whole, or not at all.",
                "Prints what has changed. Ports, routes and neighbors that stay the same are not"
                        + " touched."
            })
    public static final class Reload extends Asking {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                description =
                        "the configuration (default: the one that the daemon was started with)")
        private @Nullable Path file;

        @Option(
                names = "--confirm",
                paramLabel = "SECONDS",
                description = "undo it unless `stride confirm` comes within so many seconds")
        private int confirm;

        @Override
        public Integer call() {
            ObjectNode request = Client.request("reload");
            if (file != null) {
                request.put("file", file.toAbsolutePath().toString());
            }
            if (confirm < 0) {
                throw new CommandFailure(ExitCode.USAGE, "--confirm takes a number of seconds");
            }
            JsonNode changes = ask(request.put("confirm", confirm));
            print(changes, "nothing has changed");
            if (confirm > 0 && !changes.isEmpty()) {
                out().println("undone in " + confirm + " seconds unless you run `stride confirm`");
            }
            return ExitCode.DONE;
        }
    }

    /// `stride confirm`.
    @Command(
            mixinStandardHelpOptions = true,
            name = "confirm",
            description = "Keep what the last `stride reload --confirm` did.")
    public static final class Confirm extends Asking {
        @Override
        public Integer call() {
            JsonNode _ = ask(Client.request("confirm"));
            return ExitCode.DONE;
        }
    }

    /// `stride rollback`.
    @Command(
            mixinStandardHelpOptions = true,
            name = "rollback",
            description = "Go back to the configuration before the last reload.")
    public static final class Rollback extends Asking {
        @Override
        public Integer call() {
            print(ask(Client.request("rollback")), "nothing has changed");
            return ExitCode.DONE;
        }
    }
}
