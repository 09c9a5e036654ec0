package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Linux hosts that configure themselves by our router advertisements, behind ports of different
/// kind and MTU.
@SuppressWarnings("NullAway.Init")
class Ipv6IT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running(port(1, ""), port(2, "mtu = 1300"), port(3, "type = packet"));
        for (Host host : lab.hosts()) {
            await().atMost(PATIENCE)
                    .until(() -> !global(host).isEmpty() && !address(host).contains("tentative"));
        }
    }

    private static String port(int number, String more) {
        return more
                + """
                , mac = "02:00:5e:10:00:0%1$d"
                  addresses = ["10.%1$d.0.1/24", "2001:db8:%1$d::1/64"]
                  router-advertisements { dns = ["2001:db8:1::53"], routes = ["2001:db8:99::/48"], preference = high }
                """
                        .formatted(number)
                        .replaceFirst("^, ", more.isEmpty() ? "" : ", ");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static String address(Host host) {
        return host.must("ip", "-6", "address", "show", "dev", host.device());
    }

    /// The address that the host made itself of our prefix.
    private static String global(Host host) {
        return address(host)
                .lines()
                .filter(line -> line.contains("scope global dynamic"))
                .map(line -> line.strip().split("[ /]")[1])
                .findFirst()
                .orElse("");
    }

    @Test
    void hostsConfigureThemselvesAndReachEachOther() {
        for (Host from : lab.hosts()) {
            assertThat(global(from)).startsWith("2001:db8:" + from.number() + ":");
            assertThat(defaultRoute(from))
                    .contains("via fe80::5eff:fe10:" + from.number())
                    .contains("proto ra")
                    .contains("pref high");
            for (Host to : lab.hosts()) {
                if (!from.equals(to)) {
                    assertThat(from.must("ping", "-n", "-c", "3", "-W", "10", global(to)))
                            .contains(" 0% packet loss");
                }
            }
        }
        lab.assertSumsAgree();
    }

    @Test
    void routerAnswersEchoOfAnySize() {
        for (Host host : lab.hosts()) {
            for (int size : new int[] {1400, 20_000, 65_507}) {
                for (String address :
                        List.of(
                                "2001:db8:" + host.number() + "::1",
                                "fe80::5eff:fe10:" + host.number() + "%" + host.device())) {
                    assertThat(
                                    host.must(
                                            "ping", "-n", "-c", "1", "-W", "10", "-s", "" + size,
                                            address))
                            .as(address)
                            .contains(size + 8 + " bytes from ");
                }
            }
        }
        lab.assertSumsAgree();
    }

    @Test
    void routerAnswersOnEveryAddress() {
        Host host = lab.host(1);
        for (String address :
                List.of(
                        "2001:db8:1::1",
                        "2001:db8:2::1",
                        "2001:db8:3::", // subnet-router anycast
                        "fe80::5eff:fe10:1%" + host.device(),
                        "ff02::2%" + host.device())) {
            assertThat(host.must("ping", "-n", "-c", "1", "-W", "10", address))
                    .as(address)
                    .contains(" 0% packet loss");
        }
    }

    @Test
    void tracerouteShowsTheRouter() {
        assertThat(
                        lab.host(1)
                                .must(
                                        "traceroute",
                                        "-6",
                                        "-n",
                                        "-w",
                                        "5",
                                        "-q",
                                        "1",
                                        global(lab.host(3))))
                .contains(" 1  2001:db8:1::1 ")
                .contains(" 2  " + global(lab.host(3)));
    }

    @Test
    void tracepathFindsTheNarrowLink() {
        assertThat(lab.host(1).must("tracepath", "-6", "-n", global(lab.host(2))))
                .contains("pmtu 1300")
                .contains("reached");
    }

    @Test
    void tcpPassesTheNarrowLink() {
        String bytes = "head -c 3000000 /dev/zero";
        var received =
                lab.host(2)
                        .background(
                                "timeout 60 socat -u TCP6-LISTEN:7000,reuseaddr STDOUT | wc -c");
        lab.host(1)
                .shell(
                        bytes
                                + " | timeout 60 socat -u STDIN TCP6:["
                                + global(lab.host(2))
                                + "]:7000,retry=50,interval=0.1");
        assertThat(received.join()).isEqualTo("3000000");
        lab.assertSumsAgree();
    }

    @Test
    void errorsSayWhy() {
        Host host = lab.host(1);
        lab.stride("route", "add", "2001:db8:9::/48", "prohibit");
        lab.stride("route", "add", "2001:db8:a::/48", "blackhole");
        assertThat(host.run("ping", "-n", "-c", "1", "-t", "1", global(lab.host(2))).output())
                .contains("From 2001:db8:1::1 icmp_seq=1 Time exceeded: Hop limit");
        assertThat(host.run("ping", "-n", "-c", "1", "2001:db9::1").output())
                .contains("From 2001:db8:1::1 icmp_seq=1 Destination unreachable: No route");
        assertThat(host.run("ping", "-n", "-c", "1", "2001:db8:9::1").output())
                .contains("Destination unreachable: Administratively prohibited");
        assertThat(host.run("ping", "-n", "-c", "1", "-W", "1", "2001:db8:a::1").output())
                .contains("100% packet loss")
                .doesNotContain("From");
        assertThat(host.run("ping", "-n", "-c", "1", "-W", "10", "2001:db8:2::dead").output())
                .contains("Destination unreachable: Address unreachable");
    }

    @Test
    void neighborsAreShown() {
        lab.host(1).must("ping", "-n", "-c", "1", "-W", "10", global(lab.host(2)));
        assertThat(
                        StreamSupport.stream(lab.show("neighbors").spliterator(), false)
                                .filter(each -> each.get("state").asText().equals("reachable"))
                                .map(each -> each.get("address").asText()))
                .contains(global(lab.host(2)));
    }

    @Test
    void addressOfSomebodyElseIsNotUsed() {
        Host host = lab.host(1);
        host.must("ip", "address", "add", "2001:db8:77::1/64", "dev", host.device(), "nodad");
        lab.configure(
                "",
                port(1, "").replace("/64\"]", "/64\", \"2001:db8:77::1/64\"]"),
                port(2, "mtu = 1300"),
                port(3, "type = packet"));
        assertThat(lab.stride("reload").output()).contains("2001:db8:77::1/64");
        await().atMost(PATIENCE).until(() -> lab.log().contains("2001:db8:77::1 is in use by "));
        host.must("ip", "address", "delete", "2001:db8:77::1/64", "dev", host.device());
        assertThat(host.must("ping", "-n", "-c", "1", "-W", "10", global(lab.host(2))))
                .contains(" 0% packet loss");
    }

    /// A host that has taken the router's address, without asking first, learns that it is not its.
    @Test
    void addressesAreDefended() {
        Host host = lab.host(1);
        host.must("ip", "address", "add", "2001:db8:1::1/128", "dev", host.device(), "nodad");
        host.run("ping", "-n", "-c", "1", "-W", "1", "-I", "2001:db8:1::1", "2001:db8:1::77");
        await().atMost(PATIENCE)
                .until(() -> lab.log().contains("claims our address 2001:db8:1::1"));
        host.must("ip", "address", "delete", "2001:db8:1::1/128", "dev", host.device());
        assertThat(lab.stride("show", "drops").output()).containsPattern("p1 +nd_conflict ");
        assertThat(host.must("ping", "-n", "-c", "1", "-W", "10", global(lab.host(2))))
                .contains(" 0% packet loss");
        lab.assertSumsAgree();
    }

    /// RFC 4191 section 2.3.
    @Test
    void hostsTakeRoutesFromAdvertisements() {
        Host host = lab.host(1);
        host.must(
                "sysctl",
                "-qw",
                "net.ipv6.conf." + host.device() + ".accept_ra_rt_info_max_plen=64");
        assertThat(host.must("rdisc6", "-1", host.device()))
                .containsPattern("Recursive DNS server +: +2001:db8:1::53")
                .containsPattern("Route +: +2001:db8:99::/48");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(host.must("ip", "-6", "route", "show", "proto", "ra"))
                                        .contains("2001:db8:99::/48 via fe80::5eff:fe10:1"));
    }

    /// By a reload that takes the advertisements away; and then they come back.
    @Test
    void hostForgetsARouterThatSaysGoodbye() {
        String silent = port(3, "type = packet").replaceAll("router-advertisements .*", "");
        lab.configure("", port(1, ""), port(2, "mtu = 1300"), silent);
        assertThat(lab.stride("reload").output()).contains("router-advertisements");
        await().atMost(PATIENCE).until(() -> defaultRoute(lab.host(3)).isEmpty());

        lab.configure("", port(1, ""), port(2, "mtu = 1300"), port(3, "type = packet"));
        assertThat(lab.stride("reload").exitCode()).isZero();
        await().atMost(PATIENCE).until(() -> !defaultRoute(lab.host(3)).isEmpty());
    }

    private static String defaultRoute(Host host) {
        return host.must("ip", "-6", "route", "show", "default");
    }
}
