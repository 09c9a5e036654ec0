package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// IPv4 options of real senders. Source routes may arrive by the first two ports, not by the third.
@SuppressWarnings("NullAway.Init")
class OptionsIT {
    /// Sends an echo request by argv[1] and the router of address argv[2] to argv[3] with each of
    /// the options behind that, in hexadecimal, and prints source, type, code and second word of
    /// what comes back.
    private static final String ASK =
            """
            import socket
            import sys
            from scapy.all import *
            from scapy.utils import checksum
            echo = bytes(ICMP(id=7, seq=9))
            router = Ether(dst=getmacbyip(sys.argv[2]), type=0x800)
            for text in sys.argv[4:]:
                options = bytes.fromhex(text)
                length = 20 + len(options)
                def header(sum):
                    ip = IP(dst=sys.argv[3], proto=1, ihl=length // 4, chksum=sum)
                    ip.len = length + len(echo)
                    return bytes(ip)[:20] + options
                heard = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
                heard.settimeout(20)
                frame = router / Raw(header(checksum(header(0))) + echo)
                sendp(frame, iface=sys.argv[1], verbose=0)
                ip = heard.recv(2000)
                icmp = ip[(ip[0] & 15) * 4:]
                source = socket.inet_ntoa(ip[12:16])
                print(text, source, icmp[0], icmp[1], icmp[4:8].hex())
            """;

    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running("source-routes = true", "source-routes = true", "");
        for (Host host : lab.hosts()) {
            for (String interfaces : List.of("all", host.device())) {
                host.must(
                        "sysctl",
                        "-qw",
                        "net.ipv4.conf." + interfaces + ".accept_source_route=1",
                        "net.ipv4.conf." + interfaces + ".rp_filter=0");
            }
        }
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static String ping(String... more) {
        List<String> command = new ArrayList<>(List.of("ping", "-n", "-c", "1", "-W", "10"));
        command.addAll(List.of(more));
        return lab.host(1).must(command.toArray(String[]::new));
    }

    /// What a host sees of packets with options of the first host, until so many have come.
    private static CompletableFuture<String> capture(Host host, int packets) {
        return capture(host, packets, "src 10.1.0.2 and ip[0] > 0x45");
    }

    private static CompletableFuture<String> capture(Host host, int packets, String filter) {
        CompletableFuture<String> seen =
                host.background(
                        "timeout 60 tcpdump -nvi "
                                + host.device()
                                + " -c "
                                + packets
                                + " '"
                                + filter
                                + "' 2>/dev/null");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> host.run("pgrep", "-x", "tcpdump").exitCode() == 0);
        return seen;
    }

    @Test
    void recordedRouteHasTheRouterOnBothWays() {
        assertThat(ping("-R", "10.2.0.2"))
                .containsSubsequence(
                        "10.1.0.2\n", "10.2.0.1\n", "10.2.0.2\n", "10.1.0.1\n", "10.1.0.2\n");
        assertThat(ping("-R", "10.2.0.1"))
                .containsSubsequence("10.1.0.2\n", "10.2.0.1\n", "10.1.0.2\n");
        lab.assertSumsAgree();
    }

    /// The hosts have the same clock as the router: the first stamp is a time of day, the others
    /// are how much later the next station was there, in milliseconds.
    @Test
    void timestampsAreOfTheTimeOfDay() {
        for (String target : List.of("10.2.0.2", "10.2.0.1")) {
            String said = ping("-T", "tsonly", target);
            List<String> stamps =
                    Pattern.compile("(?m)^(?:TS:)?\\s+(-?[0-9]+)( absolute)?$")
                            .matcher(said)
                            .results()
                            .map(stamp -> stamp.group(1))
                            .toList();
            assertThat(stamps).as(said).hasSize(target.endsWith("2") ? 6 : 3);
            assertThat(said).doesNotContain("not-standard");
            for (String later : stamps.subList(1, stamps.size())) {
                assertThat(Math.abs(Integer.parseInt(later))).as(said).isLessThan(60_000);
            }
        }
        assertThat(ping("-T", "tsandaddr", "10.2.0.2"))
                .containsPattern("10\\.1\\.0\\.2\\s+[0-9]+ absolute")
                .containsPattern("10\\.2\\.0\\.1\\s+-?[0-9]+\n");
        assertThat(ping("-T", "tsprespec", "10.1.0.1", "10.2.0.2", "10.2.0.2"))
                .containsPattern("10\\.1\\.0\\.1\\s+[0-9]+ absolute");
        lab.assertSumsAgree();
    }

    @Test
    void looseSourceRouteLeadsThroughTheRouterWhereItMay() throws Exception {
        CompletableFuture<String> seen = capture(lab.host(2), 1);
        String hops =
                lab.host(1)
                        .must(
                                "traceroute",
                                "-n",
                                "-w",
                                "5",
                                "-q",
                                "1",
                                "-g",
                                "10.1.0.1",
                                "10.2.0.2");

        assertThat(hops.lines().skip(1))
                .satisfiesExactly(
                        hop -> assertThat(hop).contains(" 10.1.0.1 ").doesNotContain("!"),
                        hop -> assertThat(hop).contains(" 10.2.0.2 ").doesNotContain("!"));
        assertThat(seen.get(1, TimeUnit.MINUTES))
                .contains("10.1.0.2.", " > 10.2.0.2.", "LSRR 10.2.0.1");
        lab.assertSumsAgree();
    }

    /// The second host is a station on the way; Linux takes the error along the way back. There it
    /// comes by the router once more, which believes nobody who has its own address as a source.
    @Test
    void errorsGoBackBySourceRoute() throws Exception {
        lab.host(2).must("sysctl", "-qw", "net.ipv4.ip_forward=1");
        CompletableFuture<String> atStation = capture(lab.host(2), 2, "icmp and src 10.2.0.1");
        lab.host(1)
                .must(
                        "traceroute",
                        "-n",
                        "-w",
                        "1",
                        "-q",
                        "1",
                        "-f",
                        "3",
                        "-m",
                        "3",
                        "-g",
                        "10.2.0.2",
                        "10.3.0.2");

        assertThat(atStation.get(1, TimeUnit.MINUTES))
                .containsSubsequence(
                        "LSRR 10.1.0.2",
                        "10.2.0.1 > 10.2.0.2: ICMP time exceeded",
                        "LSRR 10.2.0.2",
                        "10.2.0.1 > 10.1.0.2: ICMP time exceeded")
                .doesNotContain("bad cksum");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThat(lab.stride("show", "drops").output())
                                        .containsPattern("p2 +martian_source +policy"));
        lab.assertSumsAgree();
    }

    /// The same station, of a connection that nobody takes.
    @Test
    void resetsGoBackBySourceRoute() throws Exception {
        lab.host(2).must("sysctl", "-qw", "net.ipv4.ip_forward=1");
        CompletableFuture<String> atStation = capture(lab.host(2), 2, "tcp and src 10.3.0.1");
        String connect =
                """
                import socket
                route = bytes([131, 7, 4]) + socket.inet_aton("10.2.0.2") + b"\\0"
                asker = socket.socket()
                asker.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, route)
                asker.settimeout(0.5)
                print(asker.connect_ex(("10.3.0.1", 9)))
                """;
        String _ = lab.host(1).must("/usr/bin/python3", "-c", connect);

        assertThat(atStation.get(1, TimeUnit.MINUTES))
                .containsSubsequence(
                        "LSRR 10.1.0.2",
                        "10.3.0.1.9 > 10.2.0.2.",
                        "Flags [R.]",
                        "LSRR 10.2.0.2",
                        "10.3.0.1.9 > 10.1.0.2.",
                        "Flags [R.]");
        lab.assertSumsAgree();
    }

    @Test
    void sourceRouteFailsWhereItMayNot() {
        assertThat(
                        lab.host(3)
                                .must(
                                        "nping",
                                        "--icmp",
                                        "-c",
                                        "1",
                                        "--ip-options",
                                        "L 10.2.0.2",
                                        "10.3.0.1"))
                .containsPattern("RCVD.* ICMP \\[10.3.0.1 > 10.3.0.2 .*type=3/code=5");
        assertThat(lab.stride("show", "drops").output())
                .containsPattern("p3 +source_route +policy");
        lab.assertSumsAgree();
    }

    @Test
    void npingAndHpingRecordTheirRoute() throws Exception {
        CompletableFuture<String> seen = capture(lab.host(2), 2);
        assertThat(lab.host(1).must("nping", "--icmp", "-c", "1", "--ip-options", "R", "10.2.0.2"))
                .containsPattern("RCVD.*RR\\{ 10.2.0.1 10.2.0.2 10.2.0.2 10.1.0.1#0.0.0.0");
        assertThat(lab.host(1).must("hping3", "-n", "-c", "1", "-1", "--rroute", "10.2.0.2"))
                .containsSubsequence("RR:", "10.2.0.1", "10.2.0.2", "10.1.0.1");
        assertThat(seen.get(1, TimeUnit.MINUTES))
                .containsPattern("options \\(NOP,RR 10.2.0.1, 0.0.0.0")
                .doesNotContain("bad cksum");
        lab.assertSumsAgree();
    }

    @Test
    void routerAlertGoesOnUntouched() throws Exception {
        CompletableFuture<String> seen = capture(lab.host(2), 1);
        String ping =
                lab.host(1)
                        .must(
                                "nping",
                                "--icmp",
                                "-c",
                                "1",
                                "--ip-options",
                                "\\x94\\x04\\x00\\x00",
                                "10.2.0.2");

        assertThat(ping).contains("RCVD", "Echo reply");
        assertThat(seen.get(1, TimeUnit.MINUTES)).contains("options (RA)");
    }

    @Test
    void sendersOfBrokenOptionsAreToldWhatIsWrong() {
        String said =
                lab.host(1)
                        .must(
                                "/usr/bin/python3",
                                "-c",
                                ASK,
                                lab.host(1).device(),
                                "10.1.0.1",
                                "10.2.0.2",
                                "94050000", // beyond the header
                                "0707030000000000", // a pointer before the route
                                "0706040000000000", // part of an address
                                "440809f000000000", // an overflow that overflows
                                "830704c00002018303040000", // two source routes
                                "0707040000000000"); // nothing

        assertThat(said.lines())
                .containsExactly(
                        "94050000 10.1.0.1 12 0 15000000",
                        "0707030000000000 10.1.0.1 12 0 16000000",
                        "0706040000000000 10.1.0.1 12 0 16000000",
                        "440809f000000000 10.1.0.1 12 0 17000000",
                        "830704c00002018303040000 10.1.0.1 12 0 1b000000",
                        "0707040000000000 10.2.0.2 0 0 00070009");
        assertThat(lab.stride("show", "drops").output())
                .containsPattern("p1 +ipv4_options +malformed +5\n");
        lab.assertSumsAgree();
    }

    @Test
    void mtrSeesTheRouterThenTheHost() {
        assertThat(lab.host(1).must("mtr", "-n", "-r", "-c", "2", "10.2.0.2").lines().skip(2))
                .satisfiesExactly(
                        hop -> assertThat(hop).containsPattern("1\\.\\|-- 10\\.1\\.0\\.1 +0\\.0%"),
                        hop -> assertThat(hop).containsPattern("2\\.\\|-- 10\\.2\\.0\\.2 +0\\.0%"));
        lab.assertSumsAgree();
    }
}
