package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The daemon goes and comes, as with an upgrade: its TAPs are persistent, so the hosts keep their
/// addresses, and the routes that FRR said are kept by a snapshot.
class RestartIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static void configure(Lab lab, String snapshot) {
        String there = lab.host(3).namespace();
        lab.configure(
                "sources.fpm { netns = " + there + ", hold = 2s, quiet = 1s }\n" + snapshot,
                "persist = true",
                "persist = true",
                "persist = true");
    }

    private static Lab lab() {
        Lab lab = Lab.of("", "", "");
        try {
            configure(lab, "state.snapshot { interval = 1s, hold = 20s }");
            lab.start();
            lab.hosts().forEach(Host::configure);
            String there = lab.host(3).namespace();
            Run.must("ip", "-n", there, "route", "delete", "default"); // zebra would send it
            Run.must(("ip -n " + there + " link add d2 type veth peer name e2").split(" "));
            Run.must("ip", "-n", there, "link", "set", "d2", "up");
            Run.must("ip", "-n", there, "link", "set", "e2", "up");
            Run.must("ip", "-n", there, "address", "add", "10.2.0.9/24", "dev", "d2");
            String peer = lab.host(2).namespace();
            Run.must("ip", "-n", peer, "address", "add", "10.77.0.1/32", "dev", "lo");
            return lab;
        } catch (RuntimeException | Error e) {
            lab.close();
            throw e;
        }
    }

    private static String route(Lab lab, String address) {
        return lab.stride("show", "route", address).output();
    }

    private static void awaitRoute(Lab lab, String address, String text) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(route(lab, address)).contains(text));
    }

    private static void assertReaches(Lab lab) {
        await().atMost(PATIENCE)
                .until(() -> lab.host(1).run("ping", "-c1", "-W1", "10.77.0.1").exitCode() == 0);
    }

    private static JsonNode fpm(Lab lab) {
        return lab.show("sources").get("fpm");
    }

    @Test
    void anUpgradeCostsNoRoutesAndStaleOnesGo() {
        try (Lab lab = lab();
                Frr frr = new Frr(lab.host(3), "fpm address 127.0.0.1\n")) {
            frr.start("10.77.0.0/24 10.2.0.2", "10.80.0.0/24 10.2.0.2");
            awaitRoute(lab, "10.77.0.1", "fpm");
            awaitRoute(lab, "10.80.0.1", "fpm");
            assertReaches(lab);
            frr.kill(); // nobody but the snapshot knows the routes now
            assertThat(lab.terminate()).isZero();
            lab.start();
            assertThat(lab.log()).contains("routes of a snapshot that is ");
            assertThat(route(lab, "10.77.0.1")).contains("fpm");
            assertThat(fpm(lab).get("stale_routes").asInt()).isGreaterThanOrEqualTo(2);
            assertReaches(lab);

            frr.start("10.77.0.0/24 10.2.0.2");
            await().atMost(PATIENCE).until(() -> fpm(lab).get("swept_routes").asInt() > 0);
            assertThat(route(lab, "10.80.0.1")).contains("no route");
            assertThat(route(lab, "10.77.0.1")).contains("fpm");
            assertThat(fpm(lab).get("stale_routes").asInt()).isZero();
            assertReaches(lab);
            lab.assertSumsAgree();
        }
    }

    /// By the snapshots from time to time, when there was no last one.
    @Test
    void aCrashCostsNoRoutes() {
        try (Lab lab = lab();
                Frr frr = new Frr(lab.host(3), "fpm address 127.0.0.1\n")) {
            frr.start("10.77.0.0/24 10.2.0.2");
            awaitRoute(lab, "10.77.0.1", "fpm");
            Path file = lab.file("state").resolve("routes");
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    Files.exists(file)
                                            && Files.readString(file).contains("10.77.0.0/24"));
            frr.kill();
            lab.kill();
            lab.start();
            assertThat(route(lab, "10.77.0.1")).contains("fpm");
            assertReaches(lab);
            assertThat(lab.stride("fpm", "sweep").output()).contains("zebra is not connected");
            assertThat(lab.stride("fpm", "sweep", "--all").output())
                    .endsWith(" stale routes withdrawn");
            assertThat(route(lab, "10.77.0.1")).contains("no route");
        }
    }

    @Test
    void routesGoWhenZebraDoesNotCome() {
        try (Lab lab = lab();
                Frr frr = new Frr(lab.host(3), "fpm address 127.0.0.1\n")) {
            frr.start("10.77.0.0/24 10.2.0.2");
            awaitRoute(lab, "10.77.0.1", "fpm");
            frr.kill();
            assertThat(lab.terminate()).isZero();
            configure(lab, "state.snapshot { interval = 1s, hold = 1s }");
            lab.start();
            await().atMost(PATIENCE).until(() -> lab.log().contains("zebra has not come; "));
            awaitRoute(lab, "10.77.0.1", "no route");
        }
    }

    @Test
    void aBrokenSnapshotIsSaidAndNotUsed() throws IOException {
        try (Lab lab = lab()) {
            assertThat(lab.terminate()).isZero();
            Path file = lab.file("state").resolve("routes");
            Files.writeString(file, Files.readString(file).replace("end ", "end 1"));
            lab.start();
            assertThat(lab.log()).contains("cannot be used: ").contains("its end");
            assertThat(Run.must("curl", "-s", lab.url("/metrics")))
                    .contains("stride_snapshots_total{result=\"failed\"} 1.0");
        }
    }
}
