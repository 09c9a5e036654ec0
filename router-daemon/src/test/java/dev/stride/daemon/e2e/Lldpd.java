package dev.stride.daemon.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// lldpd in the namespace of a host, on one device of it.
final class Lldpd implements AutoCloseable {
    private final Path directory;
    private final String socket;
    private final Process process;

    /// @param description of the system, which its neighbors see
    Lldpd(Host host, String device, String description) {
        try {
            directory = Files.createTempDirectory("stride-lldpd");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Run.must("chmod", "755", directory.toString()); // it gives up root
        socket = directory.resolve("socket").toString();
        process =
                Run.start(
                        Map.of(),
                        List.of(
                                "ip",
                                "netns",
                                "exec",
                                host.namespace(),
                                "/usr/sbin/lldpd",
                                "-d",
                                "-u",
                                socket,
                                "-I",
                                device,
                                "-S",
                                description,
                                "-O",
                                "/dev/null"));
    }

    /// What lldpcli answers; an error of it while the daemon starts.
    String ask(String... command) {
        List<String> all = new ArrayList<>(List.of("lldpcli", "-u", socket));
        all.addAll(List.of(command));
        return Run.run(Map.of(), all).output();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Run.must("rm", "-r", directory.toString());
    }
}
