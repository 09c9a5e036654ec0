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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `stride diff`, `reload`, `confirm`, `rollback` and `save`: the configuration of the running
/// daemon.
public final class ConfigCommands {
    private ConfigCommands() {}

    /// What they share.
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
            description = {
                "What a reload of a configuration file would change, or a rollback.",
                "Live changes, which a reload takes away, are marked (live)."
            })
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    public static final class Diff extends Asking {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                description =
                        "the configuration (default: the one that the daemon was started with)")
        private @Nullable Path file;

        @Option(
                names = "--generation",
                paramLabel = "NUMBER",
                description = "an earlier configuration of `stride show history`")
        private int generation;

        @Mixin private JsonOption print;

        @Override
        public Integer call() {
            ObjectNode request = Client.request("diff");
            if (generation != 0) {
                request.put("generation", generation);
            } else if (file != null) {
                request.put("file", file.toAbsolutePath().toString());
            }
            JsonNode changes = ask(request);
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
                        + " touched. Live changes go, unless they are saved before."
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

        @Option(names = "--keep-live", description = "live changes stay")
        private boolean keepLive;

        @Override
        public Integer call() {
            ObjectNode request = Client.request("reload").put("keep_live", keepLive);
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
            description = {
                "Go back to the configuration before the last reload, or to an earlier one.",
                "The file stays as it is: `stride diff` tells how it differs now."
            })
    public static final class Rollback extends Asking {
        @Parameters(
                paramLabel = "GENERATION",
                arity = "0..1",
                description = "one of `stride show history`")
        private int generation;

        @Override
        public Integer call() {
            ObjectNode request = Client.request("rollback");
            if (generation != 0) {
                request.put("generation", generation);
            }
            print(ask(request), "nothing has changed");
            return ExitCode.DONE;
        }
    }

    /// `stride save`.
    @Command(
            mixinStandardHelpOptions = true,
            name = "save",
            description = {
                "Write live changes into the configuration of the daemon.",
                "They go to a file of their own beside it, stride.live.conf for stride.conf, which"
                        + " the configuration includes from then on; all else in it stays."
            })
    public static final class Save extends Asking {
        @Override
        public Integer call() {
            print(ask(Client.request("save")), "there are no live changes");
            return ExitCode.DONE;
        }
    }
}
