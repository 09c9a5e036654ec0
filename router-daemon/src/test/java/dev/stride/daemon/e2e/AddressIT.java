package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The router's own addresses: how it takes and keeps them (RFC 5227), and which of them it speaks
/// with on links with several, with two stations (RFC 3021, RFC 6164), and with none.
@SuppressWarnings("NullAway.Init")
class AddressIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// As versions of tcpdump have it.
    private static final Pattern ANNOUNCED = Pattern.compile("(tell|Announcement) 10\\.1\\.0\\.1,");

    private static Lab lab;
    private static Path firstWords;
    private static Path groups;

    @BeforeAll
    static void start() {
        String[] ports = {
            "type = packet, mac = \"02:00:5e:10:00:01\""
                    + ", addresses = [\"10.1.0.1/24\", \"2001:db8:1::1/64\"]",
            "type = packet",
            "addresses = [\"10.3.0.1/24\", \"10.33.0.1/24\"], proxy-arp = true",
            "addresses = [\"10.4.0.0/31\", \"2001:db8:4::/127\"]",
            "addresses = [], unnumbered = p1"
        };
        lab = Lab.of(ports);
        lab.configure(
                "neighbor.reachable-time = 2s\nroutes = [{ to = \"10.55.0.0/24\", via = { address = \"10.55.0.2\", port = p5 } }]",
                ports);
        address(2, "10.2.0.1/24"); // the router's own
        firstWords = listen(1, "arp[24:4] = 0x0a010001");
        groups = listen(1, "ip6[6] = 0 and ip6[48] = 143"); // behind a hop-by-hop header
        lab.start();
        address(1, "10.1.0.2/24", "2001:db8:1::2/64");
        route(1, "10.1.0.1", "2001:db8:1::1");
        address(3, "10.33.0.2/24");
        route(3, "10.33.0.1");
        address(4, "10.4.0.1/31", "2001:db8:4::1/127");
        route(4, "10.4.0.0", "2001:db8:4::");
        address(5, "10.55.0.2/32");
        Host five = lab.host(5);
        five.must("ip", "route", "add", "10.1.0.1", "dev", five.device());
        route(5, "10.1.0.1");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static void address(int number, String... addresses) {
        Host host = lab.host(number);
        for (String address : addresses) {
            if (address.contains(":")) {
                host.must("ip", "address", "add", address, "dev", host.device(), "nodad");
            } else {
                host.must("ip", "address", "add", address, "dev", host.device());
            }
        }
    }

    private static void route(int number, String... gateways) {
        for (String gateway : gateways) {
            lab.host(number).must("ip", "route", "add", "default", "via", gateway);
        }
    }

    private static Path listen(int number, String filter) {
        return lab.listen(lab.host(number), lab.host(number).device(), "", filter);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void ping(int from, String to) {
        assertThat(lab.host(from).run("ping", "-n", "-c", "3", "-W", "20", to).output())
                .as(from + " to " + to)
                .contains(" 0% packet loss");
    }

    private static String metrics() {
        return Run.must("curl", "-s", lab.url("/metrics"));
    }

    @Test
    void addressIsProbedThenAnnounced() {
        await().atMost(PATIENCE).until(() -> ANNOUNCED.matcher(text(firstWords)).find());
        String before = ANNOUNCED.split(text(firstWords), 2)[0];
        assertThat(before.split("who-has 10.1.0.1 .*tell 0.0.0.0", -1)).hasSize(3 + 1);
    }

    /// RFC 3810: switches that listen send what is for the group on to us.
    @Test
    void groupsOfAddressesAreReported() {
        Pattern report =
                Pattern.compile("02:00:5e:10:00:01 > .* > ff02::16: .*report v2, 2 group record");
        await().atMost(PATIENCE).until(() -> report.matcher(text(groups)).find());
    }

    @Test
    void addressOfSomebodyElseIsNotUsedUntilItIsFree() {
        await().atMost(PATIENCE).until(() -> lab.log().contains("10.2.0.1 is in use by "));
        assertThat(lab.stride("show", "ports").output()).contains("10.2.0.1/24 (duplicate)");
        assertThat(metrics()).contains("stride_addresses{state=\"duplicate\"} 1.0");

        Host two = lab.host(2);
        two.must("ip", "address", "delete", "10.2.0.1/24", "dev", two.device());
        lab.stride("port", "down", "p2");
        lab.stride("port", "up", "p2");
        two.configure();
        await().atMost(PATIENCE)
                .until(() -> !lab.stride("show", "ports").output().contains("(duplicate)"));
        ping(1, "10.2.0.2");
        ping(2, "10.2.0.1");
        lab.assertSumsAgree();
    }

    /// And hosts that want it are told that it is taken.
    @Test
    void addressIsDefended() {
        Host one = lab.host(1);
        String device = one.device();
        ping(1, "10.1.0.1");
        assertThat(one.run("arping", "-D", "-c", "2", "-w", "5", "-I", device, "10.1.0.1").output())
                .contains("02:00:5E:10:00:01");
        Path heard =
                listen(1, "ether src 02:00:5e:10:00:01 and (arp or icmp6) and ether[0] & 1 = 1");
        one.run(
                "nping",
                "-c",
                "20",
                "--delay",
                "10ms",
                "--arp",
                "--arp-type",
                "ARP-reply",
                "--source-mac",
                "02:00:00:00:66:66",
                "--arp-sender-mac",
                "02:00:00:00:66:66",
                "--arp-sender-ip",
                "10.1.0.1",
                "--dest-mac",
                "ff:ff:ff:ff:ff:ff",
                "10.1.0.9");
        await().atMost(PATIENCE).until(() -> ANNOUNCED.matcher(text(heard)).find());
        one.run(
                "na6",
                "-i",
                device,
                "-s",
                "2001:db8:1::66",
                "-d",
                "ff02::1",
                "-t",
                "2001:db8:1::1",
                "-S",
                "02:00:00:00:66:66",
                "-E",
                "02:00:00:00:66:66",
                "-o");
        await().atMost(PATIENCE)
                .until(() -> text(heard).contains("neighbor advertisement, tgt is 2001:db8:1::1"));
        assertThat(lab.log())
                .contains("02:00:00:00:66:66 claims our address 10.1.0.1")
                .contains("02:00:00:00:66:66 claims our address 2001:db8:1::1");
        assertThat(metrics()).containsPattern("stride_address_defenses_total [2-9]");
        ping(1, "10.1.0.1");
        ping(1, "2001:db8:1::1");
    }

    /// Questions and errors come from the address whose prefix the host is in.
    @Test
    void secondAddressOfALinkIsSpokenWith() {
        ping(1, "10.33.0.2");
        assertThat(lab.host(3).must("traceroute", "-n", "-q", "1", "-w", "20", "10.1.0.2"))
                .contains(" 1  10.33.0.1 ")
                .contains(" 2  10.1.0.2 ");
        Path heard = listen(3, "arp[6:2] = 1 and arp[24:4] = 0x0a210002");
        lab.stride("neighbor", "flush", "p3");
        ping(1, "10.33.0.2");
        assertThat(text(heard))
                .contains("who-has 10.33.0.2")
                .contains("tell 10.33.0.1")
                .doesNotContain("tell 10.3.0.1");
        ping(3, "10.3.0.1");
        lab.assertSumsAgree();
    }

    /// A host that takes an address behind the router for one of its own link.
    @Test
    void proxyArpAnswersForStationsOfOtherLinks() {
        Host three = lab.host(3);
        three.must("ip", "route", "add", "10.4.0.1/32", "dev", three.device());
        ping(3, "10.4.0.1");
        three.must("ip", "route", "delete", "10.4.0.1/32", "dev", three.device());
    }

    /// Before what is known of them expires, so that no packet waits.
    @Test
    void neighborsInUseAreAskedByUnicast() {
        Host three = lab.host(3);
        String mac = three.must("cat", "/sys/class/net/" + three.device() + "/address").strip();
        Path heard = listen(3, "arp[6:2] = 1 and ether dst " + mac);
        var talk = lab.host(1).background("ping -q -n -c 40 -i 0.2 -W 30 10.33.0.2 || true");
        await().atMost(PATIENCE).until(() -> text(heard).contains("who-has 10.33.0.2"));
        assertThat(talk.join()).contains(" 0% packet loss");
    }

    @Test
    void linksOfTwoStations() {
        ping(4, "10.4.0.0");
        ping(4, "2001:db8:4::");
        ping(4, "10.1.0.2");
        ping(4, "2001:db8:1::2");
        ping(1, "10.4.0.1");
        ping(1, "2001:db8:4::1");
        assertThat(lab.host(4).must("traceroute", "-n", "-q", "1", "-w", "20", "10.1.0.2"))
                .contains(" 1  10.4.0.0 ");
        lab.assertSumsAgree();
    }

    @Test
    void unnumberedLinkSpeaksWithTheAddressOfAnother() {
        Host five = lab.host(5);
        ping(5, "10.1.0.1");
        ping(5, "10.1.0.2");
        ping(1, "10.55.0.2");
        assertThat(five.must("traceroute", "-n", "-q", "1", "-w", "20", "10.1.0.2"))
                .contains(" 1  10.1.0.1 ")
                .contains(" 2  10.1.0.2 ");
        Path heard = listen(5, "arp[6:2] = 1 and arp[24:4] = 0x0a370002");
        lab.stride("neighbor", "flush", "p5");
        ping(1, "10.55.0.2");
        assertThat(text(heard)).contains("who-has 10.55.0.2").contains("tell 10.1.0.1");
        assertThat(lab.stride("show", "neighbors").output()).containsPattern("p5 +10.55.0.2 ");
        lab.assertSumsAgree();
    }
}
