package dev.stride.daemon.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// zebra and other daemons of FRR in the namespace of a host, with files of their own.
final class Frr implements AutoCloseable {
    private static final String DAEMONS = "/usr/lib/frr/";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Host host;
    private final Path directory;
    private final Path config;
    private @Nullable Process zebra;
    private @Nullable Process staticd;
    private final Map<String, Process> others = new LinkedHashMap<>();

    /// @param settings lines of zebra's configuration
    Frr(Host host, String settings) {
        this.host = host;
        try {
            this.directory = Files.createTempDirectory("stride-frr");
            this.config = directory.resolve("zebra.conf");
            Files.writeString(config, settings + "\n");
            Files.writeString(directory.resolve("staticd.conf"), "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Run.must("chown", "-R", "frr:frr", directory.toString()); // who FRR runs as
    }

    /// Starts both, with the static routes that are configured once they run.
    void start(String... routes) {
        zebra = start("zebra", config, "-M", "dplane_fpm_nl");
        staticd = start("staticd", directory.resolve("staticd.conf"));
        for (String route : routes) {
            configure("ip route " + route);
        }
    }

    /// Starts another daemon, such as ospfd.
    ///
    /// @param settings lines of its configuration
    void run(String name, String settings) {
        Path file = directory.resolve(name + ".conf");
        try {
            Files.writeString(file, settings + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Run.must("chown", "frr:frr", file.toString());
        others.put(name, start(name, file));
    }

    /// What a daemon answers.
    String show(String daemon, String command) {
        return Run.run(
                        Map.of(),
                        List.of(
                                "vtysh",
                                "--vty_socket",
                                directory + "",
                                "-d",
                                daemon,
                                "-c",
                                command))
                .output();
    }

    private Process start(String name, Path file, String... more) {
        List<String> command =
                new ArrayList<>(List.of("ip", "netns", "exec", host.namespace(), DAEMONS + name));
        command.addAll(List.of("-A", "127.0.0.1", "-f", file + ""));
        command.addAll(List.of("-i", directory.resolve(name + ".pid") + ""));
        command.addAll(List.of("-z", directory.resolve("zserv.api") + ""));
        command.addAll(List.of("--vty_socket", directory + "", "--log", "stdout"));
        command.addAll(List.of(more));
        Process process = Run.start(Map.of(), command);
        Thread.ofPlatform().daemon().start(() -> Run.read(process)); // it must not wait for us
        Path socket = directory.resolve(name + ".vty");
        await(name + " runs")
                .atMost(PATIENCE)
                .until(() -> Files.exists(socket) && vtysh("-d", name, "-c", "show version"));
        return process;
    }

    private boolean vtysh(String... words) {
        List<String> command = new ArrayList<>(List.of("vtysh", "--vty_socket"));
        command.add(directory.toString());
        command.addAll(List.of(words));
        return Run.run(Map.of(), command).exitCode() == 0;
    }

    /// Runs a line in configuration mode.
    void configure(String line) {
        await(line)
                .atMost(PATIENCE)
                .until(() -> vtysh("-d", "staticd", "-c", "configure", "-c", line));
    }

    /// Ends both with SIGKILL.
    void kill() {
        others.values().forEach(Frr::end);
        end(staticd);
        end(zebra);
        List<String> names = new ArrayList<>(List.of("zebra", "staticd"));
        names.addAll(others.keySet());
        others.clear();
        for (String name : names) {
            try {
                Files.deleteIfExists(directory.resolve(name + ".vty"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// `ip netns exec` becomes the daemon: it is the same process. By its handle, which leaves what
    /// it says to whom reads it.
    private static void end(@Nullable Process process) {
        try {
            Process running = Objects.requireNonNull(process);
            boolean _ = running.toHandle().destroyForcibly();
            boolean _ = running.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        if (zebra != null && staticd != null) {
            kill();
        }
        Run.must("rm", "-r", directory.toString());
    }
}
