package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Several routers beside each other, with FRR for each, between two hosts with BIRD. Every router
/// has a link to each host: 10.R.1.0/24 to the first, 10.R.2.0/24 to the second; they speak eBGP,
/// watched by BFD. Close it: it removes all that it made.
final class Site implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String PREFIX = "strideit-" + ProcessHandle.current().pid() + "-site-";

    private static final String BFDD =
            """
            bfd
             profile fast
              detect-multiplier 3
              receive-interval 100
              transmit-interval 100
            """;

    private final Path directory;
    private final List<Host> hosts = new ArrayList<>();
    private final List<Host> routers = new ArrayList<>(); // where their daemons and FRRs are
    private final List<Frr> frrs = new ArrayList<>();
    private final List<@Nullable Process> processes = new ArrayList<>();
    private final List<Bird> birds = new ArrayList<>();

    private Site(Path directory) {
        this.directory = directory;
    }

    /// A site whose routers are ready and whose daemons have started.
    static Site of(int routers) {
        Peers.require();
        Site site;
        try {
            site = new Site(Files.createTempDirectory("stride-site"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            site.hosts.add(namespace(77, "a"));
            site.hosts.add(namespace(88, "b"));
            for (Host host : site.hosts) {
                host.must("sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1");
            }
            for (int router = 1; router <= routers; router++) {
                site.add(router);
            }
            for (Host host : site.hosts) {
                site.birds.add(Bird.running(host, site.bird(host)));
            }
            return site;
        } catch (RuntimeException | Error e) {
            site.close();
            throw e;
        }
    }

    private static Host namespace(int number, String name) {
        Host host = new Host(number, PREFIX + name, "to-" + name);
        Run.must("ip", "netns", "add", host.namespace());
        Run.must("ip", "-n", host.namespace(), "link", "set", "lo", "up");
        return host;
    }

    private void add(int number) {
        Host router = namespace(number, "r" + number);
        routers.add(router);
        processes.add(null);
        for (Host host : hosts) {
            String link = "r" + number;
            ip(
                    host,
                    "link add "
                            + link
                            + " type veth peer name "
                            + host.device()
                            + " netns "
                            + router.namespace());
            ip(host, "link set " + link + " up");
            ip(router, "link set " + host.device() + " up");
            ip(host, "address add 10." + number + "." + side(host) + ".2/24 dev " + link);
        }
        start(number);
        Frr frr = new Frr(router, "fpm address 127.0.0.1");
        frrs.add(frr);
        frr.start();
        frr.run("bfdd", BFDD);
        frr.run("bgpd", bgpd(number));
    }

    private static void ip(Host where, String words) {
        Run.must(("ip -n " + where.namespace() + " " + words).split(" "));
    }

    private int side(Host host) {
        return hosts.indexOf(host) + 1;
    }

    /// Starts a router and waits until it is ready.
    void start(int number) {
        StringBuilder text = new StringBuilder("stride {\n  metrics.listen = \"127.0.0.1:0\"\n");
        text.append("  control.socket = ").append(socket(number)).append("\n");
        String there = routers.get(number - 1).namespace();
        for (Host host : hosts) {
            text.append(
                    """
                      ports.p%d { type = packet, device = %s, netns = %s, addresses = ["10.%d.%d.1/24"]
                                  companion { device = c%d, netns = %s } }
                    """
                            .formatted(
                                    side(host),
                                    host.device(),
                                    there,
                                    number,
                                    side(host),
                                    side(host),
                                    there));
        }
        text.append("  sources.fpm { netns = ").append(there).append(" }\n}\n");
        Path config = directory.resolve("r" + number + ".conf");
        Path log = directory.resolve("r" + number + ".log");
        try {
            Files.writeString(config, text);
            Process process =
                    new ProcessBuilder(Lab.LAUNCHER + "", "run", "-c", config + "")
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            processes.set(number - 1, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await("router " + number)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(log)).contains("ready:"));
    }

    private Path socket(int number) {
        return directory.resolve("r" + number + ".sock");
    }

    /// Kills a router with -9; its FRR goes on.
    void kill(int number) {
        end(Objects.requireNonNull(processes.set(number - 1, null)));
    }

    private static void end(Process process) {
        try {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String bgpd(int number) {
        return """
        router bgp 6510%1$d
         bgp router-id 10.%1$d.1.1
         no bgp ebgp-requires-policy
         neighbor 10.%1$d.1.2 remote-as 65001
         neighbor 10.%1$d.1.2 timers connect 1
         neighbor 10.%1$d.1.2 bfd profile fast
         neighbor 10.%1$d.2.2 remote-as 65002
         neighbor 10.%1$d.2.2 timers connect 1
         neighbor 10.%1$d.2.2 bfd profile fast
        """
                .formatted(number);
    }

    private String bird(Host host) {
        StringBuilder text =
                new StringBuilder(
                        """
                        protocol direct { ipv4; interface "lo"; }
                        protocol kernel { merge paths on; ipv4 { import none; export all; }; }
                        protocol bfd {
                          interface "r*" { min rx interval 100 ms; min tx interval 100 ms; multiplier 3; };
                        }
                        """);
        for (int router = 1; router <= routers.size(); router++) {
            text.append(
                    """
                    protocol bgp r%1$d {
                      local 10.%1$d.%2$d.2 as 6500%2$d;
                      neighbor 10.%1$d.%2$d.1 as 6510%1$d;
                      bfd on;
                      connect delay time 1;
                      connect retry time 2;
                      error wait time 1, 2;
                      ipv4 { import all; export where source = RTS_DEVICE; };
                    }
                    """
                            .formatted(router, side(host)));
        }
        return text.toString();
    }

    /// The first host or the second.
    Host host(int number) {
        return hosts.get(number - 1);
    }

    /// BIRD on that host.
    Bird bird(int number) {
        return birds.get(number - 1);
    }

    /// What a router answers to `stride show WHAT`.
    String show(int router, String... what) {
        List<String> command = new ArrayList<>(List.of(Lab.LAUNCHER + "", "show"));
        command.addAll(List.of(what));
        command.addAll(List.of("--socket", socket(router) + ""));
        return Run.run(Map.of(), command).output();
    }

    @Override
    public void close() {
        birds.forEach(Bird::close);
        frrs.forEach(Frr::close);
        for (Process process : processes) {
            if (process != null) {
                end(process);
            }
        }
        hosts.forEach(host -> Run.run("ip", "netns", "delete", host.namespace()));
        routers.forEach(router -> Run.run("ip", "netns", "delete", router.namespace()));
        Run.must("rm", "-r", directory.toString());
    }
}
