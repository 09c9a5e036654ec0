package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A stock FRR says routes: hosts 1 and 2 talk, zebra runs where host 3 is and has interfaces of
/// its own in the networks of the other two. Nothing that it forwards itself matters.
class FpmIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static Lab lab() {
        Lab lab = Lab.of("", "", "");
        try {
            configure(lab);
            return lab;
        } catch (RuntimeException | Error e) {
            lab.close();
            throw e;
        }
    }

    private static void configure(Lab lab) {
        String there = lab.host(3).namespace();
        lab.configure("sources.fpm { netns = " + there + ", hold = 2s, quiet = 1s }", "", "", "");
        lab.start();
        lab.hosts().forEach(Host::configure);
        Run.must("ip", "-n", there, "route", "delete", "default"); // zebra would send it
        for (int network = 1; network <= 2; network++) {
            String device = "d" + network;
            String peer = "e" + network;
            Run.must(
                    ("ip -n " + there + " link add " + device + " type veth peer name " + peer)
                            .split(" "));
            Run.must("ip", "-n", there, "link", "set", device, "up");
            Run.must("ip", "-n", there, "link", "set", peer, "up");
            String address = "10." + network + ".0.9/24";
            Run.must("ip", "-n", there, "address", "add", address, "dev", device);
        }
        Run.must(
                "ip", "-n", lab.host(2).namespace(), "address", "add", "10.77.0.1/32", "dev", "lo");
    }

    private static Frr frr(Lab lab, String settings) {
        return new Frr(lab.host(3), "fpm address 127.0.0.1\n" + settings);
    }

    private static String route(Lab lab, String address) {
        return lab.stride("show", "route", address).output();
    }

    private static void awaitRoute(Lab lab, String address, String text) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(route(lab, address))
                                        .as(() -> fpm(lab) + "\n" + lab.log())
                                        .contains(text));
    }

    private static JsonNode fpm(Lab lab) {
        return lab.show("sources").get("fpm");
    }

    /// With next-hop groups, which are zebra's default, and with next hops in each route.
    @ParameterizedTest
    @ValueSource(strings = {"", "no fpm use-next-hop-groups"})
    void routesOfZebraCarryTraffic(String settings) {
        try (Lab lab = lab();
                Frr frr = frr(lab, settings)) {
            frr.start("10.77.0.0/24 10.2.0.2", "10.78.0.0/24 reject", "10.79.0.0/24 blackhole");
            awaitRoute(lab, "10.77.0.1", "fpm");
            assertThat(lab.host(1).run("ping", "-c2", "10.77.0.1").output())
                    .contains(" 0% packet loss");
            awaitRoute(lab, "10.78.0.1", "unreachable");
            awaitRoute(lab, "10.79.0.1", "blackhole");

            frr.configure("ip route 10.77.0.0/24 10.1.0.2");
            awaitRoute(lab, "10.77.0.1", "10.1.0.2"); // beside the other, in either order
            awaitRoute(lab, "10.77.0.1", "10.2.0.2");
            frr.configure("no ip route 10.77.0.0/24 10.2.0.2");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(route(lab, "10.77.0.1"))
                                            .contains("10.1.0.2")
                                            .doesNotContain("10.2.0.2"));
            frr.configure("no ip route 10.77.0.0/24 10.1.0.2");
            awaitRoute(lab, "10.77.0.1", "no route");
            lab.assertSumsAgree();
        }
    }

    /// What zebra does not say again after its end goes; the rest forwards all the time.
    @Test
    void routesOutliveZebraAndStaleOnesAreSwept() throws Exception {
        try (Lab lab = lab();
                Frr frr = frr(lab, "")) {
            frr.start("10.77.0.0/24 10.2.0.2", "10.80.0.0/24 10.2.0.2");
            awaitRoute(lab, "10.77.0.1", "fpm");
            awaitRoute(lab, "10.80.0.1", "fpm");
            assertThat(lab.host(1).run("ping", "-c2", "10.77.0.1").output()).contains(" 0% ");
            Path stop = lab.file("stop");
            CompletableFuture<String> lost =
                    lab.host(1)
                            .background(
                                    "until [ -e "
                                            + stop
                                            + " ]; do ping -q -n -c 1 -W 10 10.77.0.1 > /dev/null"
                                            + " || echo lost; done");
            frr.kill();
            await().atMost(PATIENCE).until(() -> fpm(lab).get("peer").isNull());
            assertThat(fpm(lab).get("stale_routes").asInt()).isGreaterThanOrEqualTo(2);
            assertThat(route(lab, "10.80.0.1")).contains("fpm");

            frr.start("10.77.0.0/24 10.2.0.2");
            await().atMost(PATIENCE).until(() -> fpm(lab).get("swept_routes").asInt() > 0);
            assertThat(route(lab, "10.80.0.1")).contains("no route");
            assertThat(route(lab, "10.77.0.1")).contains("fpm");
            assertThat(fpm(lab).get("stale_routes").asInt()).isZero();
            Files.createFile(stop);
            assertThat(lost.get(1, TimeUnit.MINUTES)).isEmpty();
            assertThat(lab.show("drops").toString()).doesNotContain("no_route");
            assertThat(lab.log()).contains("is disconnected; its routes stay");
            lab.assertSumsAgree();
        }
    }

    private static String settings(Lab lab, String more) {
        return "sources.fpm { netns = " + lab.host(3).namespace() + ", " + more + " }";
    }

    private static void reload(Lab lab, String more) {
        lab.configure(more, "", "", "");
        Run.Result result = lab.stride("reload");
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    /// The server changes, ends and begins by reloads. zebra 8.4 discards what it is told of its
    /// routes, and goes on.
    @Test
    void reloadsChangeTheServer() {
        try (Lab lab = lab();
                Frr frr = frr(lab, "")) {
            frr.start("10.77.0.0/24 10.2.0.2");
            awaitRoute(lab, "10.77.0.1", "fpm");
            assertThat(route(lab, "10.77.0.1")).contains("20/0");

            reload(lab, settings(lab, "distance = 30, hold = 2s, quiet = 1s, offload-status = on"));
            assertThat(route(lab, "10.77.0.1")).contains("fpm"); // it stays meanwhile
            awaitRoute(lab, "10.77.0.1", "30/0");
            assertThat(lab.log()).contains("closed, the settings have changed");
            await().atMost(PATIENCE).until(() -> fpm(lab).get("stale_routes").asInt() == 0);
            frr.configure("ip route 10.78.0.0/24 10.2.0.2");
            awaitRoute(lab, "10.78.0.1", "30/0");

            reload(lab, "");
            awaitRoute(lab, "10.77.0.1", "no route");
            assertThat(fpm(lab).isNull()).isTrue();
            reload(lab, settings(lab, "hold = 2s, quiet = 1s"));
            awaitRoute(lab, "10.77.0.1", "20/0");
            assertThat(lab.host(1).run("ping", "-c2", "10.77.0.1").output()).contains(" 0% ");
            lab.assertSumsAgree();
        }
    }

    @Test
    void anAddressThatCannotBeHadChangesNothing() {
        try (Lab lab = lab()) {
            lab.configure(settings(lab, "listen = \"192.0.2.77:2620\""), "mtu = 1400", "", "");
            Run.Result result = lab.stride("reload");
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.output()).contains("sources.fpm.listen 192.0.2.77:2620");
            assertThat(fpm(lab).get("listen").asText()).isEqualTo("127.0.0.1:2620");
            assertThat(lab.show("ports").get(0).get("mtu").asInt()).isEqualTo(1500);
        }
    }

    /// A gateway that is the router itself, as companions have it.
    @Test
    void gatewaysOfOurOwnAreRefusedAndSweepsNeedNoWaiting() {
        try (Lab lab = lab();
                Frr frr = frr(lab, "")) {
            reload(lab, settings(lab, "hold = 1d, quiet = 1d"));
            frr.start("10.77.0.0/24 10.2.0.2", "10.80.0.0/24 10.2.0.2", "10.81.0.0/24 10.2.0.1");
            awaitRoute(lab, "10.80.0.1", "fpm");
            await().atMost(PATIENCE)
                    .until(() -> fpm(lab).get("skipped").get("own_address").asInt() > 0);
            assertThat(route(lab, "10.81.0.1")).contains("no route");
            assertThat(lab.log()).contains("its next hop is an address of the router itself");

            frr.kill();
            await().atMost(PATIENCE).until(() -> fpm(lab).get("peer").isNull());
            Run.Result refused = lab.stride("fpm", "sweep");
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.output()).contains("zebra is not connected");
            int before = fpm(lab).get("route_messages").asInt();
            frr.start("10.77.0.0/24 10.2.0.2");
            awaitRoute(lab, "10.77.0.1", "fpm");
            await().atMost(PATIENCE)
                    .until(() -> fpm(lab).get("route_messages").asInt() >= before + 1);
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                lab.stride("fpm", "sweep");
                                assertThat(route(lab, "10.80.0.1")).contains("no route");
                            });
            awaitRoute(lab, "10.77.0.1", "fpm");
        }
    }

    /// The first client says half a frame and then nothing: the next takes its place.
    @Test
    void aHalfOpenConnectionMakesRoom() throws Exception {
        try (Lab lab = lab();
                Frr frr = frr(lab, "")) {
            CompletableFuture<String> half =
                    lab.host(3)
                            .background(
                                    "(printf '\\x01\\x01\\x00'; sleep 300) | socat -t1 -"
                                            + " TCP:127.0.0.1:2620 || true");
            await().atMost(PATIENCE).until(() -> !fpm(lab).get("peer").isNull());
            frr.start("10.77.0.0/24 10.2.0.2");
            awaitRoute(lab, "10.77.0.1", "fpm");
            assertThat(fpm(lab).get("faults").get("replaced").asInt()).isOne();
            assertThat(lab.log()).contains("another connection came (this one was half-open");
            assertThat(Run.must("curl", "-s", lab.url("/metrics")))
                    .contains("stride_fpm_faults_total{reason=\"replaced\"} 1.0");
            half.cancel(true);
        }
    }

    @Test
    void garbageIsClosedAndCounted() {
        try (Lab lab = lab()) {
            send(lab.host(3), "GET / HTTP/1.1\\r\\n\\r\\n");
            send(lab.host(3), "\\x01\\x01\\x00\\x20\\x30\\x00");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                JsonNode faults = fpm(lab).get("faults");
                                assertThat(faults.get("version").asInt()).isOne();
                                assertThat(faults.get("truncated").asInt()).isOne();
                            });
            assertThat(lab.log())
                    .contains("a frame of another version than 1")
                    .contains("the connection ended within a frame");
            assertThat(Run.must("curl", "-s", lab.url("/metrics")))
                    .contains("stride_fpm_faults_total{reason=\"version\"} 1.0")
                    .contains("stride_fpm_faults_total{reason=\"truncated\"} 1.0");
        }
    }

    private static void send(Host from, String bytes) {
        from.shell("printf '" + bytes + "' | socat -t1 - TCP:127.0.0.1:2620 || true");
    }
}
