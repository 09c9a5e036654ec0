package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
            lab.signal("HUP");
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

    private static void addRoute(Lab lab, String prefix) {
        must(lab, "route", "add", prefix, "via", "10.2.0.2");
    }

    private static String routes(Lab lab) {
        return must(lab, "show", "routes");
    }

    private static String metrics(Lab lab) {
        return Run.must("curl", "-s", lab.url("/metrics"));
    }

    /// Live changes are shown as such, go with a reload, and stay where that is asked for.
    @Test
    void liveChangesGoUnlessTheyAreKeptOrSaved() throws Exception {
        try (Lab lab = lab()) {
            addRoute(lab, "10.77.0.0/16");
            must(lab, "neighbor", "add", "p2", "10.2.0.77", "02:00:00:00:00:77");
            must(lab, "port", "down", "p1");
            assertThat(routes(lab)).containsPattern("10.77.0.0/16 +cli");
            assertThat(must(lab, "show", "neighbors")).contains("permanent (live)");
            String[] changes = {
                "- route 10.77.0.0/16 via 10.2.0.2 (live)",
                "- neighbor 10.2.0.77 port p2 mac 02:00:00:00:00:77 (live)",
                "~ port p1: off -> on (live)"
            };
            assertThat(must(lab, "diff").lines()).containsExactly(changes);
            assertThat(must(lab, "reload", "--keep-live")).isEqualTo("nothing has changed");
            assertThat(must(lab, "diff").lines()).containsExactly(changes);

            // their port is opened anew: they come again
            lab.configure("", 2, "mtu = 1400", "mtu = 1400", "");
            assertThat(must(lab, "reload", "--keep-live")).doesNotContain("live");
            assertThat(must(lab, "diff").lines()).containsExactly(changes);

            must(lab, "reload", "--confirm", "600");
            assertThat(must(lab, "diff")).isEqualTo("no difference");
            must(lab, "rollback"); // with what the reload took away
            assertThat(must(lab, "diff").lines()).containsExactly(changes);
        }
    }

    @Test
    void whatIsSavedIsInTheFileAndAReloadAdoptsIt() throws Exception {
        try (Lab lab = lab()) {
            Files.writeString(lab.config(), "# mine\n" + Files.readString(lab.config()));
            must(lab, "reload");
            addRoute(lab, "10.77.0.0/16");
            must(lab, "port", "down", "p2");
            assertThat(must(lab, "save").lines())
                    .containsExactly(
                            "+ route 10.77.0.0/16 via 10.2.0.2 (live)",
                            "~ port p2: on -> off (live)");
            assertThat(must(lab, "save")).isEqualTo("there are no live changes");
            assertThat(Files.readString(lab.config()))
                    .startsWith("# mine\n")
                    .endsWith("include \"stride.live.conf\"\n");
            must(lab, "reload");
            assertThat(routes(lab)).containsPattern("10.77.0.0/16 +static").doesNotContain("cli");
            assertThat(must(lab, "diff")).isEqualTo("no difference");
            assertThat(lab.terminate()).isZero();
            lab.start();
            assertThat(routes(lab)).containsPattern("10.77.0.0/16 +static");
            assertThat(must(lab, "show", "ports")).contains(" off ");
            must(lab, "port", "up", "p2");
            lab.hosts().subList(0, 2).forEach(Host::configure);
            assertReaches(lab.host(1), lab.host(2));
        }
    }

    /// The configuration is on a file system without room for more.
    @Test
    void aFullDiskLeavesTheOldFiles() throws Exception {
        try (Lab lab = lab()) {
            Path small = Files.createDirectory(lab.file("small"));
            Run.must("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small.toString());
            try {
                Path config = small.resolve("stride.conf");
                lab.terminate();
                Files.copy(lab.config(), config);
                lab.startWith(config);
                addRoute(lab, "10.77.0.0/16");
                Run.run("dd", "if=/dev/zero", "of=" + small.resolve("fill"), "bs=4k", "count=64");
                String before = Files.readString(config);
                Run.Result full = lab.stride("save");
                assertThat(full.exitCode()).isEqualTo(1);
                assertThat(full.output())
                        .contains("No space left on device")
                        .contains("the configuration is as it was");
                assertThat(config).hasContent(before);
                try (Stream<Path> files = Files.list(small)) {
                    assertThat(files.map(Path::getFileName).map(Path::toString))
                            .containsExactlyInAnyOrder("stride.conf", "fill");
                }
                assertThat(lab.log()).contains("not saved: ").contains("No space left");
                assertThat(metrics(lab))
                        .contains("stride_config_saves_total{result=\"refused\"} 1.0");
                Files.delete(small.resolve("fill"));
                must(lab, "save");
                must(lab, "reload");
                assertThat(routes(lab)).containsPattern("10.77.0.0/16 +static");
            } finally {
                lab.terminate();
                Run.must("umount", small.toString());
            }
        }
    }

    /// Ten configurations are remembered, and any of them comes back after a restart.
    @Test
    void historyOutlivesTheDaemon() {
        try (Lab lab = lab()) {
            for (int i = 1; i <= 10; i++) {
                String route =
                        "routes = [{ to = \"10.9%d.0.0/16\", kind = blackhole }]".formatted(i % 10);
                lab.configure(route, 2, "", "", "");
                must(lab, "reload");
            }
            assertThat(must(lab, "show", "history").lines()).hasSize(11);
            assertThat(must(lab, "show", "history"))
                    .containsPattern("[*] +11 +2.*reload of ")
                    .doesNotContainPattern(" 1 +2.*start of");
            lab.terminate();
            lab.start();
            assertThat(must(lab, "show", "history")).containsPattern("[*] +11 +2.*reload of ");
            assertThat(must(lab, "diff", "--generation", "4"))
                    .contains("- route 10.90.0.0/16 blackhole")
                    .contains("+ route 10.93.0.0/16 blackhole");
            assertThat(must(lab, "rollback", "4")).contains("+ route 10.93.0.0/16 blackhole");
            assertThat(routes(lab)).contains("10.93.0.0/16").doesNotContain("10.90.0.0/16");
            assertThat(must(lab, "rollback")).contains("+ route 10.92.0.0/16 blackhole");
            assertThat(must(lab, "show", "history")).containsPattern("[*] +3 ");
            assertThat(lab.stride("rollback", "77").output()).contains("no generation 77");
            assertThat(must(lab, "reload")).contains("+ route 10.90.0.0/16 blackhole");
        }
    }

    /// Tries again while it is the second one itself.
    private static Run.Result patiently(Lab lab, Path file) {
        while (true) {
            Run.Result result = lab.stride("reload", "-c", file.toString());
            if (!result.output().contains("under way")) {
                return result;
            }
        }
    }

    /// The first one waits for its file, which is a pipe.
    @Test
    void theSecondOfTwoReloadsIsRefused() throws Exception {
        try (Lab lab = lab()) {
            Path pipe = lab.file("pipe");
            Run.must("mkfifo", pipe.toString());
            CompletableFuture<Run.Result> first =
                    CompletableFuture.supplyAsync(() -> patiently(lab, pipe));
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(lab.stride("reload").output())
                                            .contains(
                                                    "another reload, rollback or save is under way"));
            assertThat(lab.log()).contains("not reloaded: another reload");
            // read twice; copies behind each other say the same
            String text = "while sleep 0.3; do cat " + lab.config() + " > " + pipe + "; done";
            Process writer = Run.start(Map.of(), List.of("bash", "-c", text));
            try {
                assertThat(first.get(2, TimeUnit.MINUTES).output())
                        .isEqualTo("nothing has changed");
            } finally {
                writer.destroy();
            }
            assertThat(must(lab, "reload")).isEqualTo("nothing has changed");
            assertThat(metrics(lab)).contains("stride_config_reloads_total{result=\"done\"} ");
        }
    }

    /// Routes, an unrelated port, limits and times change all the time, and 20,000 packets pass.
    @Test
    void trafficPassesReloadsOfRoutesAndSettings() throws Exception {
        try (Lab lab = lab()) {
            String there = lab.host(2).namespace();
            Run.must("ip", "-n", there, "address", "add", "10.77.0.1/32", "dev", "lo");
            lab.configure(
                    "routes = [{ to = \"10.77.0.0/16\", via = \"10.2.0.2\" }]", 2, "", "", "");
            must(lab, "reload");
            long before = lab.show("ports").get(1).get("transmit_packets").asLong();
            CompletableFuture<String> flood =
                    lab.host(1).background("ping -q -f -i 0.0005 -c 20000 10.77.0.1");
            String[] settings = {
                "icmp.burst = 7, arp.attempts = 5, idle = epoll",
                "icmp.errors-per-second = 9, idle { spin = 20us }",
                "sources.fpm { listen = \"127.0.0.1:0\" }, idle = busy"
            };
            int reloads = 0;
            for (int round = 0; !flood.isDone() || reloads < 3; round++) {
                StringBuilder more =
                        new StringBuilder(settings[round % 3]).append("\nroutes = [\n");
                for (int i = 0; i < 500; i++) {
                    String via = i % 3 == round % 3 ? "kind = blackhole" : "via = \"10.2.0.2\"";
                    more.append(
                            "{ to = \"10.9.%d.%d/32\", %s }%n".formatted(i / 250, i % 250, via));
                }
                for (int length : new int[] {16, 17 + round % 3}) {
                    more.append(
                            "{ to = \"10.77.0.0/%d\", via = \"10.2.0.2\" }%n".formatted(length));
                }
                more.append("]");
                lab.configure(more.toString(), 2 + round % 2, "", "", "");
                assertThat(must(lab, "reload")).doesNotContain("restart");
                reloads++;
            }
            assertNothingLost(flood);
            lab.assertSumsAgree();
            assertThat(lab.show("drops").toString())
                    .doesNotContain("no_route")
                    .doesNotContain("port_down")
                    .doesNotContain("neighbor_unresolved")
                    .doesNotContain("transmit_full");
            assertThat(lab.show("ports").get(1).get("transmit_packets").asLong())
                    .isGreaterThanOrEqualTo(before + 20_000);
        }
    }
}
