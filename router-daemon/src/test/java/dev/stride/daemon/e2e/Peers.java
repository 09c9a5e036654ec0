package dev.stride.daemon.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The programs that the tests talk to, and the Debian packages that have them. What is missing is
/// installed once, by name, where we are root and apt is there.
final class Peers {
    private static final Map<String, String> PACKAGES = new LinkedHashMap<>();

    static {
        PACKAGES.put("ip", "iproute2");
        PACKAGES.put("ping", "iputils-ping");
        PACKAGES.put("tracepath", "iputils-tracepath");
        PACKAGES.put("arping", "iputils-arping");
        PACKAGES.put("traceroute", "traceroute");
        PACKAGES.put("iperf3", "iperf3");
        PACKAGES.put("tcpdump", "tcpdump");
        PACKAGES.put("ethtool", "ethtool");
        PACKAGES.put("socat", "socat");
        PACKAGES.put("curl", "curl");
        PACKAGES.put("promtool", "prometheus");
        PACKAGES.put("vtysh", "frr");
        PACKAGES.put("bird", "bird2");
        PACKAGES.put("lldpcli", "lldpd");
        PACKAGES.put("nping", "nmap");
        PACKAGES.put("hping3", "hping3");
        PACKAGES.put("mtr", "mtr-tiny");
        PACKAGES.put("scapy", "python3-scapy");
        PACKAGES.put("ndisc6", "ndisc6");
        PACKAGES.put("ns6", "ipv6toolkit");
        PACKAGES.put("atk6-ndpexhaust6", "thc-ipv6");
    }

    private static final boolean READY = prepare();

    private Peers() {}

    /// Skips the test, loudly, where it cannot run.
    static void require() {
        assumeTrue(isRoot(), "needs root, for network namespaces and TAPs");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        assumeTrue(READY, "needs the Debian packages " + missing());
    }

    static boolean isRoot() {
        return Run.run("id", "-u").output().equals("0");
    }

    private static boolean prepare() {
        List<String> packages = missing();
        if (packages.isEmpty()) {
            return true;
        }
        if (!isRoot() || !has("apt-get")) {
            return false;
        }
        System.out.println("installing the tests' peers: " + String.join(" ", packages));
        List<String> install =
                new ArrayList<>(
                        List.of("apt-get", "install", "-y", "-q", "--no-install-recommends"));
        install.addAll(packages);
        Run.run("apt-get", "update", "-q");
        Run.Result result =
                Run.run(
                        Map.of("DEBIAN_FRONTEND", "noninteractive", "RUNLEVEL", "1"), // no services
                        install);
        if (result.exitCode() != 0) {
            System.out.println(result.output());
        }
        return missing().isEmpty();
    }

    private static List<String> missing() {
        return PACKAGES.entrySet().stream()
                .filter(peer -> !has(peer.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static boolean has(String program) {
        return Run.run("sh", "-c", "command -v " + program + " || ls /usr/sbin/" + program)
                        .exitCode()
                == 0;
    }
}
