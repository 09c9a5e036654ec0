package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class TransferIT {
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running("", "");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    static void awaitListener(Host host, int port) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> host.must("ss", "-Hltun").contains(":" + port + " "));
    }

    /// 1 GiB: 16 times 64 MiB of random bytes.
    private static void assertArrivesWhole(Host from, Host to, Path data) throws Exception {
        String repeat =
                "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat " + data + "; done";
        CompletableFuture<String> arrived =
                to.background("socat -u TCP-LISTEN:5000,reuseaddr - | sha256sum");
        awaitListener(to, 5000);
        String sent =
                from.shell(
                        "{ "
                                + repeat
                                + "; } | tee >(socat -u - TCP:"
                                + to.address()
                                + ":5000) | sha256sum");

        assertThat(arrived.get(4, TimeUnit.MINUTES)).isEqualTo(sent);
        lab.assertSumsAgree();
    }

    @Test
    void gibibyteArrivesWholeBothWays(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("data");
        Run.must("dd", "if=/dev/urandom", "of=" + data, "bs=1M", "count=64", "status=none");
        assertThat(Files.size(data)).isEqualTo(64 << 20);

        assertArrivesWhole(lab.host(1), lab.host(2), data);
        assertArrivesWhole(lab.host(2), lab.host(1), data);
    }

    /// The kernel checks every checksum that we finish; a stream of frames with wrong ones would
    /// stand still.
    @Test
    void plainPortGetsFinishedFrames(@TempDir Path directory) throws Exception {
        try (Lab mixed = Lab.running("", "offload = false")) {
            Host plain = mixed.host(2);
            CompletableFuture<String> capture =
                    plain.background(
                            "timeout 60 tcpdump -nvvi "
                                    + plain.device()
                                    + " -c 2000 tcp 2>/dev/null");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> plain.run("pgrep", "-x", "tcpdump").exitCode() == 0);
            for (Host from : mixed.hosts()) {
                Host to = mixed.host(3 - from.number());
                CompletableFuture<String> arrived =
                        to.background("socat -u TCP-LISTEN:5001,reuseaddr - | wc -c");
                awaitListener(to, 5001);
                from.shell("head -c 20000000 /dev/zero | socat -u - TCP:" + to.address() + ":5001");
                assertThat(arrived.get(1, TimeUnit.MINUTES)).isEqualTo("20000000");
            }
            String seen = capture.get(2, TimeUnit.MINUTES);
            String inbound =
                    String.join("\n", seen.lines().filter(l -> l.contains("10.1.0.2.")).toList());
            assertThat(inbound).contains("cksum").contains("(correct)");
            // What host 1 sent has come through the router; what host 2 sent was seen before its
            // kernel finished it.
            assertThat(seen.lines().filter(l -> l.contains("> 10.2.0.2.")).toList())
                    .noneMatch(l -> l.contains("incorrect"));
            mixed.assertSumsAgree();
            // Some 13,800 segments of host 2 came one by one; host 1 got them as super-frames.
            JsonNode ports = mixed.show("ports");
            assertThat(ports.get(0).get("transmit_packets").asLong())
                    .isLessThan(ports.get(1).get("receive_packets").asLong() - 1000);
        }
    }

    @Test
    void udpArrivesBothWays() {
        for (String direction : new String[] {"", "-R"}) {
            CompletableFuture<String> server = lab.host(2).background("iperf3 -s -1 -p 5202");
            awaitListener(lab.host(2), 5202);
            String said =
                    lab.host(1).shell("iperf3 -u -b 5M -t 2 -p 5202 -c 10.2.0.2 " + direction);
            assertThat(server).isNotNull();
            Matcher loss = Pattern.compile("([0-9]+)/([0-9]+) \\([^)]*\\) +receiver").matcher(said);
            assertThat(loss.find()).as(said).isTrue();
            assertThat(Integer.parseInt(loss.group(2))).isGreaterThan(500);
            assertThat(loss.group(1)).as(said).isEqualTo("0");
        }
        lab.assertSumsAgree();
    }

    /// Rates are printed, not judged: machines are shared. Benchmarks judge.
    @Test
    void superFramesPassWhole() {
        CompletableFuture<String> server = lab.host(2).background("iperf3 -s -1 -p 5203");
        awaitListener(lab.host(2), 5203);
        String said = lab.host(1).shell("iperf3 -t 2 -p 5203 -c 10.2.0.2");
        assertThat(server).isNotNull();
        System.out.println(said.lines().filter(line -> line.contains("receiver")).toList());

        var port = lab.show("ports").get(0);
        long average = port.get("receive_bytes").asLong() / port.get("receive_packets").asLong();
        assertThat(average).as("bytes a received frame").isGreaterThan(1514);
    }
}
