package dev.stride.daemon.cli;

import dev.stride.daemon.config.ConfigReader;
import dev.stride.daemon.config.Problem;
import dev.stride.daemon.control.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `stride check`: every problem of a configuration. Opens nothing.
@Command(
        mixinStandardHelpOptions = true,
        name = "check",
        description = "Check a configuration file; opens nothing.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class Check implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "the configuration")
    private Path file;

    @Mixin private JsonOption print;

    @Override
    public Integer call() {
        ConfigReader.Result result = ConfigReader.read(file);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (print.json) {
            out.println(Json.MAPPER.valueToTree(result.problems()).toPrettyString());
        } else {
            for (Problem problem : result.problems()) {
                err.println(problem);
            }
            if (result.isValid()) {
                out.println(file + ": valid");
            }
        }
        return result.isValid() ? ExitCode.DONE : ExitCode.CONFIG;
    }
}
