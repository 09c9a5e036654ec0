package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The way to outgrow one machine: three routers, among which the hosts spread their flows, and one
/// of them dies.
class ScaleOutIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int FLOWS = 12;
    private static final int INTERVAL_MS = 20;

    private static void awaitPaths(Site site, int count) {
        for (int flow = 1; flow <= FLOWS; flow++) {
            String to = "10.88.0." + flow;
            await(count + " paths")
                    .atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    site.host(1)
                                                            .must("ip", "route", "show", to)
                                                            .split("nexthop", -1))
                                            .hasSize(count + 1));
        }
    }

    private static String router(Site site, int flow) {
        return site.host(1)
                .must("ip", "route", "get", "10.88.0." + flow, "from", "10.77.0.1")
                .replaceAll("(?s).* dev (r\\d).*", "$1");
    }

    @Test
    void oneOfThreeDies() throws Exception {
        try (Site site = Site.of(3)) {
            site.host(1).must("ip", "address", "add", "10.77.0.1/32", "dev", "lo");
            for (int flow = 1; flow <= FLOWS; flow++) {
                String address = "10.88.0." + flow + "/32";
                site.host(2).must("ip", "address", "add", address, "dev", "lo");
            }
            awaitPaths(site, 3);
            for (int router = 1; router <= 3; router++) {
                int number = router;
                await("the other way")
                        .atMost(PATIENCE)
                        .untilAsserted(
                                () ->
                                        assertThat(site.show(number, "route", "10.77.0.1"))
                                                .contains("fpm", "10." + number + ".1.2"));
            }
            List<CompletableFuture<String>> pings = new ArrayList<>();
            List<String> before = new ArrayList<>();
            for (int flow = 1; flow <= FLOWS; flow++) {
                before.add(router(site, flow));
                pings.add(
                        site.host(1)
                                .background("ping -q -i 0.02 -w 10 -I 10.77.0.1 10.88.0." + flow));
            }
            assertThat(before).as("flows are spread").contains("r2");
            await().atMost(PATIENCE)
                    .until(() -> !site.show(2, "ports").lines().skip(1).toList().isEmpty());
            site.kill(2);
            awaitPaths(site, 2);
            report(pings, before);
            for (int flow = 1; flow <= FLOWS; flow++) {
                String ping =
                        site.host(1).must("ping", "-c1", "-I", "10.77.0.1", "10.88.0." + flow);
                assertThat(ping).contains(" 0% packet loss");
            }
            site.start(2);
            awaitPaths(site, 3);
            assertThat(site.bird(1).show("bfd sessions")).contains("10.2.1.1");
            await("routes come back as well")
                    .atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(site.show(2, "route", "10.88.0.1"))
                                            .contains("fpm", "10.2.2.2"));
        }
    }

    /// How long flows were without a way, for people: a busy machine proves nothing.
    private static void report(List<CompletableFuture<String>> pings, List<String> before)
            throws Exception {
        for (int flow = 0; flow < FLOWS; flow++) {
            String said = pings.get(flow).get(1, TimeUnit.MINUTES);
            String[] counts =
                    said.replaceAll("(?s).*?(\\d+) packets.*?(\\d+) rec.*", "$1 $2").split(" ");
            int lost = Integer.parseInt(counts[0]) - Integer.parseInt(counts[1]);
            System.out.printf(
                    "flow %d by %s: %d lost, about %d ms%n",
                    flow + 1, before.get(flow), lost, lost * INTERVAL_MS);
            assertThat(said).doesNotContain(" 100% packet loss");
        }
    }
}
