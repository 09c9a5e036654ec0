package dev.stride.daemon.cli;

import dev.stride.daemon.config.ConfigReader;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.log.Logs;
import dev.stride.daemon.running.Daemon;
import dev.stride.io.port.PortException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `stride run`: the daemon, until SIGTERM or SIGINT.
@Command(
        mixinStandardHelpOptions = true,
        name = "run",
        description = "Run the router in the foreground.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class Run implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "the configuration")
    private Path file;

    @Override
    public Integer call() throws InterruptedException {
        Logs.toConsole();
        ConfigReader.Result read = ConfigReader.read(file);
        read.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
        RouterConfig config = read.config();
        if (config == null) {
            return ExitCode.CONFIG;
        }
        Daemon daemon;
        try {
            daemon = Daemon.start(file, config, read.text());
        } catch (PortException | UncheckedIOException e) {
            throw new CommandFailure(ExitCode.FAILED, String.valueOf(e.getMessage()));
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(daemon), "stop"));
        Hangup.handle(daemon::reload);
        new CountDownLatch(1).await(); // the shutdown hook ends the process
        return ExitCode.DONE;
    }

    /// Stops in order. A signal is the ordinary end of a daemon, so it exits with 0.
    private static void stop(Daemon daemon) {
        daemon.close();
        Runtime.getRuntime().halt(ExitCode.DONE);
    }
}
