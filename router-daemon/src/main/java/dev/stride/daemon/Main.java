package dev.stride.daemon;

import dev.stride.daemon.cli.Bench;
import dev.stride.daemon.cli.Check;
import dev.stride.daemon.cli.CommandFailure;
import dev.stride.daemon.cli.Completion;
import dev.stride.daemon.cli.ConfigCommands;
import dev.stride.daemon.cli.ExitCode;
import dev.stride.daemon.cli.FpmCommands;
import dev.stride.daemon.cli.NeighborCommands;
import dev.stride.daemon.cli.PortCommands;
import dev.stride.daemon.cli.ReplayCommand;
import dev.stride.daemon.cli.RouteCommands;
import dev.stride.daemon.cli.Run;
import dev.stride.daemon.cli.Show;
import dev.stride.daemon.demo.Demo;
import dev.stride.daemon.demo.Transfer;
import dev.stride.daemon.running.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// The command `stride`.
@Command(
        mixinStandardHelpOptions = true,
        name = "stride",
        description = "A userspace software router for Linux.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:it failed",
            "2:the command line is wrong",
            "69:no daemon answers",
            "78:the configuration is wrong"
        },
        footer = {"", "stride COMMAND --help says more about each. First steps: stride demo"},
        versionProvider = Main.Versions.class,
        subcommands = {
            Demo.class,
            Run.class,
            Check.class,
            Show.class,
            RouteCommands.class,
            NeighborCommands.class,
            PortCommands.class,
            FpmCommands.class,
            ConfigCommands.Diff.class,
            ConfigCommands.Reload.class,
            ConfigCommands.Confirm.class,
            ConfigCommands.Rollback.class,
            ConfigCommands.Save.class,
            ReplayCommand.class,
            Bench.class,
            Completion.class,
            Transfer.class
        })
public final class Main {
    /// What `--version` prints.
    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Stride " + Version.TEXT};
        }
    }

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(
                execute(
                        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                        arguments));
    }

    /// Runs a command and says its exit code.
    public static int execute(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setOut(out);
        line.setErr(err);
        line.setUsageHelpAutoWidth(true);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler(Main::failed);
        return line.execute(arguments);
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
        if (e instanceof CommandFailure failure) {
            line.getErr().println("stride: " + failure.getMessage());
            return failure.exitCode();
        }
        if (e instanceof IOException) { // of a file that was named
            String why = e instanceof NoSuchFileException ? ": there is no such file" : "";
            line.getErr().println("stride: " + e.getMessage() + why);
            return ExitCode.FAILED;
        }
        e.printStackTrace(line.getErr());
        return ExitCode.FAILED;
    }
}
