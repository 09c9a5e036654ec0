package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A stock FRR where host 3 is speaks with BIRD on hosts 1 and 2 through companions of the router's
/// ports: OSPF and BGP with host 1, BGP with host 2. Nothing else tells the router where the
/// networks behind them are.
class CompanionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String OWN6 = "2001:db8:1::1";

    private static final String ZEBRA = "fpm address 127.0.0.1";

    private static final String OSPFD =
            """
            interface c1
             ip ospf hello-interval 1
             ip ospf dead-interval 8
            router ospf
             ospf router-id 10.1.0.1
             redistribute bgp
             network 10.1.0.0/24 area 0
            """;

    private static final String BGPD =
            """
            router bgp 65000
             bgp router-id 10.1.0.1
             no bgp ebgp-requires-policy
             timers bgp 3 30
             neighbor 10.1.0.2 remote-as 65001
             neighbor 10.1.0.2 timers connect 1
             neighbor 10.2.0.2 remote-as 65002
             neighbor 10.2.0.2 timers connect 1
             address-family ipv4 unicast
              redistribute ospf
            """;

    private static final String BIRD =
            """
            protocol direct { ipv4; interface "lo"; }
            protocol kernel { ipv4 { import none; export all; }; }
            protocol bgp stride {
              local as %d;
              neighbor %s as 65000;
              connect delay time 1;
              connect retry time 2;
              ipv4 { import all; export %s; };
            }
            """;

    private static final String BIRD_OSPF =
            """
            protocol ospf v2 inner {
              ipv4 { import all; export where source = RTS_DEVICE; };
              area 0 { interface "st*" { hello 1; dead 8; wait 2; }; };
            }
            """;

    /// What two FRR say to each other, by daemon: %1$s is the device, %2$d the number of each.
    private static final Map<String, String> OTHERS =
            Map.of(
                    "isisd",
                    """
                    interface %1$s
                     ip router isis inner
                     isis hello-interval 1
                    interface lo
                     ip router isis inner
                     isis passive
                    router isis inner
                     net 49.0001.0000.0000.000%2$d.00
                     is-type level-1
                     lsp-mtu 1200
                    """,
                    "ripd",
                    """
                    router rip
                     network %1$s
                     redistribute connected
                     timers basic 5 30 30
                    """,
                    "pimd",
                    """
                    interface %1$s
                     ip pim
                     ip pim hello 1
                    """,
                    "vrrpd",
                    """
                    interface %1$s
                     vrrp 5
                     vrrp 5 priority %2$d0
                     vrrp 5 advertisement-interval 500
                     vrrp 5 ip 10.1.0.254
                    """);

    private static Lab lab() {
        Lab lab = Lab.of("", "", "");
        try {
            configure(lab, true);
            lab.host(3).must("sysctl", "-qw", "net.ipv4.ip_forward=1"); // as on many hosts
            lab.start();
            lab.hosts().subList(0, 2).forEach(Host::configure);
            lab.host(1).must("ip", "address", "add", "10.77.0.1/32", "dev", "lo");
            lab.host(2).must("ip", "address", "add", "10.88.0.1/32", "dev", "lo");
            lab.host(1)
                    .must(
                            "ip",
                            "address",
                            "add",
                            "2001:db8:1::2/64",
                            "dev",
                            lab.host(1).device(),
                            "nodad");
            return lab;
        } catch (RuntimeException | Error e) {
            lab.close();
            throw e;
        }
    }

    private static void configure(Lab lab, boolean first) {
        String there = lab.host(3).namespace();
        String addresses = "addresses = [\"10.1.0.1/24\", \"" + OWN6 + "/64\"], mtu = 1400";
        String companion = ", companion { device = c%d, netns = " + there + " }";
        lab.configure(
                "sources.fpm { netns = " + there + " }\n  punt.other = 100",
                addresses + (first ? companion.formatted(1) : ""),
                "mtu = 1400" + companion.formatted(2),
                "");
    }

    private static Bird bird1(Lab lab) {
        return Bird.running(lab.host(1), BIRD.formatted(65001, "10.1.0.1", "none") + BIRD_OSPF);
    }

    private static Bird bird2(Lab lab) {
        String export = "where source = RTS_DEVICE";
        return Bird.running(lab.host(2), BIRD.formatted(65002, "10.2.0.1", export));
    }

    private static void start(Frr frr) {
        frr.start();
        frr.run("ospfd", OSPFD);
        frr.run("bgpd", BGPD);
    }

    private static void awaitRoute(Lab lab, String address, String... texts) {
        await(address)
                .atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(lab.stride("show", "route", address).output())
                                        .contains(texts));
    }

    private static JsonNode companion(Lab lab) {
        return lab.show("ports").get(0).get("companion");
    }

    private static void awaitSessions(Bird one, Bird two) {
        await("OSPF")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(one.show("ospf neighbors")).contains("Full/"));
        for (Bird bird : new Bird[] {one, two}) {
            await("BGP")
                    .atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(bird.show("protocols")).contains("Established"));
        }
    }

    @Test
    void daemonsSpeakAndTheirRoutesCarryTraffic() {
        try (Lab lab = lab();
                Frr frr = new Frr(lab.host(3), ZEBRA);
                Bird one = bird1(lab);
                Bird two = bird2(lab)) {
            start(frr);
            awaitSessions(one, two);
            awaitRoute(lab, "10.77.0.1", "fpm", "10.1.0.2", "p1");
            awaitRoute(lab, "10.88.0.1", "fpm", "10.2.0.2", "p2");
            String ping = lab.host(1).must("ping", "-c3", "-I", "10.77.0.1", "10.88.0.1");
            assertThat(ping).contains(" 0% packet loss");
            frr.configure("ip route 10.99.0.0/24 c2");
            frr.configure("ipv6 route 2001:db8:99::/48 fe80::99 c1");
            awaitRoute(lab, "10.99.0.1", "fpm", "link of p2");
            awaitRoute(lab, "2001:db8:99::1", "fpm", "fe80::99 on p1");

            lab.stride("port", "down", "p1");
            await().atMost(PATIENCE)
                    .until(() -> !lab.host(3).must("ip", "link", "show", "c1").contains(",UP"));
            awaitRoute(lab, "10.77.0.1", "no route");
            lab.stride("port", "up", "p1");
            awaitSessions(one, two);
            awaitRoute(lab, "10.77.0.1", "fpm", "10.1.0.2");
            assertThat(lab.host(3).must("ip", "address", "show", "c1")).contains(OWN6 + "/64");

            configure(lab, false);
            assertThat(lab.stride("reload").output()).contains("- companion of port p1");
            assertThat(lab.host(3).run("ip", "link", "show", "c1").exitCode()).isNotZero();
            assertThat(companion(lab).isNull()).isTrue();
            awaitRoute(lab, "10.77.0.1", "no route");
            configure(lab, true);
            assertThat(lab.stride("reload").output()).contains("+ companion of port p1");
            awaitSessions(one, two);
            awaitRoute(lab, "10.77.0.1", "fpm", "10.1.0.2");
            lab.assertSumsAgree();
        }
    }

    /// Protocols that are none of IP, or live on multicast alone: IS-IS, RIP, PIM and VRRP with a
    /// second FRR.
    @Test
    void frrFindsFrr() {
        try (Lab lab = lab();
                Frr frr = new Frr(lab.host(3), ZEBRA);
                Frr other = new Frr(lab.host(1), "")) {
            lab.host(1).must("ip", "address", "add", "10.66.0.1/24", "dev", "lo");
            startOthers(frr, lab.host(3), "c1", 1);
            startOthers(other, lab.host(1), lab.host(1).device(), 2);
            for (Frr each : new Frr[] {frr, other}) {
                String there = each == frr ? "10.1.0.2" : "10.1.0.1";
                awaitAnswer(each, "isisd", "show isis neighbor", " Up ");
                awaitAnswer(each, "ripd", "show ip rip status", " " + there + " ");
                awaitAnswer(each, "pimd", "show ip pim neighbor", there);
                awaitAnswer(each, "vrrpd", "show vrrp", each == frr ? "Backup" : "Master");
            }
            awaitRoute(lab, "10.77.0.1", "fpm", "10.1.0.2", "p1");
            lab.assertSumsAgree();
        }
    }

    /// LLDP ends at the first station that hears it (IEEE 802.1AB): the host behind the companion
    /// and one behind the port are neighbors, and the third host is not.
    @Test
    void lldpdFindsLldpd() {
        try (Lab lab = lab();
                Lldpd companion = new Lldpd(lab.host(3), "c1", "companion");
                Lldpd next = new Lldpd(lab.host(1), lab.host(1).device(), "next");
                Lldpd other = new Lldpd(lab.host(2), lab.host(2).device(), "other")) {
            for (Lldpd each : new Lldpd[] {companion, next, other}) {
                await("lldpd")
                        .atMost(PATIENCE)
                        .until(() -> each.ask("configure", "lldp", "tx-interval", "1").isEmpty());
            }
            awaitNeighbor(companion, "next");
            awaitNeighbor(next, "companion");
            assertThat(other.ask("show", "neighbors")).doesNotContain("SysDescr");
            lab.assertSumsAgree();
        }
    }

    private static void awaitNeighbor(Lldpd lldpd, String description) {
        await(description)
                .atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(lldpd.ask("show", "neighbors"))
                                        .containsOnlyOnce("SysDescr:")
                                        .containsPattern("SysDescr: +" + description));
    }

    private static void startOthers(Frr frr, Host host, String device, int number) {
        host.shell(
                "ip link add vrrp5 link %s type macvlan mode bridge".formatted(device)
                        + " && ip link set vrrp5 address 00:00:5e:00:01:05 up"
                        + " && ip address add 10.1.0.254/24 dev vrrp5");
        frr.start();
        OTHERS.forEach((daemon, said) -> frr.run(daemon, said.formatted(device, number)));
    }

    private static void awaitAnswer(Frr frr, String daemon, String command, String text) {
        await(command)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(frr.show(daemon, command)).contains(text));
    }

    /// One station on the link, in two hands.
    @Test
    void hostLooksAsThePortDoes() throws Exception {
        try (Lab lab = lab()) {
            JsonNode port = lab.show("ports").get(0);
            Host host = lab.host(3);
            await("probes are over")
                    .atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(host.must("ip", "address", "show", "c1"))
                                            .contains(
                                                    "link/ether " + port.get("mac").asText(),
                                                    "mtu 1400",
                                                    "inet 10.1.0.1/24",
                                                    "inet6 " + OWN6 + "/64",
                                                    "inet6 fe80::")
                                            .doesNotContain("tentative"));
            assertThat(host.must("sysctl", "-n", "net.ipv4.conf.c1.forwarding")).isEqualTo("0");

            lab.host(1).must("ping", "-c2", "10.1.0.1");
            lab.host(1).must("ping", "-c2", OWN6);
            assertThat(lab.show("ports").get(0).get("endings").get("echo_answered").asInt())
                    .as("by the router itself")
                    .isGreaterThanOrEqualTo(4);
            host.must("ping", "-c2", "10.1.0.2");
            host.must("ping", "-c2", "2001:db8:1::2");
            host.must("ping", "-c2", "-s", "4000", "10.1.0.2"); // up goes what was put together
            String neighbors = host.must("ip", "neighbor", "show", "dev", "c1");
            assertThat(neighbors).contains("10.1.0.2 lladdr", "2001:db8:1::2 lladdr");

            CompletableFuture<String> server =
                    host.background("iperf3 -s -1 -B 10.1.0.1 --forceflush");
            await().atMost(PATIENCE).until(() -> host.must("ss", "-ltn").contains(":5201"));
            String sent = lab.host(1).must("iperf3", "-c", "10.1.0.1", "-t", "2", "-f", "g");
            System.out.println(sent);
            assertThat(sent).contains("receiver");
            server.get(1, TimeUnit.MINUTES);
            lab.assertSumsAgree();
        }
    }

    /// What strangers send in masses costs the sessions nothing.
    @Test
    void floodsLeaveSessionsAlone() {
        try (Lab lab = lab();
                Frr frr = new Frr(lab.host(3), ZEBRA);
                Bird one = bird1(lab);
                Bird two = bird2(lab)) {
            start(frr);
            awaitSessions(one, two);
            awaitRoute(lab, "10.88.0.1", "fpm");
            String before = frr.show("bgpd", "show bgp neighbors 10.1.0.2");
            String flood =
                    "socat -u -b100 OPEN:/dev/zero,readbytes=3000000 UDP-SENDTO:10.1.0.1:9;"
                            + " ping -q -f -t 1 -c 5000 -W 1 10.88.0.1 > /dev/null || true";
            lab.host(1).shell(flood);

            JsonNode companion = companion(lab);
            assertThat(companion.get("limited").get("other").asLong()).isGreaterThan(1000);
            for (String kind : new String[] {"bgp", "igp"}) {
                assertThat(companion.get("limited").get(kind).asLong()).isZero();
                assertThat(companion.get("punts").get(kind).asLong()).isPositive();
            }
            JsonNode endings = lab.show("ports").get(0).get("endings");
            assertThat(endings.get("ttl_expired").asLong()).isGreaterThan(1000);
            assertThat(endings.get("punt_limit").asLong()).isGreaterThan(1000);
            String after = frr.show("bgpd", "show bgp neighbors 10.1.0.2");
            assertThat(connections(after)).isEqualTo(connections(before));
            assertThat(after).contains("BGP state = Established");
            assertThat(one.show("ospf neighbors")).contains("Full/");
            lab.assertSumsAgree();
        }
    }

    /// How often the session has come and gone.
    private static String connections(String neighbor) {
        return neighbor.replaceAll("(?s).*(Connections established \\d+; dropped \\d+).*", "$1");
    }

    @Test
    void whatCannotBeIsRefusedAsAWhole() {
        try (Lab lab = lab()) {
            lab.configure("", "companion { device = c7, netns = nowhere-at-all }", "", "");
            Run.Result result = lab.stride("reload");
            assertThat(result.exitCode()).isNotZero();
            assertThat(result.output()).contains("p1", "nowhere-at-all");
            assertThat(lab.host(3).must("ip", "link", "show", "c1")).contains("c1");
            lab.host(3).must("ping", "-c1", "10.1.0.2");
        }
    }
}
