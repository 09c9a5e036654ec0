package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A router under test with its hosts. Close it: it removes all that it made.
final class Lab implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final String PREFIX = "strideit-";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static final Path LAUNCHER = Path.of("bin/stride").toAbsolutePath();

    private final Path directory;
    private final List<Host> hosts = new ArrayList<>();
    private final Path config;
    private @Nullable Process router;

    private Lab(Path directory) {
        this.directory = directory;
        this.config = directory.resolve("stride.conf");
    }

    /// Hosts and a configuration, nothing started.
    ///
    /// @param portSettings more settings of each port, one element for each host: `mtu = 1400`.
    ///   With `type = packet` or `pcap` the host is behind a veth instead of a TAP
    static Lab of(String... portSettings) {
        Peers.require();
        sweep();
        try {
            Lab lab = new Lab(Files.createTempDirectory("stride-lab"));
            long pid = ProcessHandle.current().pid();
            for (int i = 1; i <= portSettings.length; i++) {
                int unique = COUNT.incrementAndGet();
                String namespace = PREFIX + pid + "-" + unique;
                Run.must("ip", "netns", "add", namespace);
                Run.must("ip", "-n", namespace, "link", "set", "lo", "up");
                Host host = new Host(i, namespace, "st" + pid % 100_000 + "x" + unique);
                lab.hosts.add(host);
                if (hasVeth(portSettings[i - 1])) {
                    Run.must("ip", "netns", "add", lab.side(host));
                    lab.connect(host);
                }
            }
            lab.configure("", portSettings);
            return lab;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A lab with a router that is ready and hosts that have their addresses.
    static Lab running(String... portSettings) {
        Lab lab = of(portSettings);
        try {
            lab.start();
            lab.hosts.forEach(Host::configure);
            return lab;
        } catch (RuntimeException | Error e) {
            lab.close();
            throw e;
        }
    }

    /// Removes namespaces of test runs that are dead.
    private static void sweep() {
        for (String line : Run.run("ip", "netns", "list").output().lines().toList()) {
            String name = line.split(" ", 2)[0];
            if (name.startsWith(PREFIX)) {
                long pid = Long.parseLong(name.substring(PREFIX.length()).split("-", 2)[0]);
                if (ProcessHandle.of(pid).isEmpty()) {
                    Run.run("ip", "netns", "delete", name);
                }
            }
        }
    }

    private static boolean hasVeth(String portSettings) {
        return portSettings.startsWith("type = packet") || portSettings.startsWith("type = pcap");
    }

    /// The namespace with the router's end of a host's veth.
    String side(Host host) {
        return host.namespace() + "-r";
    }

    /// Makes a veth between a host and the router.
    void connect(Host host) {
        String device = host.device();
        Run.must(
                ("ip -n "
                                + host.namespace()
                                + " link add "
                                + device
                                + " type veth peer name "
                                + device
                                + " netns "
                                + side(host))
                        .split(" "));
        Run.must("ip", "-n", host.namespace(), "link", "set", device, "up");
        Run.must("ip", "-n", side(host), "link", "set", device, "up");
    }

    /// Writes the configuration anew.
    ///
    /// @param more settings beside the ports
    void configure(String more, String... portSettings) {
        configure(more, hosts.size(), portSettings);
    }

    /// The same with the ports of the first hosts only.
    void configure(String more, int ports, String... portSettings) {
        StringBuilder text = new StringBuilder();
        text.append("stride {\n  control.socket = \"").append(socket()).append("\"\n");
        text.append("  state.directory = \"").append(file("state")).append("\"\n");
        text.append("  metrics.listen = \"127.0.0.1:0\"\n  ports {\n");
        for (Host host : hosts.subList(0, ports)) {
            String settings = portSettings[host.number() - 1];
            String where =
                    hasVeth(settings)
                            ? "netns = " + side(host)
                            : "type = tap, host { netns = " + host.namespace() + " }";
            text.append(
                    """
                        p%d { device = %s, addresses = ["%s/24"], %s
                             %s }
                    """
                            .formatted(
                                    host.number(), host.device(), host.gateway(), where, settings));
        }
        text.append("  }\n").append(more).append("\n}\n");
        try {
            Files.writeString(config, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path config() {
        return config;
    }

    Path socket() {
        return directory.resolve("control.sock");
    }

    /// A file name of the lab's own.
    Path file(String name) {
        return directory.resolve(name);
    }

    private Path logFile() {
        return directory.resolve("router.log");
    }

    /// What the router has logged since its last start.
    String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The host with that number, from 1.
    Host host(int number) {
        return hosts.get(number - 1);
    }

    List<Host> hosts() {
        return hosts;
    }

    /// Starts the router and waits until it is ready.
    void start() {
        start(Map.of());
    }

    /// The same with more in its environment.
    void start(Map<String, String> environment) {
        start(environment, config);
    }

    /// The same with a configuration that is elsewhere.
    void startWith(Path file) {
        start(Map.of(), file);
    }

    private void start(Map<String, String> environment, Path file) {
        // Who runs the tests by nohup has SIGHUP ignored; a router has not.
        String[] command = {
            "env", "--default-signal=HUP", LAUNCHER.toString(), "run", "-c", file.toString()
        };
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(logFile().toFile());
        builder.environment().putAll(environment);
        try {
            router = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Process started = router;
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> log().contains("ready:") || !started.isAlive());
        assertThat(log()).contains("ready:");
    }

    /// Sends a signal that lets it end in order, and waits.
    ///
    /// @return its exit code
    int terminate() {
        return end(false);
    }

    /// Sends the router a signal, by its name.
    void signal(String name) {
        Run.must("kill", "-" + name, String.valueOf(Objects.requireNonNull(router).pid()));
    }

    /// Kills it with -9.
    void kill() {
        int _ = end(true);
    }

    private int end(boolean hard) {
        Process process = router;
        if (process == null) {
            return 0;
        }
        router = null;
        if (hard) {
            process.destroyForcibly();
        } else {
            process.destroy();
        }
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the router does not end");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return process.exitValue();
    }

    /// Runs the command line against this router.
    Run.Result stride(String... words) {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(Arrays.asList(words));
        command.addAll(List.of("--socket", socket().toString()));
        return Run.run(Map.of(), command);
    }

    /// What `stride show WHAT --json` answers.
    JsonNode show(String what) {
        Run.Result result = stride("show", what, "--json");
        assertThat(result.exitCode()).as(result.output()).isZero();
        try {
            return JSON.readTree(result.output());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a host hears and says by a device from now on, line by line in a file.
    ///
    /// @param more options of tcpdump
    Path listen(Host host, String device, String more, String filter) {
        Path file = file("heard-" + System.nanoTime());
        var _ =
                host.background(
                        "timeout 120 tcpdump -n -e -l %s -i %s '%s' > %s 2>&1 || true"
                                .formatted(more, device, filter, file));
        await().atMost(PATIENCE)
                .until(() -> Files.exists(file) && Files.readString(file).contains("listening"));
        return file;
    }

    /// The URL of the router's HTTP server.
    String url(String path) {
        return log().replaceAll("(?s).*metrics on (http://[0-9.:]+)/metrics.*", "$1") + path;
    }

    /// For each port: what came in has ended somewhere, once nothing is held; and nothing went
    /// wrong inside.
    void assertSumsAgree() {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            for (JsonNode port : show("ports")) {
                                long ended = 0;
                                for (JsonNode packets : port.get("endings")) {
                                    ended += packets.asLong();
                                }
                                assertThat(ended)
                                        .as(port.toString())
                                        .isEqualTo(port.get("receive_packets").asLong());
                                assertThat(port.get("endings").has("internal")).isFalse();
                            }
                        });
        assertThat(log()).doesNotContain("Exception").doesNotContain("ERROR");
    }

    @Override
    public void close() {
        try {
            int _ = end(false);
        } finally {
            for (Host host : hosts) {
                for (String pid :
                        Run.run("ip", "netns", "pids", host.namespace()).output().split("\\s+")) {
                    if (pid.matches("[0-9]+")) {
                        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroy);
                    }
                }
                Run.run("ip", "netns", "delete", host.namespace());
                Run.run("ip", "netns", "delete", side(host));
            }
            delete();
        }
    }

    private void delete() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
