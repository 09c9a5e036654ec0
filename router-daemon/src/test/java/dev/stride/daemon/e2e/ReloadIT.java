package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/// A running router gets another configuration, and ports are switched off and on.
class ReloadIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Two hosts that talk all the time, and a third one whose port comes and goes.
    private static Lab lab() {
        Lab lab = Lab.of("", "", "");
        lab.configure("", 2, "", "", "");
        lab.start();
        lab.hosts().subList(0, 2).forEach(Host::configure);
        assertReaches(lab.host(1), lab.host(2));
        return lab;
    }

    private static void assertReaches(Host from, Host to) {
        await().atMost(PATIENCE)
                .until(() -> from.run("ping", "-c1", "-W1", to.address()).exitCode() == 0);
    }

    private static String must(Lab lab, String... words) {
        Run.Result result = lab.stride(words);
        assertThat(result.exitCode()).as(result.output()).isZero();
        return result.output();
    }

    private static List<String> ports(Lab lab) {
        return StreamSupport.stream(lab.show("ports").spliterator(), false)
                .map(port -> port.get("name").asText())
                .toList();
    }

    private static CompletableFuture<String> flood(Lab lab) {
        return lab.host(1).background("ping -q -f -i 0.001 -c 6000 " + lab.host(2).address());
    }

    private static void assertNothingLost(CompletableFuture<String> flood) throws Exception {
        assertThat(flood.get(2, TimeUnit.MINUTES)).contains(" 0% packet loss");
    }

    @Test
    void portsComeAndGoBesideTrafficThatLosesNothing() throws Exception {
        try (Lab lab = lab()) {
            CompletableFuture<String> flood = flood(lab);
            for (int round = 0; round < 3; round++) {
                lab.configure("", 3, "", "", "");
                assertThat(must(lab, "diff", "-c", lab.config().toString())).isEqualTo("+ port p3");
                assertThat(must(lab, "reload")).isEqualTo("+ port p3");
                lab.host(3).configure();
                assertReaches(lab.host(3), lab.host(2));
                assertThat(lab.url("")).isNotNull();
                lab.configure("", 2, "", "", "");
                assertThat(must(lab, "reload")).isEqualTo("- port p3");
                assertThat(ports(lab)).containsExactly("p1", "p2");
            }
            assertThat(must(lab, "reload")).isEqualTo("nothing has changed");
            assertNothingLost(flood);
            lab.assertSumsAgree();
            assertThat(Run.must("curl", "-s", lab.url("/metrics")))
                    .contains("stride_config_reloads_total{result=\"done\"} 7.0")
                    .doesNotContain("port=\"p3\"");
        }
    }

    @Test
    void whatCannotBeIsRefusedAndChangesNothing() throws Exception {
        try (Lab lab = lab()) {
            JsonNode before = lab.show("routes");
            CompletableFuture<String> flood = flood(lab);
            lab.configure(
                    "routes = [{ to = \"10.9.0.0/16\", via = \"10.1.0.2\" }]\nwrong = 1",
                    2,
                    "",
                    "",
                    "");
            Run.Result refused = lab.stride("reload");
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.output()).contains("stride.wrong: unknown key");

            String taken = "routes = [{ to = \"10.9.0.0/16\", via = \"10.1.0.2\" }]";
            lab.configure(taken, 3, "", "", "host.netns = nowhere");
            Run.Result missing = lab.stride("reload");
            assertThat(missing.exitCode()).isEqualTo(1);
            assertThat(missing.output()).contains("port p3: there is no network namespace nowhere");
            assertThat(lab.show("routes")).isEqualTo(before);
            assertThat(ports(lab)).containsExactly("p1", "p2");
            assertNothingLost(flood);
        }
    }

    /// The device of a port is busy with the port itself: it has to go before it comes.
    @Test
    void aPortThatCannotComeBackOtherwiseComesBackAsItWas() {
        try (Lab lab = lab()) {
            lab.configure("", 2, "host.netns = nowhere", "", "");
            Run.Result refused = lab.stride("reload");
            assertThat(refused.output()).as(lab.log()).contains("nowhere").contains("as they were");
            lab.host(1).configure();
            assertReaches(lab.host(1), lab.host(2));
        }
    }

    @Test
    void routesAndNeighborsFollowTheFile() {
        try (Lab lab = lab()) {
            lab.configure(
                    """
                    routes = [{ to = "10.9.0.0/16", via = "10.1.0.2" }, { to = "10.8.0.0/16", kind = blackhole }]
                    neighbors = [{ port = p1, address = "10.1.0.77", mac = "02:00:00:00:00:77" }]
                    """,
                    2,
                    "",
                    "",
                    "");
            assertThat(must(lab, "reload").lines().toList())
                    .containsExactly(
                            "+ route 10.9.0.0/16 via 10.1.0.2",
                            "+ route 10.8.0.0/16 blackhole",
                            "+ neighbor 10.1.0.77 port p1 mac 02:00:00:00:00:77");
            assertThat(lab.show("routes").toString())
                    .contains("10.9.0.0/16")
                    .contains("10.8.0.0/16");
            assertThat(lab.show("neighbors").toString()).contains("02:00:00:00:00:77");
            lab.configure("routes = [{ to = \"10.9.0.0/16\", kind = prohibit }]", 2, "", "", "");
            assertThat(must(lab, "reload").lines())
                    .contains("- route 10.8.0.0/16 blackhole")
                    .contains("~ route 10.9.0.0/16 via 10.1.0.2 -> 10.9.0.0/16 prohibit");
            assertThat(lab.show("routes").toString()).contains("prohibit").doesNotContain("10.8.");
            assertThat(lab.show("neighbors").toString()).doesNotContain("02:00:00:00:00:77");
            assertThat(must(lab, "rollback")).contains("+ route 10.8.0.0/16 blackhole");
            assertThat(lab.show("routes").toString()).contains("10.8.0.0/16");
        }
    }

    @Test
    void whatIsNotConfirmedIsUndone() {
        try (Lab lab = lab()) {
            lab.configure("routes = [{ to = \"10.9.0.0/16\", kind = blackhole }]", 2, "", "", "");
            assertThat(must(lab, "reload", "--confirm", "1"))
                    .contains("+ route 10.9.0.0/16 blackhole")
                    .contains("stride confirm");
            await().atMost(PATIENCE)
                    .until(() -> !lab.show("routes").toString().contains("10.9.0.0/16"));
            assertThat(lab.log()).contains("not confirmed in time");

            must(lab, "reload", "--confirm", "600");
            Run.Result second = lab.stride("reload");
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output()).contains("waits to be confirmed");
            must(lab, "confirm");
            assertThat(lab.stride("confirm").output()).contains("nothing to confirm");
            assertThat(lab.show("routes").toString()).contains("10.9.0.0/16");
        }
    }

    @Test
    void aSignalReloads() {
        try (Lab lab = lab()) {
            lab.configure("routes = [{ to = \"10.9.0.0/16\", kind = blackhole }]", 2, "", "", "");
            String pid = lab.show("status").get("pid").asText();
            Run.must("kill", "-HUP", pid);
            await().atMost(PATIENCE)
                    .until(() -> lab.show("routes").toString().contains("10.9.0.0/16"));
        }
    }

    @Test
    void aPortThatIsSwitchedOffTakesAndSendsNothing() {
        try (Lab lab = lab()) {
            must(lab, "port", "down", "p2");
            assertThat(must(lab, "show", "ports")).contains(" off ");
            long received = lab.show("ports").get(1).get("receive_packets").asLong();
            assertThat(lab.host(1).run("ping", "-c2", "-W1", "-i0.2", "10.2.0.2").exitCode())
                    .isNotZero();
            lab.host(2).run("ping", "-c2", "-W1", "-i0.2", "10.1.0.2");
            assertThat(lab.show("ports").get(1).get("receive_packets").asLong())
                    .isEqualTo(received);
            must(lab, "port", "up", "p2");
            assertReaches(lab.host(1), lab.host(2));
            assertThat(lab.stride("port", "down", "p9").output()).contains("no port is named p9");
            lab.assertSumsAgree();
        }
    }
}
