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
                .untilAsserted(() -> assertThat(route(lab, address)).contains(text));
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
            assertThat(lab.log()).contains("a frame of another version than 1");
        }
    }

    private static void send(Host from, String bytes) {
        from.shell("printf '" + bytes + "' | socat -t1 - TCP:127.0.0.1:2620 || true");
    }
}
