package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
class RouteIT {
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running("", "", "");
        // Hosts 2 and 3 both have 10.77.0.1, so that a route to it may lead to either.
        for (int host = 2; host <= 3; host++) {
            Run.must(
                    "ip",
                    "-n",
                    lab.host(host).namespace(),
                    "address",
                    "add",
                    "10.77.0.1/32",
                    "dev",
                    "lo");
        }
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static void stride(String... words) {
        Run.Result result = lab.stride(words);
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    /// Pings 500 times a second until the file is there; prints what was lost, nothing when nothing
    /// was. The last hundred of each 250 are not counted: ping does not wait for them long.
    private static CompletableFuture<String> load(String to, Path stop) {
        String answers = "ping -n -i 0.002 -c 250 -W 5 " + to + " | grep -o 'icmp_seq=[0-9]* ttl'";
        String lost = "awk -F'[= ]' '$2 <= 150 {n++} END {if (n < 150) print \"lost\", 150 - n}'";
        return lab.host(1)
                .background(
                        "until [ -e " + stop + " ]; do " + answers + " | " + lost + "; done; true");
    }

    @Test
    void routesChangeUnderLoadWithoutLoss() throws Exception {
        Path stop = lab.file("stop");
        stride("route", "add", "10.77.0.0/24", "via", "10.2.0.2");
        CompletableFuture<String> bystander = load("10.2.0.2", stop);
        CompletableFuture<String> affected = load("10.77.0.1", stop);
        for (int i = 0; i < 10; i++) {
            // The affected flow always has a route; it moves between the two hosts.
            stride("route", "add", "10.77.0.0/24", "via", i % 2 == 0 ? "10.3.0.2" : "10.2.0.2");
            stride("route", "add", "10.78.0.0/16", "via", "10.3.0.2");
            stride("route", "del", "10.78.0.0/16");
        }
        Files.createFile(stop);
        assertThat(bystander.get(1, TimeUnit.MINUTES)).isEmpty();
        assertThat(affected.get(1, TimeUnit.MINUTES)).isEmpty();
        lab.assertSumsAgree();
    }

    @Test
    void flowsAreSharedAndEachKeepsItsPath() {
        stride("route", "add", "10.77.0.1/32", "via", "10.2.0.2", "via", "10.3.0.2");
        long second = lab.show("ports").get(1).get("transmit_packets").asLong();
        long third = lab.show("ports").get(2).get("transmit_packets").asLong();
        lab.host(1)
                .shell(
                        "for p in $(seq 20000 20099); do"
                                + " echo x | socat -u - UDP:10.77.0.1:9,sourceport=$p; done");
        second = lab.show("ports").get(1).get("transmit_packets").asLong() - second;
        third = lab.show("ports").get(2).get("transmit_packets").asLong() - third;
        stride("route", "del", "10.77.0.1/32");

        assertThat(second).isGreaterThan(20);
        assertThat(third).isGreaterThan(20);
    }

    @Test
    void withdrawnRouteIsGone() {
        stride("route", "add", "10.77.1.0/24", "via", "10.2.0.2");
        assertThat(lab.stride("show", "route", "10.77.1.9").output())
                .contains("is covered by 10.77.1.0/24")
                .contains("10.2.0.2");

        stride("route", "del", "10.77.1.0/24");
        assertThat(lab.stride("show", "route", "10.77.1.9").output()).contains("no route");
        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "10.77.1.9").output())
                .contains("Destination Net Unreachable");
        assertThat(lab.stride("route", "del", "10.77.1.0/24").exitCode()).isEqualTo(1);
    }

    @Test
    void routeWaitsForItsNextHop() {
        stride("route", "add", "10.79.0.0/16", "via", "172.16.0.1");
        assertThat(lab.stride("show", "routes").output()).contains("not usable");

        stride("route", "add", "172.16.0.0/24", "via", "10.2.0.2");
        assertThat(lab.stride("show", "route", "10.79.0.1").output())
                .contains("is covered by 10.79.0.0/16");

        stride("route", "del", "172.16.0.0/24");
        assertThat(lab.stride("show", "route", "10.79.0.1").output()).contains("no route");
    }
}
