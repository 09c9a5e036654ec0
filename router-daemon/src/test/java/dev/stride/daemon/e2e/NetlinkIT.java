package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Table 100 of a kernel says routes: hosts 1 and 2 talk, the table is where host 3 is, which has
/// interfaces of its own in the networks of the other two. Nothing that it forwards itself matters.
class NetlinkIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static String source(Lab lab, String more) {
        return "sources.netlink { netns = " + lab.host(3).namespace() + ", " + more + " }";
    }

    private static Lab lab(String more) {
        Lab lab = Lab.of("", "", "");
        try {
            lab.configure(source(lab, more), "", "", "");
            lab.start();
            lab.hosts().forEach(Host::configure);
            networks(lab);
            lab.host(2).must("ip", "address", "add", "10.77.0.1/32", "dev", "lo");
            return lab;
        } catch (RuntimeException | Error e) {
            lab.close();
            throw e;
        }
    }

    /// Interfaces d1 and d2 in the networks of hosts 1 and 2.
    private static void networks(Lab lab) {
        for (int network = 1; network <= 2; network++) {
            String device = "d" + network;
            String peer = "e" + network;
            kernel(lab, "link add " + device + " type veth peer name " + peer);
            kernel(lab, "link set " + peer + " up");
            kernel(lab, "link set " + device + " up");
            kernel(lab, "address add 10." + network + ".0.9/24 dev " + device);
            kernel(lab, "address add 2001:db8:" + network + "::9/64 nodad dev " + device);
        }
    }

    /// `ip` where the table is.
    private static String kernel(Lab lab, String words) {
        return lab.host(3).must(("ip " + words).split(" "));
    }

    private static String route(Lab lab, String address) {
        return lab.stride("show", "route", address).output();
    }

    private static void awaitRoute(Lab lab, String address, String... texts) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(route(lab, address)).contains(texts));
    }

    private static void awaitGone(Lab lab, String address) {
        awaitRoute(lab, address, "no route");
    }

    private static JsonNode netlink(Lab lab) {
        return lab.show("sources").get("netlink");
    }

    private static void assertPings(Lab lab, String address) {
        assertThat(lab.host(1).run("ping", "-c2", "-W5", address).output())
                .contains(" 0% packet loss");
    }

    @Test
    void routesOfTheKernelCarryTraffic() {
        try (Lab lab = lab("audit = 1h")) {
            kernel(lab, "route add 10.77.0.0/24 via 10.2.0.2 table 100");
            awaitRoute(lab, "10.77.0.1", "netlink", "10.2.0.2");
            assertPings(lab, "10.77.0.1");

            kernel(lab, "route replace 10.77.0.0/24 via 10.1.0.2 table 100");
            awaitRoute(lab, "10.77.0.1", "10.1.0.2");
            kernel(
                    lab,
                    "route replace 10.77.0.0/24 table 100 nexthop via 10.1.0.2 weight 3 nexthop via"
                            + " 10.2.0.2");
            awaitRoute(lab, "10.77.0.1", "10.1.0.2", "10.2.0.2");
            kernel(lab, "route add 10.77.0.0/24 via 10.2.0.2 metric 7 table 100");
            kernel(lab, "route del 10.77.0.0/24 metric 0 table 100");
            awaitRoute(lab, "10.77.0.1", "10.2.0.2", "7");
            assertPings(lab, "10.77.0.1");
            kernel(lab, "route del 10.77.0.0/24 table 100");
            awaitGone(lab, "10.77.0.1");

            kernel(lab, "route add blackhole 10.78.0.0/24 table 100");
            kernel(lab, "route add unreachable 10.79.0.0/24 table 100");
            kernel(lab, "route add prohibit 10.80.0.0/24 table 100");
            awaitRoute(lab, "10.78.0.1", "blackhole");
            awaitRoute(lab, "10.79.0.1", "unreachable");
            awaitRoute(lab, "10.80.0.1", "prohibit");
            assertThat(lab.host(1).run("ping", "-c1", "-W5", "10.79.0.1").output())
                    .contains("Destination Host Unreachable");
            kernel(lab, "route flush table 100");
            awaitGone(lab, "10.80.0.1");
            kernel(lab, "route add 10.81.0.0/24 via 10.2.0.2"); // the main table
            kernel(lab, "route add 10.82.0.0/24 via 10.2.0.2 table 100");
            awaitRoute(lab, "10.82.0.1", "netlink");
            assertThat(route(lab, "10.81.0.1")).contains("no route");
            lab.assertSumsAgree();
        }
    }

    @Test
    void nextHopObjectsAreFollowed() {
        try (Lab lab = lab("audit = 1h")) {
            kernel(lab, "nexthop add id 7 via 10.2.0.2 dev d2");
            kernel(lab, "nexthop add id 8 via 10.1.0.2 dev d1");
            kernel(lab, "nexthop add id 9 group 7/8");
            kernel(lab, "route add 10.77.0.0/24 nhid 7 table 100");
            kernel(lab, "route add 10.78.0.0/24 nhid 9 table 100");
            awaitRoute(lab, "10.77.0.1", "10.2.0.2");
            awaitRoute(lab, "10.78.0.1", "10.2.0.2", "10.1.0.2");
            assertPings(lab, "10.77.0.1");
            kernel(lab, "nexthop replace id 7 via 10.2.0.7 dev d2");
            awaitRoute(lab, "10.77.0.1", "10.2.0.7");
            awaitRoute(lab, "10.78.0.1", "10.2.0.7", "10.1.0.2");
            kernel(lab, "nexthop del id 7"); // the kernel does not tell that the route goes
            awaitGone(lab, "10.77.0.1");
            awaitRoute(lab, "10.78.0.1", "10.1.0.2");
            assertThat(route(lab, "10.78.0.1")).doesNotContain("10.2.0.7");
            lab.assertSumsAgree();
        }
    }

    @Test
    void whatTheKernelRemovesWithoutAWordGoesHereToo() {
        try (Lab lab = lab("audit = 1h")) {
            kernel(lab, "nexthop add id 7 via 10.2.0.2 dev d2");
            kernel(lab, "route add 10.77.0.0/24 via 10.2.0.2 table 100");
            kernel(lab, "route add 10.78.0.0/24 nhid 7 table 100");
            kernel(lab, "route add 10.79.0.0/24 via 10.1.0.2 table 100");
            kernel(lab, "-6 route add 2001:db8:77::/48 via 2001:db8:2::2 table 100");
            awaitRoute(lab, "10.79.0.1", "netlink");
            awaitRoute(lab, "10.78.0.1", "netlink");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(lab.show("routes").toString())
                                            .contains("2001:db8:77::/48"));
            kernel(lab, "link set d2 down");
            awaitGone(lab, "10.77.0.1");
            awaitGone(lab, "10.78.0.1");
            awaitRoute(lab, "10.79.0.1", "netlink");
            assertThat(lab.show("routes").toString()).doesNotContain("2001:db8:77::/48");

            kernel(lab, "address del 10.1.0.9/24 dev d1");
            awaitGone(lab, "10.79.0.1");
            assertThat(netlink(lab).get("audit_differences").asInt()).isOne();
            assertThat(netlink(lab).get("prefixes").asInt()).isZero();
            lab.assertSumsAgree();
        }
    }

    /// A route by an interface alone, and a gateway with one.
    @Test
    void devicesOfPortsLeadToThem() {
        try (Lab lab = Lab.of("type = packet", "")) {
            String there = lab.side(lab.host(1));
            String device = lab.host(1).device();
            lab.configure(
                    "sources.netlink { netns = " + there + ", table = 7 }", "type = packet", "");
            lab.start();
            lab.hosts().forEach(Host::configure);
            Run.must("ip", "-n", there, "link", "set", "lo", "up"); // or there is no "onlink"
            lab.host(1).must("ip", "address", "add", "10.89.0.1/32", "dev", "lo");
            Run.must(
                    ("ip -n " + there + " route add 10.88.0.0/24 dev " + device + " table 7")
                            .split(" "));
            Run.must(
                    ("ip -n "
                                    + there
                                    + " route add 10.89.0.0/24 via 10.1.0.2 onlink dev "
                                    + device
                                    + " table 7")
                            .split(" "));
            awaitRoute(lab, "10.88.0.1", "netlink", "p1");
            awaitRoute(lab, "10.89.0.1", "10.1.0.2", "p1");
            assertThat(lab.host(2).run("ping", "-c2", "-W5", "10.89.0.1").output())
                    .contains(" 0% packet loss");
            lab.assertSumsAgree();
        }
    }

    private static Set<String> inKernel(Lab lab) {
        Set<String> routes = new TreeSet<>();
        for (String line : kernel(lab, "route show table 100").lines().toList()) {
            String[] words = line.strip().split(" ");
            routes.add((words[0].contains("/") ? words[0] : words[0] + "/32") + " " + words[2]);
        }
        return routes;
    }

    private static Set<String> inRouter(Lab lab) {
        Set<String> routes = new TreeSet<>();
        for (JsonNode route : lab.show("routes")) {
            if (route.get("source").asText().equals("netlink")) {
                routes.add(
                        route.get("prefix").asText()
                                + " "
                                + route.get("via").get(0).get("address").asText());
            }
        }
        return routes;
    }

    private static void batch(Lab lab, List<String> lines) {
        Path file = lab.file("batch");
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        kernel(lab, "-batch " + file);
    }

    private static String many(int number) {
        return "20." + number / 65536 + "." + number / 256 % 256 + "." + number % 256 + "/32";
    }

    private static void awaitEqual(Lab lab) {
        Set<String> kernel = inKernel(lab);
        await().atMost(PATIENCE.multipliedBy(2))
                .until(() -> netlink(lab).get("prefixes").asInt() == kernel.size());
        await().atMost(PATIENCE.multipliedBy(2))
                .untilAsserted(() -> assertThat(inRouter(lab).equals(kernel)).isTrue());
    }

    @Test
    void lostNotificationsAreMadeUpFor() {
        try (Lab lab = lab("receive-buffer = 4096, audit = 1h")) {
            List<String> lines = new ArrayList<>();
            IntStream.range(0, 50_000)
                    .forEach(i -> lines.add("route add " + many(i) + " via 10.2.0.2 table 100"));
            batch(lab, lines);
            awaitEqual(lab);
            assertThat(netlink(lab).get("overruns").asInt()).isPositive();
            lines.clear();
            for (int i = 0; i < 50_000; i += 2) {
                lines.add("route del " + many(i) + " table 100");
                lines.add("route replace " + many(i + 1) + " via 10.1.0.2 table 100");
            }
            batch(lab, lines);
            awaitEqual(lab);
            assertThat(inRouter(lab)).hasSize(25_000);
            assertThat(netlink(lab).get("dumps").get("overrun").asInt()).isPositive();
            assertThat(lab.log()).contains("was read (overrun)");
            lab.assertSumsAgree();
        }
    }

    /// However busy the table is, nothing is taken for missed that was only on its way.
    @Test
    void auditsAgreeWhileRoutesComeAndGo() {
        try (Lab lab = lab("audit = 1s")) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 100_000; i++) {
                String to = many(i % 3000);
                switch (i / 3000 % 3) {
                    case 0 -> lines.add("route replace " + to + " via 10.2.0.2 table 100");
                    case 1 -> lines.add("route replace " + to + " via 10.1.0.2 table 100");
                    default -> lines.add("route del " + to + " table 100");
                }
            }
            for (int round = 0; round < 3; round++) {
                batch(lab, lines);
            }
            awaitEqual(lab);
            await().atMost(PATIENCE)
                    .until(() -> netlink(lab).get("dumps").get("audit").asInt() > 3);
            assertThat(netlink(lab).get("audit_differences").asInt()).isZero();
            assertThat(netlink(lab).get("overruns").asInt()).isZero();
            JsonNode audit = lab.show("sources").get("audit");
            assertThat(audit.get("rounds").asInt()).isPositive();
            assertThat(audit.get("differences"))
                    .allSatisfy(count -> assertThat(count.asInt()).isZero())
                    .isNotEmpty();
            assertThat(lab.log()).doesNotContain("ERROR");
        }
    }

    private static List<String> staticRoutes(int count, String gateway) {
        List<String> routes = new ArrayList<>(List.of("10.77.0.0/24 via 10.2.0.2"));
        IntStream.range(0, count).forEach(i -> routes.add(many(i) + " via " + gateway));
        return routes;
    }

    @Test
    void birdDrivesTheRouter() {
        try (Lab lab = lab("audit = 1h");
                Bird bird = new Bird(lab.host(3))) {
            bird.write(staticRoutes(12_000, "10.2.0.2"));
            bird.start();
            await().atMost(PATIENCE).until(() -> netlink(lab).get("prefixes").asInt() == 12_001);
            awaitEqual(lab);
            assertPings(lab, "10.77.0.1");

            bird.write(staticRoutes(11_000, "10.1.0.2"));
            bird.reconfigure();
            await().atMost(PATIENCE).until(() -> netlink(lab).get("prefixes").asInt() == 11_001);
            awaitEqual(lab);
            assertThat(route(lab, "20.0.0.7")).contains("10.1.0.2");

            bird.kill();
            assertPings(lab, "10.77.0.1"); // its routes stay in the kernel, and here
            bird.write(staticRoutes(10_000, "10.1.0.2"));
            bird.start();
            await().atMost(PATIENCE).until(() -> netlink(lab).get("prefixes").asInt() == 10_001);
            awaitEqual(lab);
            assertPings(lab, "10.77.0.1");
            lab.assertSumsAgree();
        }
    }

    @Test
    void routesStayWhileTheNamespaceIsAway() {
        try (Lab lab = lab("audit = 1h")) {
            kernel(lab, "route add 10.77.0.0/24 via 10.2.0.2 table 100");
            awaitRoute(lab, "10.77.0.1", "netlink");
            String there = lab.host(3).namespace();
            Run.must("ip", "netns", "delete", there);
            await().atMost(PATIENCE).until(() -> !netlink(lab).get("connected").asBoolean());
            assertThat(lab.log()).contains("there is no network namespace", "its routes stay");
            assertPings(lab, "10.77.0.1");

            Run.must("ip", "netns", "add", there);
            networks(lab);
            kernel(lab, "route add 10.78.0.0/24 via 10.2.0.2 table 100");
            awaitRoute(lab, "10.78.0.1", "netlink");
            awaitGone(lab, "10.77.0.1"); // it is not in the new one
            assertThat(netlink(lab).get("failures").asInt()).isPositive();
            assertThat(netlink(lab).get("connected").asBoolean()).isTrue();
        }
    }

    @Test
    void reloadChangesTheTable() {
        try (Lab lab = lab("audit = 1h")) {
            kernel(lab, "route add 10.77.0.0/24 via 10.2.0.2 table 100");
            kernel(lab, "route add 10.77.0.0/24 via 10.2.0.2 table 200");
            kernel(lab, "route add 10.78.0.0/24 via 10.2.0.2 table 100");
            awaitRoute(lab, "10.78.0.1", "netlink");
            awaitRoute(lab, "10.77.0.1", "netlink");

            lab.configure("sources.netlink { netns = strideit-none }", "", "", "");
            Run.Result refused = lab.stride("reload");
            assertThat(refused.exitCode()).isOne();
            assertThat(refused.output()).contains("sources.netlink.netns", "strideit-none");
            assertThat(route(lab, "10.78.0.1")).contains("netlink");

            lab.configure(source(lab, "table = 200"), "", "", "");
            assertThat(lab.stride("reload").output()).contains("~ source netlink");
            awaitGone(lab, "10.78.0.1");
            assertThat(route(lab, "10.77.0.1")).contains("netlink");
            lab.configure("", "", "", "");
            assertThat(lab.stride("reload").output()).contains("- source netlink");
            awaitGone(lab, "10.77.0.1");
            assertThat(lab.stride("rollback").exitCode()).isZero();
            awaitRoute(lab, "10.77.0.1", "netlink");
        }
    }

    @Test
    void namespaceThatIsNotThereIsNamedAtTheStart() {
        try (Lab lab = Lab.of("")) {
            lab.configure("sources.netlink { netns = strideit-none }", "");
            Run.Result result =
                    Run.run(Lab.LAUNCHER.toString(), "run", "-c", lab.config().toString());
            assertThat(result.exitCode()).isOne();
            assertThat(result.output())
                    .contains("sources.netlink.netns", "ip netns add strideit-none");
        }
    }
}
