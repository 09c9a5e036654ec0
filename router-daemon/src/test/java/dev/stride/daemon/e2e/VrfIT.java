package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Several routing tables: hosts 1 and 2 are behind ports in red, 3 and 4 behind ports in blue.
class VrfIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TABLES = "tables { red { id = 10 }, blue {} }\n";
    private static final String RED = "table = red";
    private static final String BLUE = "table = blue";

    private static final String PORT_A = ", addresses = [\"10.1.0.1/24\", \"2001:db8:1::1/64\"]";
    private static final String PORT_B = ", addresses = [\"10.2.0.1/24\", \"2001:db8:2::1/64\"]";

    /// Both tables have the same prefixes, the same addresses of the router and the same hosts: 2
    /// of each link. Hosts 2 and 3 have another address, which is theirs alone.
    private static Lab twins() {
        Lab lab = Lab.of("", "", "", "");
        try {
            lab.configure(TABLES, RED + PORT_A, RED + PORT_B, BLUE + PORT_A, BLUE + PORT_B);
            lab.start();
            for (Host host : lab.hosts()) {
                String network = host.number() % 2 == 1 ? "1" : "2";
                ip(host, "link set " + host.device() + " up");
                ip(host, "address add 10." + network + ".0.2/24 dev " + host.device());
                ip(host, "route add default via 10." + network + ".0.1");
                String six = "2001:db8:" + network + "::";
                ip(host, "address add " + six + "2/64 nodad dev " + host.device());
                ip(host, "route add default via " + six + "1");
            }
            ip(lab.host(2), "address add 10.77.0.1/32 dev lo");
            ip(lab.host(3), "address add 10.88.0.1/32 dev lo");
            return lab;
        } catch (RuntimeException | Error e) {
            lab.close();
            throw e;
        }
    }

    private static void ip(Host host, String words) {
        Run.must(("ip -n " + host.namespace() + " " + words).split(" "));
    }

    private static String stride(Lab lab, String words) {
        Run.Result result = lab.stride(words.split(" "));
        assertThat(result.exitCode()).as(result.output()).isZero();
        return result.output();
    }

    private static void assertReaches(Host from, String to, String... more) {
        await().atMost(PATIENCE).until(() -> ping(from, to, more).exitCode() == 0);
    }

    private static Run.Result ping(Host from, String to, String... more) {
        String words = "ping -n -c1 -W1 " + String.join(" ", more) + " " + to;
        return from.run(words.strip().split(" +"));
    }

    /// Serves TCP with a word that tells who answers.
    private static void serve(Host host, String word) {
        CompletableFuture<String> _ =
                host.background(
                        "socat TCP6-LISTEN:7000,fork,reuseaddr,ipv6only=0 SYSTEM:'echo "
                                + word
                                + "'");
        TransferIT.awaitListener(host, 7000);
    }

    /// @param more options of the socket
    private static String ask(Host from, String address, String... more) {
        String options = String.join("", more);
        return from.shell("socat -T5 - TCP:" + address + ":7000" + options + " </dev/null").strip();
    }

    private static List<String> trace(Host from, String... words) {
        String[] command = ("traceroute -n -w 5 " + String.join(" ", words)).split(" ");
        return from.must(command).lines().skip(1).map(line -> line.strip().split(" +")[1]).toList();
    }

    @Test
    void theSamePrefixesInTwoTablesDoNotMix() {
        try (Lab lab = twins()) {
            serve(lab.host(2), "host2");
            serve(lab.host(4), "host4");
            for (int from = 1; from <= 3; from += 2) {
                Host host = lab.host(from);
                assertReaches(host, "10.2.0.2");
                assertReaches(host, "2001:db8:2::2");
                assertReaches(host, "10.2.0.1"); // the router, in each table
                assertThat(ask(host, "10.2.0.2")).isEqualTo("host" + (from + 1));
                assertThat(ask(host, "[2001:db8:2::2]")).isEqualTo("host" + (from + 1));
                assertThat(trace(host, "10.2.0.2")).containsExactly("10.1.0.1", "10.2.0.2");
                // Longer than a frame: fragments, put together by the router, in each table.
                assertReaches(host, "10.1.0.1", "-s", "4000");
            }
            stride(lab, "route add 10.77.0.0/24 via 10.2.0.2 table red");
            assertReaches(lab.host(1), "10.77.0.1");
            assertThat(ping(lab.host(3), "10.77.0.1").output())
                    .contains("From 10.1.0.1", "Destination Net Unreachable");
            assertThat(stride(lab, "show route 10.77.0.1 --table red")).contains("10.77.0.0/24");
            assertThat(stride(lab, "show route 10.77.0.1 --table blue")).contains("no route");
            assertThat(stride(lab, "show route 10.77.0.1")).contains("no route");
            assertThat(stride(lab, "show routes")).doesNotContain("10.");
            assertThat(stride(lab, "show routes --table red"))
                    .contains("10.77.0.0/24", "10.1.0.2/32");
            assertThat(stride(lab, "show fib --table blue")).contains("blue").doesNotContain("red");
            assertThat(stride(lab, "show tables")).contains("red", "p1, p2", "254");
            assertThat(lab.stride("show", "routes", "--table", "green").output())
                    .contains("no routing table is named green; there are main, blue, red");
            assertThat(Run.must("curl", "-s", lab.url("/metrics")))
                    .contains("stride_fib_routes{family=\"ipv4\",table=\"blue\"} 4.0")
                    .contains(
                            "stride_rib_routes{family=\"ipv4\",source=\"cli\",table=\"red\"} 1.0");
            stride(lab, "route del 10.77.0.0/24 --table red");
            assertThat(ping(lab.host(1), "10.77.0.1").output()).contains("Net Unreachable");
            lab.assertSumsAgree();
        }
    }

    /// Host 3 in blue and host 2 in red reach each other by the addresses that are theirs alone.
    @Test
    void leakedRoutesLeadFromTableToTable() {
        try (Lab lab = twins()) {
            serve(lab.host(2), "host2");
            stride(lab, "route add 10.77.0.0/24 via 10.2.0.2 table red");
            stride(lab, "route add 10.88.0.0/24 via 10.1.0.2 table blue");
            String[] own = {"-I", "10.88.0.1"};
            assertThat(ping(lab.host(3), "10.77.0.1", own).exitCode()).isNotZero();

            stride(lab, "route add 10.77.0.0/24 via-table red table blue");
            stride(lab, "route add 10.88.0.0/24 via-table blue table red");
            assertReaches(lab.host(3), "10.77.0.1", own);
            assertThat(trace(lab.host(3), "-s", "10.88.0.1", "10.77.0.1"))
                    .containsExactly("10.1.0.1", "10.77.0.1");
            assertThat(ask(lab.host(3), "10.77.0.1", ",bind=10.88.0.1")).isEqualTo("host2");
            assertThat(stride(lab, "show routes --table blue")).contains("table red");

            // The same by a next hop that the other table finds.
            stride(lab, "route del 10.77.0.0/24 --table blue");
            assertThat(ping(lab.host(3), "10.77.0.1", own).output()).contains("Net Unreachable");
            stride(lab, "route add 10.77.0.0/24 via 10.2.0.2 via-table red table blue");
            assertThat(stride(lab, "show routes --table blue")).contains("10.2.0.2 by table red");
            assertReaches(lab.host(3), "10.77.0.1", own);
            lab.assertSumsAgree();
        }
    }

    /// Hosts 3 and 4 talk all the time; port 2 goes from red to blue, then red goes.
    @Test
    void reloadMovesAPortToAnotherTable() throws Exception {
        try (Lab lab = Lab.of("", "", "", "")) {
            lab.configure(TABLES, RED, RED, BLUE, BLUE);
            lab.start();
            lab.hosts().forEach(Host::configure);
            assertReaches(lab.host(1), "10.2.0.2");
            assertReaches(lab.host(3), "10.4.0.2");
            assertThat(ping(lab.host(3), "10.2.0.2").exitCode()).isNotZero();
            CompletableFuture<String> flood =
                    lab.host(3).background("ping -q -f -i 0.001 -c 5000 10.4.0.2");

            lab.configure(TABLES, RED, BLUE, BLUE, BLUE);
            assertThat(stride(lab, "reload")).isEqualTo("~ port p2: table red -> blue");
            assertReaches(lab.host(3), "10.2.0.2");
            assertThat(ping(lab.host(1), "10.2.0.2").output()).contains("Net Unreachable");
            assertThat(stride(lab, "rollback")).isEqualTo("~ port p2: table blue -> red");
            assertReaches(lab.host(1), "10.2.0.2");
            assertThat(ping(lab.host(3), "10.2.0.2").output()).contains("Net Unreachable");

            // What cannot be changes nothing, tables included.
            lab.configure("tables { green {} }", "", "host.netns = nowhere", BLUE, "table = green");
            assertThat(lab.stride("reload").output()).contains("no routing table \"blue\"");
            lab.configure("tables { blue {}, green {} }", "", "host.netns = nowhere", BLUE, BLUE);
            assertThat(lab.stride("reload").output()).contains("as they were");
            assertThat(stride(lab, "show tables")).contains("red").doesNotContain("green");
            lab.host(2).configure(); // its device is a new one
            assertReaches(lab.host(1), "10.2.0.2");

            lab.configure(
                    """
                    tables { blue {} }
                    routes = [
                      { to = "10.3.0.0/24", via-table = blue }
                      { to = "10.1.0.0/24", table = blue, via-table = main }
                    ]
                    """,
                    "",
                    BLUE,
                    BLUE,
                    BLUE);
            assertThat(stride(lab, "reload")).contains("- table red id 10");
            assertReaches(lab.host(3), "10.2.0.2");
            assertReaches(lab.host(1), "10.3.0.2"); // by the routes between main and blue
            assertThat(lab.show("tables"))
                    .extracting(table -> table.get("name").asText())
                    .containsExactly("main", "blue");
            assertThat(Run.must("curl", "-s", lab.url("/metrics"))).doesNotContain("table=\"red\"");
            assertThat(flood.get(2, TimeUnit.MINUTES)).contains(" 0% packet loss");
            lab.assertSumsAgree();
        }
    }

    /// A frame of FPM: a new route to 10.77.0.0/24 via 10.2.0.2 in the kernel's table 10.
    private static final String ROUTE =
            "\\x01\\x01\\x00\\x30"
                    + "\\x2c\\0\\0\\0\\x18\\0\\x01\\x05\\0\\0\\0\\0\\0\\0\\0\\0"
                    + "\\x02\\x18\\0\\0\\x0a\\xc4\\0\\x01\\0\\0\\0\\0"
                    + "\\x08\\0\\x01\\0\\x0a\\x4d\\0\\0"
                    + "\\x08\\0\\x05\\0\\x0a\\x02\\0\\x02";

    /// FPM knows a table by its id; one that comes later makes the other side say everything again.
    @Test
    void routesOfFpmGoToTheTableOfTheirId() {
        try (Lab lab = Lab.of("", "", "")) {
            String fpm =
                    "sources.fpm { netns = "
                            + lab.host(3).namespace()
                            + ", hold = 2s, quiet = 1s }\n";
            lab.configure(fpm, "", "", "");
            lab.start();
            lab.hosts().forEach(Host::configure);
            ip(lab.host(2), "address add 10.77.0.1/32 dev lo");
            // As zebra does: says what it has, and once more when the connection was closed.
            CompletableFuture<String> _ =
                    lab.host(3)
                            .background(
                                    "while sleep 0.2; do (exec 3<>/dev/tcp/127.0.0.1/2620; printf '"
                                            + ROUTE
                                            + "' >&3; cat <&3); done");
            await().atMost(PATIENCE).until(() -> skipped(lab) > 0);
            lab.configure(fpm + TABLES, RED, RED, "");
            assertThat(stride(lab, "reload")).contains("+ table red id 10");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(stride(lab, "show route 10.77.0.1 --table red"))
                                            .contains("fpm"));
            assertReaches(lab.host(1), "10.77.0.1");
            assertThat(stride(lab, "show route 10.77.0.1")).contains("no route");
            assertThat(lab.log()).contains("there are routing tables with other ids now");
            lab.assertSumsAgree();
        }
    }

    private static int skipped(Lab lab) {
        JsonNode fpm = lab.show("sources").get("fpm");
        return fpm.get("skipped").get("table").asInt();
    }
}
