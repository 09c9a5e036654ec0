package dev.stride.daemon.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What the demo sets up and takes down: two hosts in network namespaces and the router between
/// them.
final class Stage {
    /// A host behind the router.
    ///
    /// @param device its interface, the kernel's side of the router's TAP
    record Host(String name, String device, String address, String gateway) {
        /// The words that run a program on this host.
        String[] command(String... words) {
            String[] all = new String[words.length + 4];
            System.arraycopy(new String[] {"ip", "netns", "exec", name}, 0, all, 0, 4);
            System.arraycopy(words, 0, all, 4, words.length);
            return all;
        }

        Shell.Result run(String... words) {
            return Shell.run(command(words));
        }
    }

    static final Host A = new Host("stride-a", "stride-lan", "10.1.0.2", "10.1.0.1");
    static final Host B = new Host("stride-b", "stride-wan", "10.2.0.2", "10.2.0.1");
    static final List<Host> HOSTS = List.of(A, B);
    static final Path DIRECTORY = Path.of("/run/stride-demo");
    static final Path SOCKET = DIRECTORY.resolve("control.sock");
    static final Path LOG = DIRECTORY.resolve("router.log");
    static final String METRICS = "127.0.0.1:9474";

    private static final Path CONFIG = DIRECTORY.resolve("stride.conf");
    private static final Path PID = DIRECTORY.resolve("router.pid");
    private static final int START_SECONDS = 20;

    private Stage() {}

    /// Whether something of a demo is there, kept or left behind.
    static boolean isThere() {
        return Files.exists(DIRECTORY)
                || HOSTS.stream().anyMatch(h -> Files.exists(Path.of("/run/netns", h.name())));
    }

    /// Makes the hosts' namespaces.
    static void makeHosts() {
        for (Host host : HOSTS) {
            Shell.must("ip", "netns", "add", host.name());
            Shell.must("ip", "-n", host.name(), "link", "set", "lo", "up");
        }
    }

    /// Starts the router and waits until it says that it is ready.
    static Process startRouter(String launcher) {
        write(CONFIG, config());
        Process router = Shell.start(LOG, List.of(launcher, "run", "-c", CONFIG.toString()));
        write(PID, Long.toString(router.pid()));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!Shell.read(LOG).contains("ready:")) {
            if (!router.isAlive() || System.nanoTime() > end) {
                throw new DemoFailure("the router did not start:\n" + Shell.read(LOG).strip());
            }
            pause();
        }
        return router;
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailure("interrupted");
        }
    }

    /// Gives the hosts their addresses; the router has put its TAPs' other ends there.
    static void configureHosts() {
        for (Host host : HOSTS) {
            Shell.must(
                    "ip",
                    "-n",
                    host.name(),
                    "address",
                    "add",
                    host.address() + "/24",
                    "dev",
                    host.device());
            Shell.must("ip", "-n", host.name(), "route", "add", "default", "via", host.gateway());
        }
    }

    private static String config() {
        return """
                stride {
                  control.socket = "%s"
                  metrics.listen = "%s"
                  ports {
                    lan { type = tap, device = %s, addresses = ["%s/24"], host { netns = %s } }
                    wan { type = tap, device = %s, addresses = ["%s/24"], host { netns = %s } }
                  }
                }
                """
                .formatted(
                        SOCKET,
                        METRICS,
                        A.device(),
                        A.gateway(),
                        A.name(),
                        B.device(),
                        B.gateway(),
                        B.name());
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(DIRECTORY);
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends the router and removes everything, whoever made it. Safe to call at any time.
    static void strike() {
        endRouter();
        for (Host host : HOSTS) {
            if (Files.exists(Path.of("/run/netns", host.name()))) {
                endProcesses(host);
                Shell.run("ip", "netns", "delete", host.name());
            }
        }
        removeDirectory();
    }

    private static void endRouter() {
        String pid = Shell.read(PID).strip();
        if (pid.isEmpty()) {
            return;
        }
        ProcessHandle.of(Long.parseLong(pid))
                .filter(p -> p.info().commandLine().orElse("stride").contains("stride"))
                .ifPresent(Stage::end);
    }

    /// What the demo started on a host and still runs there.
    private static void endProcesses(Host host) {
        for (String pid : Shell.run("ip", "netns", "pids", host.name()).output().split("\\s+")) {
            if (pid.matches("[0-9]+")) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(Stage::end);
            }
        }
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(3, TimeUnit.SECONDS);
        } catch (Exception e) { // however it was kept from ending
            process.destroyForcibly();
        }
    }

    private static void removeDirectory() {
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            files.sorted(Comparator.reverseOrder()).forEach(Stage::delete);
        } catch (IOException | UncheckedIOException e) {
            return; // it was not there
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
