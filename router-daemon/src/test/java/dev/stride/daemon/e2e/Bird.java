package dev.stride.daemon.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// BIRD 2 in the namespace of a host.
final class Bird implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Host host;
    private final Path directory;
    private @Nullable Process process;

    Bird(Host host) {
        this.host = host;
        try {
            this.directory = Files.createTempDirectory("stride-bird");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// One that runs.
    ///
    /// @param protocols beside that of devices
    static Bird running(Host host, String protocols) {
        Bird bird = new Bird(host);
        bird.write(
                "router id %s;\nprotocol device { scan time 1; }\n%s"
                        .formatted(host.address(), protocols));
        bird.start();
        return bird;
    }

    /// What `show WHAT` answers.
    String show(String what) {
        return birdc("show " + what + " 2>&1");
    }

    /// Writes the configuration: static routes, for table 100 of the kernel.
    ///
    /// @param routes as `10.0.0.0/8 via 192.0.2.1` each
    void write(List<String> routes) {
        StringBuilder text = new StringBuilder("router id 10.3.0.2;\nprotocol device {}\n");
        text.append("protocol kernel { kernel table 100; scan time 5; ipv4 { export all; }; }\n");
        text.append("protocol static {\n  ipv4;\n");
        routes.forEach(route -> text.append("  route ").append(route).append(";\n"));
        write(text.append("}\n").toString());
    }

    private void write(String text) {
        try {
            Files.writeString(directory.resolve("bird.conf"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void start() {
        List<String> command =
                List.of(
                        "ip",
                        "netns",
                        "exec",
                        host.namespace(),
                        "bird",
                        "-f",
                        "-c",
                        directory.resolve("bird.conf") + "",
                        "-s",
                        directory.resolve("ctl") + "");
        Process bird = Run.start(Map.of(), command);
        process = bird;
        Thread.ofPlatform().daemon().start(() -> Run.read(bird)); // it must not wait for us
        await("BIRD runs").atMost(PATIENCE).until(() -> birdc("show status").contains("up"));
    }

    private String birdc(String words) {
        return Run.run("sh", "-c", "birdc -s " + directory.resolve("ctl") + " " + words).output();
    }

    /// Takes the configuration that was written last.
    void reconfigure() {
        String answer = birdc("configure");
        if (!answer.contains("Reconfigur")) {
            throw new AssertionError(answer);
        }
    }

    /// Ends it with SIGKILL: its routes stay in the kernel.
    void kill() {
        Process bird = process;
        process = null;
        if (bird == null) {
            return;
        }
        try {
            bird.destroyForcibly().waitFor(10, TimeUnit.SECONDS); // ip netns exec became it
            Files.deleteIfExists(directory.resolve("ctl"));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        kill();
        Run.must("rm", "-r", directory.toString());
    }
}
