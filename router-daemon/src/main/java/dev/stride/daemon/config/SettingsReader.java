package dev.stride.daemon.config;

import dev.stride.io.worker.IdlePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads what is neither a port, a route nor a neighbor. The defaults stand here, and in
/// `conf/stride.conf` for people.
final class SettingsReader {
    private static final int MAX_WORKERS = 64;
    private static final int MAX_CPU = 1023; // cpu_set_t
    private static final int MAX_RATE = 1_000_000;

    private static final ListenAddress METRICS_LISTEN = ListenAddress.parse("127.0.0.1:9473");
    private static final Duration SPIN = Duration.ofNanos(50_000);
    private static final Duration GATHER = Duration.ofNanos(50_000);

    private SettingsReader() {}

    /// @param queues of all ports: more workers than that idle
    static WorkersConfig workers(Section stride, int queues) {
        Node node = stride.get("workers");
        Integer number = node == null ? null : node.parse(SettingsReader::workerCount);
        int count = number == null ? 0 : number;
        if (node != null && queues > 0 && count > queues) {
            node.warn(
                    "there are queues for only "
                            + queues
                            + " of "
                            + count
                            + " workers; raise the ports' queues");
        }
        List<Integer> cpus = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (Node element : stride.elements("cpus")) {
            Long cpu = element.whole(0, MAX_CPU);
            if (cpu != null) {
                cpus.add(cpu.intValue());
                if (!seen.add(cpu.intValue())) {
                    element.error("CPU " + cpu + " stands here twice; name each once");
                }
            }
        }
        if (node != null && count != 0 && !cpus.isEmpty() && cpus.size() != count) {
            node.error(count + " workers do not fit " + cpus.size() + " cpus; name one for each");
        }
        return new WorkersConfig(count, cpus);
    }

    private static int workerCount(String text) {
        if (text.equals("auto")) {
            return 0;
        }
        try {
            return (int) Node.whole(text, 1, MAX_WORKERS);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + ", nor \"auto\"", e);
        }
    }

    static IdlePolicy idle(Section stride) {
        Node node = stride.get("idle");
        if (node != null && !node.isObject()) {
            IdlePolicy policy = node.parse(SettingsReader::idleWord);
            return policy == null ? new IdlePolicy(SPIN.toNanos(), GATHER.toNanos()) : policy;
        }
        Section idle = stride.section("idle");
        Duration spin = idle.duration("spin", SPIN, Duration.ZERO, Duration.ofSeconds(1));
        Duration gather = idle.duration("gather", GATHER, Duration.ZERO, Duration.ofMillis(1));
        idle.end();
        return new IdlePolicy(spin.toNanos(), gather.toNanos());
    }

    private static IdlePolicy idleWord(String text) {
        return switch (text) {
            case "busy" -> IdlePolicy.BUSY;
            case "epoll" -> IdlePolicy.EPOLL;
            default ->
                    throw new IllegalArgumentException(
                            Node.quoted(text)
                                    + " is no idle policy; write busy, epoll or { spin = 50us }");
        };
    }

    static ListenAddress metricsListen(Section metrics) {
        Node node = metrics.get("listen");
        ListenAddress listen = node == null ? null : node.parse(ListenAddress::parse);
        metrics.end();
        if (node != null && listen != null && !listen.isLoopback()) {
            node.warn(
                    listen
                            + " is open to other machines and asks for no password; let a firewall"
                            + " guard it, or listen on 127.0.0.1");
        }
        return listen == null ? METRICS_LISTEN : listen;
    }

    static IcmpConfig icmp(Section icmp) {
        IcmpConfig config =
                new IcmpConfig(
                        icmp.whole("errors-per-second", 1000, 0, MAX_RATE),
                        icmp.whole("burst", 100, 1, MAX_RATE),
                        icmp.whole("echoes-per-second", 10_000, 0, MAX_RATE),
                        icmp.whole("echo-burst", 1000, 1, MAX_RATE),
                        icmp.whole("tcp-resets-per-second", 1000, 0, MAX_RATE),
                        icmp.whole("redirects-per-second", 100, 0, MAX_RATE));
        icmp.end();
        return config;
    }

    static ResolutionConfig resolution(Section neighbor) {
        Duration second = Duration.ofSeconds(1);
        ResolutionConfig config =
                new ResolutionConfig(
                        neighbor.duration(
                                "reachable-time",
                                Duration.ofSeconds(60),
                                second,
                                Duration.ofDays(1)),
                        neighbor.duration(
                                "retransmit-time",
                                second,
                                Duration.ofMillis(100),
                                Duration.ofMinutes(1)),
                        neighbor.whole("attempts", 3, 1, 20),
                        neighbor.whole("hold-packets", 16, 1, 1024),
                        neighbor.whole("table-limit", 16_384, 16, 1_048_576),
                        neighbor.whole("unresolved-limit", 1024, 16, 65_536),
                        neighbor.flag("verify-changes", true),
                        neighbor.duration(
                                "probe-time",
                                Duration.ofMillis(300),
                                Duration.ZERO,
                                Duration.ofSeconds(10)));
        neighbor.end();
        return config;
    }
}
