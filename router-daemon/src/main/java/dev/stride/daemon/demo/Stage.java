package dev.stride.daemon.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    /// @param address6 of IPv6, as `gateway6` is the router's
    record Host(
            String name,
            String device,
            String address,
            String gateway,
            String address6,
            String gateway6) {
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

    static final Host A = host("stride-a", "stride-lan", 1);
    static final Host B = host("stride-b", "stride-wan", 2);
    static final List<Host> HOSTS = List.of(A, B);
    static final Path DIRECTORY = Path.of("/run/stride-demo");
    static final Path SOCKET = DIRECTORY.resolve("control.sock");
    static final Path LOG = DIRECTORY.resolve("router.log");
    static final String METRICS = "127.0.0.1:9474";

    private static final Path CONFIG = DIRECTORY.resolve("stride.conf");
    private static final Path PID = DIRECTORY.resolve("router.pid");
    private static final int START_SECONDS = 20;

    private Stage() {}

    private static Host host(String name, String device, int link) {
        String four = "10." + link + ".0.";
        String six = "2001:db8:" + link + "::";
        return new Host(name, device, four + 2, four + 1, six + 2, six + 1);
    }

    /// Whether this kernel speaks IPv6.
    static boolean hasIpv6() {
        return Files.exists(Path.of("/proc/sys/net/ipv6"));
    }

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
            address(host, host.address() + "/24");
            Shell.must("ip", "-n", host.name(), "route", "add", "default", "via", host.gateway());
            if (hasIpv6()) {
                address(host, host.address6() + "/64", "nodad");
                String via = host.gateway6();
                Shell.must("ip", "-6", "-n", host.name(), "route", "add", "default", "via", via);
            }
        }
    }

    /// Waits until the router has made sure that nobody else has its addresses (RFC 4862).
    static void awaitIpv6() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        for (Host host : HOSTS) {
            while (!host.run("ping", "-n", "-c", "1", "-W", "1", host.gateway6()).succeeded()) {
                if (System.nanoTime() > end) {
                    return; // what follows tells
                }
            }
        }
    }

    private static void address(Host host, String address, String... how) {
        List<String> words = new ArrayList<>();
        words.addAll(List.of("ip", "-n", host.name(), "address", "add", address));
        words.addAll(List.of("dev", host.device()));
        words.addAll(List.of(how));
        Shell.must(words.toArray(String[]::new));
    }

    private static String config() {
        return """
                stride {
                  control.socket = "%s"
                  state.directory = "%s"
                  metrics.listen = "%s"
                  ports {
                %s%s                  }
                }
                """
                .formatted(
                        SOCKET,
                        SOCKET.resolveSibling("state"),
                        METRICS,
                        port("lan", A),
                        port("wan", B));
    }

    private static String port(String name, Host host) {
        return """
                    %s { type = tap, device = %s, addresses = ["%s/24", "%s/64"]
                          host { netns = %s } }
                """
                .formatted(name, host.device(), host.gateway(), host.gateway6(), host.name());
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
