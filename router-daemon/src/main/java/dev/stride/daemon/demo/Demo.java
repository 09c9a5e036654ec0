package dev.stride.daemon.demo;

import dev.stride.daemon.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The main job on one machine: two hosts, the router between them, traffic, numbers, a verdict.
@Command(
        mixinStandardHelpOptions = true,
        name = "demo",
        description =
                "Show two hosts talk through a router on this machine; removes everything at the end.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class Demo implements Callable<Integer> {
    private static final Pattern LOSS = Pattern.compile("([0-9.]+)% packet loss");
    private static final Pattern RTT = Pattern.compile("= [0-9.]+/([0-9.]+)/");
    private static final Pattern RATE = Pattern.compile("([0-9.]+) ([GMK]?)bits/sec.*receiver");

    @Spec private CommandSpec spec;

    @Option(names = "--keep", description = "leave the hosts and the router running")
    private boolean keep;

    @Option(names = "--end", description = "end a demo that was kept")
    private boolean end;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "3",
            description = "length of each TCP transfer (default: ${DEFAULT-VALUE})")
    private int seconds;

    private final List<String> failures = new ArrayList<>();
    private final AtomicBoolean struck = new AtomicBoolean();
    private PrintWriter out;

    @Override
    public Integer call() {
        out = spec.commandLine().getOut();
        if (!Privileges.isRoot()) {
            return Privileges.inUserNamespace(spec.commandLine().getParseResult().originalArgs());
        }
        if (end) {
            Stage.strike();
            out.println("The demo is gone.");
            return ExitCode.DONE;
        }
        try {
            need("ip", "iproute2");
            need("ping", "iputils-ping");
            if (Stage.isThere()) {
                throw new DemoFailure("a demo is there already; end it with `stride demo --end`");
            }
        } catch (DemoFailure e) {
            spec.commandLine().getErr().println("stride: " + e.getMessage());
            return ExitCode.FAILED;
        }
        return perform();
    }

    private int perform() {
        Thread onInterrupt = new Thread(this::strike, "strike");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            show();
        } catch (DemoFailure e) {
            check(false, String.valueOf(e.getMessage()));
        }
        verdict();
        if (keep && failures.isEmpty()) {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
            howToGoOn();
            Privileges.stayIfBorrowed(out, this::strike);
        } else {
            strike();
        }
        return failures.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }

    private void strike() {
        if (!struck.getAndSet(true)) {
            Stage.strike();
        }
    }

    private static void need(String program, String debianPackage) {
        if (!Shell.has(program)) {
            Privileges.install(debianPackage);
        }
        if (!Shell.has(program)) {
            throw new DemoFailure(
                    "the demo needs `" + program + "`; install the package " + debianPackage);
        }
    }

    private void show() {
        out.println("Two hosts in network namespaces, and Stride between them:");
        out.println();
        out.println(
                "  stride-a 10.1.0.2 ---- lan 10.1.0.1 [Stride] 10.2.0.1 wan ---- 10.2.0.2 stride-b");
        out.println();
        Stage.makeHosts();
        long start = System.nanoTime();
        Stage.startRouter(System.getProperty("stride.launcher", "stride"));
        out.printf(
                Locale.ROOT,
                "Router is ready after %.1f s, from the start of its process.%n",
                (System.nanoTime() - start) / 1e9);
        Stage.configureHosts();

        title("Ping, both ways");
        ping(Stage.A, Stage.B, Stage.B.address());
        ping(Stage.B, Stage.A, Stage.A.address());
        if (Stage.hasIpv6()) {
            Stage.awaitIpv6();
            ping(Stage.A, Stage.B, Stage.B.address6());
            ping(Stage.B, Stage.A, Stage.A.address6());
        }
        title("Traceroute from stride-a: the router is the first hop");
        trace();
        title("TCP, one stream, " + seconds + " s each way");
        transfer(Stage.A, Stage.B);
        transfer(Stage.B, Stage.A);
        title("What the router counted (`stride show ports`, `stride show drops`)");
        stride("show", "ports");
        stride("show", "drops");
        title("Metrics (http://" + Stage.METRICS + "/metrics, an excerpt)");
        metrics();
        checkDrops();
    }

    private void title(String text) {
        out.println();
        out.println(text);
    }

    private void ping(Stage.Host from, Stage.Host to, String address) {
        Shell.Result result =
                from.run("ping", "-n", "-q", "-c", "10", "-i", "0.1", "-w", "5", address);
        Matcher loss = LOSS.matcher(result.output());
        Matcher rtt = RTT.matcher(result.output());
        String lost = loss.find() ? loss.group(1) : "100";
        out.printf(
                "  %s -> %s  %-13s  10 sent, %s %% lost, average %s ms%n",
                from.name(), to.name(), address, lost, rtt.find() ? rtt.group(1) : "-");
        check(lost.equals("0"), "ping from " + from.name() + " lost " + lost + " %");
    }

    private void trace() {
        if (Shell.has("traceroute")) {
            String hops = Stage.A.run("traceroute", "-n", "-w", "2", Stage.B.address()).output();
            List<String> lines = hops.lines().skip(1).toList();
            lines.forEach(line -> out.println("  " + line.strip()));
            check(
                    lines.size() == 2
                            && lines.get(0).contains(Stage.A.gateway())
                            && lines.get(1).contains(Stage.B.address()),
                    "traceroute does not show the router, then the host");
        } else {
            String said =
                    Stage.A.run("ping", "-n", "-c", "1", "-t", "1", Stage.B.address()).output();
            said.lines()
                    .filter(line -> line.startsWith("From"))
                    .forEach(line -> out.println("  " + line + " (ping with TTL 1)"));
            check(
                    said.contains("From " + Stage.A.gateway()),
                    "the router does not answer a packet whose TTL ends");
        }
    }

    private void transfer(Stage.Host from, Stage.Host to) {
        String rate = Shell.has("iperf3") ? iperf(from, to) : own(from, to);
        check(!rate.isEmpty(), "no TCP from " + from.name() + " to " + to.name());
        out.printf(
                "  %s -> %s  %s%n",
                from.name(), to.name(), rate.isEmpty() ? "no connection" : rate);
    }

    private String iperf(Stage.Host from, Stage.Host to) {
        Process server = background(to, "iperf3", "-s", "-1");
        String length = Integer.toString(seconds);
        String said = "";
        for (int attempt = 0; attempt < 50 && !RATE.matcher(said).find(); attempt++) {
            said = from.run("iperf3", "-c", to.address(), "-t", length).output();
            if (!said.contains("refused")) {
                break; // the server listens: this was the attempt that counts
            }
        }
        server.destroy();
        Matcher rate = RATE.matcher(said);
        return rate.find() ? rate.group(1) + " " + rate.group(2) + "bit/s (iperf3)" : "";
    }

    private String own(Stage.Host from, Stage.Host to) {
        String launcher = System.getProperty("stride.launcher", "stride");
        Process server = background(to, launcher, "transfer");
        for (int attempt = 0; attempt < 50; attempt++) {
            Shell.Result sent =
                    from.run(
                            launcher,
                            "transfer",
                            to.address(),
                            "--seconds",
                            Integer.toString(seconds));
            if (sent.succeeded()) {
                break;
            }
        }
        server.onExit().join();
        List<String> said = Shell.read(Stage.DIRECTORY.resolve("transfer.log")).lines().toList();
        return said.size() == 2 ? said.get(1) + " Gbit/s (own transfer)" : "";
    }

    private static Process background(Stage.Host host, String... words) {
        return Shell.start(
                Stage.DIRECTORY.resolve("transfer.log"), Arrays.asList(host.command(words)));
    }

    private void stride(String... words) {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("stride.launcher", "stride"));
        command.addAll(List.of(words));
        command.addAll(List.of("--socket", Stage.SOCKET.toString()));
        Shell.Result result = Shell.run(command.toArray(String[]::new));
        result.output().lines().forEach(line -> out.println("  " + line));
        check(result.succeeded(), "`stride " + String.join(" ", words) + "` failed");
    }

    private void metrics() {
        List<String> wanted =
                List.of(
                        "stride_forwarded_packets_total",
                        "stride_port_receive_bytes_total",
                        "stride_fib_routes",
                        "stride_neighbors{state=\"reachable\"}");
        List<String> lines =
                get("/metrics")
                        .lines()
                        .filter(line -> wanted.stream().anyMatch(line::startsWith))
                        .toList();
        lines.forEach(line -> out.println("  " + line));
        check(!lines.isEmpty(), "/metrics shows nothing");
    }

    private static String get(String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://" + Stage.METRICS + path);
            return client.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /// Of all drops only those may be there that the demo itself provokes, and the multicast of
    /// IPv6, which hosts send by themselves.
    private void checkDrops() {
        get("/metrics")
                .lines()
                .filter(line -> line.startsWith("stride_drops_total"))
                .filter(line -> !line.endsWith(" 0.0"))
                .filter(line -> !line.contains("ttl_expired") && !line.contains("\"multicast\""))
                .forEach(line -> failures.add("unexpected drops: " + line));
    }

    /// Notes a failure. After Ctrl-C nothing that is seen means anything any more: waits for the
    /// end instead.
    private void check(boolean well, String otherwise) {
        while (struck.get()) {
            LockSupport.park(this);
        }
        if (!well) {
            failures.add(otherwise);
        }
    }

    private void verdict() {
        out.println();
        if (failures.isEmpty()) {
            out.println(
                    "PASS: both hosts talk through the router, and every packet is accounted for.");
        } else {
            failures.forEach(failure -> out.println("FAIL: " + failure));
        }
    }

    private void howToGoOn() {
        String stride = System.getProperty("stride.launcher", "stride");
        out.println();
        out.println("It goes on. Enter a host:  ip netns exec stride-a bash");
        out.println(
                "Ask the router:            " + stride + " show ports --socket " + Stage.SOCKET);
        out.println(
                "Its metrics and log:       curl http://"
                        + Stage.METRICS
                        + "/metrics; less "
                        + Stage.LOG);
        out.println("End it:                    " + stride + " demo --end");
    }
}
