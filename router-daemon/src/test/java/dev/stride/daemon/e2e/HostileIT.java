package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Host 1 attacks the router and its link with what attackers use, each for some seconds at most;
/// hosts 2 and 3 talk through the router all the time. Behind host 2's port, somebody wants to be
/// host 2.
@SuppressWarnings("NullAway.Init")
class HostileIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SPOOFER = "02:00:00:00:66:66";
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.of("", "", "");
        lab.configure("neighbor.retransmit-time = 5s", port(1), port(2), port(3));
        lab.start();
        for (Host host : lab.hosts()) {
            host.configure();
            host.shell("echo 0 > /proc/sys/net/ipv6/conf/" + host.device() + "/accept_ra");
            String link = "2001:db8:" + host.number() + "::";
            host.must("ip", "address", "add", link + "2/64", "dev", host.device(), "nodad");
            host.must("ip", "-6", "route", "add", "default", "via", link + "1");
        }
        for (String to : new String[] {"10.3.0.2", "2001:db8:3::2"}) {
            await().atMost(PATIENCE)
                    .until(() -> lab.host(2).run("ping", "-c", "1", "-W", "5", to).exitCode() == 0);
        }
    }

    private static String port(int number) {
        return "addresses = [\"10.%1$d.0.1/24\", \"2001:db8:%1$d::1/64\"]".formatted(number);
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static String mac(Host host) {
        return host.must("cat", "/sys/class/net/" + host.device() + "/address").strip();
    }

    /// Runs programs one after the other on host 1, each to its end or for three seconds, while
    /// hosts 2 and 3 talk. `DEV` is its interface, `US` and `US6` are the router there.
    private static void attack(String... programs) {
        Host two = lab.host(2);
        CompletableFuture<String> ping4 = two.background(talk("10.3.0.2", programs.length));
        CompletableFuture<String> ping6 = two.background(talk("2001:db8:3::2", programs.length));
        for (String program : programs) {
            String line =
                    program.replace("DEV", lab.host(1).device())
                            .replace("US6", "2001:db8:1::1")
                            .replace("US", "10.1.0.1");
            Run.Result result =
                    lab.host(1)
                            .run("bash", "-c", "timeout -s KILL 3 " + line + " 2>&1 | tail -c 300");
            assertThat(result.output()).as(line).doesNotContain("not found", "nvalid option");
        }
        assertThat(ping4.join()).contains(" 0% packet loss");
        assertThat(ping6.join()).contains(" 0% packet loss");
        for (int number = 2; number <= 3; number++) {
            assertKnown("10." + number + ".0.2", mac(lab.host(number)));
            assertKnown("2001:db8:" + number + "::2", mac(lab.host(number)));
        }
        lab.assertSumsAgree();
    }

    private static String talk(String to, int programs) {
        return "ping -q -n -c " + 10 * programs + " -i 0.2 -W 60 " + to + " || true";
    }

    private static void assertKnown(String address, String mac) {
        for (JsonNode each : lab.show("neighbors")) {
            if (each.get("address").asText().equals(address)) {
                assertThat(each.get("mac").asText()).as(address).isEqualTo(mac);
                return;
            }
        }
        throw new AssertionError(address + " is not known");
    }

    @Test
    void floodsOfArp() {
        attack(
                "nping -q -N -c 20000 --rate 20000 --arp --arp-sender-ip 10.1.0.77 US",
                "nping -q -N -c 20000 --rate 20000 --arp --arp-type ARP-reply"
                        + " --arp-sender-ip US --arp-sender-mac "
                        + SPOOFER
                        + " --arp-target-ip US US",
                "nping -q -N -c 5 --rate 20000 --arp --arp-sender-ip 10.2.0.2 10.1.0.0/20",
                "bash -c 'for i in {1..250}; do nping -q -N -c 1 --arp --arp-sender-ip 10.1.0.$i US;"
                        + " done'",
                "arping -f -c 1000 -I DEV US",
                "arping -D -c 3 -I DEV US");
    }

    @Test
    void floodsOfNeighborDiscovery() {
        attack(
                "ns6 -i DEV -d US6 -t US6 -e -F 1000 -s 2001:db8:1::/64",
                "na6 -i DEV -d US6 -t 2001:db8:1::/64 -e -c -o -T 1000",
                "na6 -i DEV -s US6 -d ff02::1 -t US6 -e -o -l -z 1",
                "ra6 -i DEV -d ff02::1 -e -t 9000 -F 200",
                "rs6 -i DEV -e -F 200",
                "atk6-flood_solicitate6 DEV US6",
                "atk6-flood_advertise6 DEV",
                "atk6-flood_router26 DEV",
                "atk6-flood_rs6 DEV",
                "atk6-flood_mld6 DEV",
                "atk6-flood_redir6 DEV US6",
                "atk6-fake_router26 -A 2001:db8:bad::/64 DEV",
                "atk6-fake_advertise6 DEV US6 ff02::1 " + SPOOFER,
                "atk6-kill_router6 DEV US6",
                "atk6-dos-new-ip6 DEV",
                "atk6-parasite6 DEV",
                "ndisc6 -1 -r 3 US6 DEV",
                "rdisc6 -1 -r 1 DEV");
    }

    @Test
    void brokenPacketsAndFragments() {
        attack(
                "frag6 -i DEV -d US6 -F 500 -l -z 1",
                "frag6 -i DEV -d US6 -p",
                "frag6 -i DEV -d US6 -X",
                "flow6 -i DEV -d US6 -W",
                "scan6 -i DEV -d 2001:db8:1::/120",
                "atk6-fragmentation6 DEV US6",
                "atk6-implementation6 DEV US6",
                "atk6-exploit6 DEV US6",
                "atk6-denial6 DEV US6 1",
                "atk6-denial6 DEV US6 2",
                "atk6-randicmp6 DEV US6",
                "atk6-fuzz_ip6 -I -F -S -D -H -R DEV US6",
                "atk6-fuzz_ip6 -1 -2 -3 -4 -5 -6 DEV US6",
                "atk6-toobig6 DEV US6 2001:db8:3::2 1280",
                "atk6-smurf6 DEV US6",
                "atk6-rsmurf6 DEV US6",
                "atk6-thcsyn6 DEV US6 80");
    }

    /// The router asks host 2 before it believes anybody else (and a busy host has five seconds for
    /// each answer).
    @Test
    void neighborsAreNotPoisoned() {
        Host two = lab.host(2);
        String device = two.device();
        String mac = mac(two);
        String router = routerMac(two);
        for (String type : new String[] {"ARP-reply", "ARP-request"}) {
            for (String target : new String[] {"10.2.0.1", "10.2.0.2"}) {
                two.run(
                        "nping",
                        "-c",
                        "5",
                        "--delay",
                        "50ms",
                        "--arp",
                        "--arp-type",
                        type,
                        "--source-mac",
                        SPOOFER,
                        "--arp-sender-mac",
                        SPOOFER,
                        "--arp-sender-ip",
                        "10.2.0.2",
                        "--dest-mac",
                        router,
                        "--arp-target-ip",
                        target,
                        "10.2.0.1");
            }
        }
        for (String flags : new String[] {"-o", "-c -o", "-c", "-r"}) {
            two.shell(
                    "na6 -i %s -s 2001:db8:2::2 -d 2001:db8:2::1 -D %s -S %s -t 2001:db8:2::2 -E %s %s"
                            .formatted(device, router, SPOOFER, SPOOFER, flags));
        }
        two.shell(
                "ns6 -i %s -s 2001:db8:2::2 -d 2001:db8:2::1 -D %s -S %s -t 2001:db8:2::1 -E %s"
                        .formatted(device, router, SPOOFER, SPOOFER));
        assertThat(two.run("ping", "-n", "-c", "20", "-i", "0.2", "-W", "60", "10.3.0.2").output())
                .contains(" 0% packet loss");
        assertThat(two.run("ping", "-n", "-c", "3", "-W", "60", "2001:db8:3::2").output())
                .contains(" 0% packet loss");
        assertKnown("10.2.0.2", mac);
        assertKnown("2001:db8:2::2", mac);
        assertThat(lab.show("neighbors").toString()).doesNotContain(SPOOFER);
        lab.assertSumsAgree();
    }

    /// An answer that nobody asked for makes no entry.
    @Test
    void unwantedAnswersMakeNoNeighbors() {
        Host two = lab.host(2);
        String router = routerMac(two);
        two.run(
                "nping",
                "-c",
                "3",
                "--arp",
                "--arp-type",
                "ARP-reply",
                "--arp-sender-mac",
                SPOOFER,
                "--arp-sender-ip",
                "10.2.0.99",
                "--dest-mac",
                router,
                "10.2.0.1");
        two.shell(
                "na6 -i %s -s 2001:db8:2::99 -d 2001:db8:2::1 -D %s -t 2001:db8:2::99 -E %s -c -o"
                        .formatted(two.device(), router, SPOOFER));
        assertThat(two.run("ping", "-n", "-c", "3", "-W", "60", "10.2.0.1").output())
                .contains(" 0% packet loss"); // it has heard all of that
        assertThat(lab.show("neighbors").toString()).doesNotContain("10.2.0.99", "::99");
        lab.assertSumsAgree();
    }

    private static String routerMac(Host host) {
        String number = Integer.toString(host.number());
        for (JsonNode port : lab.show("ports")) {
            if (port.get("name").asText().equals("p" + number)) {
                return port.get("mac").asText();
            }
        }
        throw new AssertionError("no port p" + number);
    }
}
