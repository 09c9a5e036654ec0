package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What ports let pass and the router says, by its settings. The first port takes what has its
/// source behind it, the second what has its source anywhere and broadcasts; its router alerts go
/// up to a companion in the third host's namespace. The third port has no IPv4 address.
@SuppressWarnings("NullAway.Init")
class PolicyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static Lab lab;

    @BeforeAll
    static void start() {
        String[] ports = {
            "addresses = [\"10.1.0.1/24\", \"2001:db8:1::1/64\"], reverse-path = strict",
            "addresses = [\"10.2.0.1/24\", \"2001:db8:2::1/64\"], reverse-path = loose",
            "addresses = [\"2001:db8:3::1/64\"], mac = \"02:00:5e:10:00:03\""
        };
        lab = Lab.of(ports);
        ports[1] +=
                ", directed-broadcasts = true, router-alerts = true, companion { device = up2, netns = "
                        + lab.host(3).namespace()
                        + " }";
        lab.configure(
                "icmp { tcp-resets-per-second = 0, errors-per-second = 1, burst = 10 }", ports);
        lab.start();
        for (Host host : lab.hosts()) {
            host.configure();
            String net = "2001:db8:" + host.number() + "::";
            String device = host.device();
            host.must("ip", "address", "add", net + "2/64", "dev", device, "nodad");
            host.must("ip", "route", "add", "default", "via", net + "1");
        }
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static Path listen(int number, String filter) {
        return lab.listen(lab.host(number), lab.host(number).device(), "-v", filter);
    }

    private static void assertHeard(Path file, String... parts) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(file)).contains(parts));
    }

    private static void spoof(int number, String source, String target) {
        Host host = lab.host(number);
        host.must("ip", "address", "replace", source + "/32", "dev", "lo");
        var _ = host.run("ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", "-I", source, target);
        host.must("ip", "address", "delete", source + "/32", "dev", "lo");
    }

    @Test
    void sourcesAreCheckedByTheReversePath() { // RFC 3704
        Path heard = listen(1, "icmp and src 10.1.0.99");
        spoof(1, "10.2.0.99", "10.2.0.2"); // not behind the strict port
        spoof(2, "10.99.0.1", "10.1.0.2"); // nowhere
        spoof(2, "10.1.0.99", "10.1.0.2"); // somewhere, which is enough

        assertHeard(heard, "10.1.0.99 > 10.1.0.2: ICMP echo request");
        assertThat(lab.stride("show", "drops").output())
                .containsPattern("p1 +reverse_path +policy +2\n")
                .containsPattern("p2 +reverse_path +policy +2\n");
        lab.assertSumsAgree();
    }

    @Test
    void broadcastsForAPortsStationsLeaveByItWhereItIsSetSo() throws Exception { // RFC 2644
        lab.host(2).must("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_broadcasts=0");
        Path heard = listen(2, "icmp and dst 10.2.0.255");
        assertThat(lab.host(1).must("ping", "-b", "-n", "-c", "1", "-W", "20", "10.2.0.255"))
                .contains("bytes from 10.2.0.2");
        assertHeard(heard, "ff:ff:ff:ff:ff:ff", "ttl 63", "10.1.0.2 > 10.2.0.255");

        var _ = lab.host(2).run("ping", "-b", "-n", "-c", "1", "-W", "1", "10.1.0.255");
        assertThat(lab.stride("show", "drops").output()).containsPattern("p2 +broadcast ");
        lab.assertSumsAgree();
    }

    @Test
    void routerAlertsGoUpWhereThePortIsSetSo() { // RFC 2113
        Path up = lab.listen(lab.host(3), "up2", "-v", "icmp and src 10.2.0.2 and ip[0] > 0x45");
        Path on = listen(1, "icmp and src 10.2.0.2 and ip[0] > 0x45");
        String alert = "nping --icmp -c 1 --ip-options '\\x94\\x04\\x00\\x00' 10.1.0.2";
        String _ = lab.host(2).shell(alert);
        assertHeard(up, "options (RA)", "10.2.0.2 > 10.1.0.2: ICMP echo request");
        lab.host(2).must("ping", "-n", "-c", "1", "-W", "20", "-R", "10.1.0.2");
        assertHeard(on, "RR "); // which came later
        assertThat(on).content().doesNotContain("(RA)");
        lab.assertSumsAgree();
    }

    @Test
    void codepointsAndCongestionMarksPassUntouched() { // RFC 2474, RFC 3168
        Path heard = listen(2, "src 10.1.0.2 or src 2001:db8:1::2");
        for (String target : new String[] {"10.2.0.2", "2001:db8:2::2"}) {
            lab.host(1).must("ping", "-n", "-c", "1", "-W", "20", "-Q", "0xbb", target);
        }
        assertHeard(heard, "tos 0xbb,CE", "class 0xbb");
    }

    @Test
    void requestsForTimeAndMaskAreNotAnswered() { // RFC 6918
        for (String type : new String[] {"timestamp", "17"}) {
            assertThat(
                            lab.host(1)
                                    .must(
                                            "nping",
                                            "--icmp",
                                            "--icmp-type",
                                            type,
                                            "-c",
                                            "1",
                                            "10.1.0.1"))
                    .contains("Rcvd: 0 ");
        }
        assertThat(lab.stride("show", "drops").output()).containsPattern("p1 +icmp_unanswered ");
    }

    /// RFC 1812 section 4.3.2.8: 40 packets that nobody takes.
    @Test
    void errorsAreLimitedApartFromEchoes() {
        String said = lab.host(1).must("nping", "--udp", "-c", "40", "--rate", "100", "10.1.0.1");
        Matcher heard = Pattern.compile("Rcvd: ([0-9]+) ").matcher(said);
        assertThat(heard.find()).isTrue();
        assertThat(Integer.parseInt(heard.group(1))).as(said).isBetween(5, 30);
        lab.host(1).must("ping", "-n", "-c", "20", "-i", "0.01", "-W", "20", "10.1.0.1");
        lab.assertSumsAgree();
    }

    @Test
    void scanSeesNoClosedPortsWhereResetsAreSwitchedOff() {
        assertThat(lab.host(1).must("nmap", "-n", "-Pn", "-sS", "-p", "179", "10.1.0.1"))
                .containsPattern("179/tcp +filtered");
        assertThat(lab.host(1).must("nmap", "-n", "-Pn", "-sS", "-p", "179", "10.2.0.2"))
                .containsPattern("179/tcp +closed");
        lab.assertSumsAgree();
    }

    @Test
    void errorsOfAPortWithoutAddressComeFromTheDummyAddress() { // RFC 7600 section 4.8
        Path heard = listen(1, "icmp[icmptype] = icmp-timxceed");
        Host three = lab.host(3);
        String _ =
                three.shell(
                        "nping --icmp -c 1 --ttl 1 -S 10.1.0.2 --dest-mac 02:00:5e:10:00:03 -e "
                                + three.device()
                                + " 10.2.0.2");
        assertHeard(heard, "192.0.0.8 > 10.1.0.2: ICMP time exceeded");
        lab.assertSumsAgree();
    }

    /// Its owner is asked, and answers.
    @Test
    void claimOnANeighborsAddressIsNotBelieved() {
        Host one = lab.host(1);
        one.must("ping", "-n", "-c", "1", "-W", "20", "10.1.0.1");
        String mac = one.must("cat", "/sys/class/net/" + one.device() + "/address").strip();
        Path heard = listen(1, "arp[6:2] = 1 and ether dst " + mac);
        String claim =
                """
                import sys
                from scapy.all import *
                liar = "02:00:00:00:66:66"
                sendp(Ether(src=liar, dst="ff:ff:ff:ff:ff:ff")
                      / ARP(op=2, hwsrc=liar, psrc="10.1.0.2", hwdst=liar, pdst="10.1.0.2"),
                      iface=sys.argv[1], verbose=0)
                """;
        String _ = one.must("/usr/bin/python3", "-c", claim, one.device());

        assertHeard(heard, "who-has 10.1.0.2");
        one.must("ping", "-n", "-c", "1", "-W", "20", "10.2.0.2");
        assertThat(lab.stride("show", "neighbors").output())
                .containsPattern("10\\.1\\.0\\.2 .*" + mac)
                .doesNotContain("02:00:00:00:66:66");
    }
}
