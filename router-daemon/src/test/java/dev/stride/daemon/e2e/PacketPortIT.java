package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ports on devices of the kernel: veths, which hand up super-frames and unfinished checksums. What
/// holds by libpcap as well is shown for both.
class PacketPortIT {
    private static final String DEVICE = "type = packet";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static void assertReaches(Host from, Host to) {
        await().atMost(PATIENCE)
                .until(() -> from.run("ping", "-c1", "-W1", to.address()).exitCode() == 0);
    }

    /// @param lines of some eight bytes
    static void assertArrivesWhole(Host from, Host to, int lines) throws Exception {
        CompletableFuture<String> arrived =
                to.background("socat -u TCP-LISTEN:5000,reuseaddr - | sha256sum");
        TransferIT.awaitListener(to, 5000);
        String sent =
                from.shell(
                        "seq "
                                + lines
                                + " | tee >(socat -u - TCP:"
                                + to.address()
                                + ":5000) | sha256sum");
        assertThat(arrived.get(2, TimeUnit.MINUTES)).isEqualTo(sent);
    }

    @ParameterizedTest
    @ValueSource(strings = {DEVICE, "", "offload = false"})
    void streamsArriveWholeBothWays(String other) throws Exception {
        try (Lab lab = Lab.running(DEVICE, other)) {
            assertReaches(lab.host(1), lab.host(2));
            assertArrivesWhole(lab.host(1), lab.host(2), 12_000_000);
            assertArrivesWhole(lab.host(2), lab.host(1), 12_000_000);
            JsonNode port = lab.show("ports").get(0);
            long average =
                    port.get("receive_bytes").asLong() / port.get("receive_packets").asLong();
            assertThat(average).as("bytes a received frame").isGreaterThan(1514);
            lab.assertSumsAgree();
        }
    }

    /// The device of the router takes no super-frames: neither are segments put together for it in
    /// vain.
    @Test
    void streamsPassDevicesWithoutOffloads() throws Exception {
        try (Lab lab = Lab.running(DEVICE, DEVICE)) {
            for (Host host : lab.hosts()) {
                String none = "ethtool -K " + host.device() + " tx off tso off gso off";
                host.must(none.split(" "));
                Run.must(("ip netns exec " + lab.side(host) + " " + none).split(" "));
            }
            assertReaches(lab.host(1), lab.host(2));
            assertArrivesWhole(lab.host(1), lab.host(2), 1_000_000);
            assertArrivesWhole(lab.host(2), lab.host(1), 1_000_000);
            lab.assertSumsAgree();
        }
    }

    private static boolean isUp(Lab lab) {
        return lab.show("ports").get(0).get("up").asBoolean();
    }

    @ParameterizedTest
    @ValueSource(strings = {DEVICE, "type = pcap"})
    void devicesThatGoDownOrAwayComeBack(String device) {
        try (Lab lab = Lab.running(device, "")) {
            Host host = lab.host(1);
            assertReaches(host, lab.host(2));
            Run.must("ip", "-n", lab.side(host), "link", "set", host.device(), "down");
            await().atMost(PATIENCE).until(() -> !isUp(lab));
            Run.must("ip", "-n", lab.side(host), "link", "set", host.device(), "up");
            await().atMost(PATIENCE).until(() -> isUp(lab));
            host.configure(); // the kernel forgot the route
            assertReaches(host, lab.host(2));

            Run.must("ip", "-n", lab.side(host), "link", "delete", host.device());
            await().atMost(PATIENCE).until(() -> !isUp(lab));
            lab.connect(host);
            host.configure();
            assertReaches(host, lab.host(2));
            assertThat(lab.log())
                    .contains("port p1 is down")
                    .contains("port p1: device " + host.device() + " is back")
                    .contains("port p1 is up");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {DEVICE, "type = pcap"})
    void theKernelsOwnAddressIsPointedOut(String device) {
        try (Lab lab = Lab.of(device, "")) {
            Host host = lab.host(1);
            Run.must(
                    "ip",
                    "-n",
                    lab.side(host),
                    "address",
                    "add",
                    "10.1.0.9/24",
                    "dev",
                    host.device());
            lab.start();
            assertThat(lab.log()).contains("ip address flush dev " + host.device());
        }
    }

    private static JsonNode endings(Lab lab) {
        return lab.show("ports").get(0).get("endings");
    }

    /// The kernel takes the tag off before it hands the frame up: it must not pass for untagged.
    @ParameterizedTest
    @ValueSource(strings = {DEVICE, "type = pcap"})
    void taggedFramesAreNotForwardedAsUntagged(String device) {
        try (Lab lab = Lab.running(device, "")) {
            Host host = lab.host(1);
            assertReaches(host, lab.host(2));
            int answered = endings(lab).path("arp_answered").asInt();
            String broadcast = "ff".repeat(6) + "020000000003";
            String tag = "8100" + "000a";
            String request = "0806" + "0001" + "0800" + "0604" + "0001";
            String who = "020000000003" + "0a010003" + "00".repeat(6) + "0a010001";
            String bytes = (broadcast + tag + request + who).replaceAll("..", "\\\\x$0");
            host.shell("printf '" + bytes + "' | socat -u - INTERFACE:" + host.device());
            await().atMost(PATIENCE).until(() -> endings(lab).path("ethertype").asInt() > 0);
            assertThat(endings(lab).path("arp_answered").asInt()).isEqualTo(answered);
        }
    }

    /// Flows are shared between workers, on devices and on TAPs.
    @ParameterizedTest
    @ValueSource(strings = {DEVICE + ", queues = 2", "queues = 2"})
    void queuesAreReadByWorkersOfTheirOwn(String settings) {
        try (Lab lab = Lab.of(settings, settings)) {
            lab.configure("workers = 2", settings, settings);
            lab.start();
            lab.hosts().forEach(Host::configure);
            assertReaches(lab.host(1), lab.host(2));
            CompletableFuture<String> server = lab.host(2).background("iperf3 -s -1 -p 5202");
            TransferIT.awaitListener(lab.host(2), 5202);
            lab.host(1).shell("iperf3 -u -b 1M -t 1 -P 16 -p 5202 -c 10.2.0.2");
            assertThat(server).isNotNull();
            JsonNode workers = lab.show("workers");
            assertThat(workers).hasSize(2);
            for (JsonNode worker : workers) {
                assertThat(worker.get("packets").asLong()).as(workers.toString()).isGreaterThan(50);
            }
            lab.assertSumsAgree();
        }
    }

    /// What the kernel shares flows by leaves the ports out where a datagram is fragmented, so that
    /// its fragments meet at one worker: 64 datagrams of three fragments each, and both workers at
    /// work.
    @ParameterizedTest
    @ValueSource(strings = {DEVICE + ", queues = 2", "queues = 2"})
    void fragmentsOfADatagramComeToOneWorker(String settings) {
        try (Lab lab = Lab.of(settings, settings)) {
            lab.configure("workers = 2", settings, settings);
            lab.start();
            lab.hosts().forEach(Host::configure);
            assertReaches(lab.host(1), lab.host(2));
            Host sender = lab.host(1);
            for (int i = 100; i < 164; i++) {
                sender.must("ip", "addr", "add", "10.1.0." + i + "/24", "dev", sender.device());
            }
            sender.shell(
                    "for i in {100..163}; do head -c 4000 /dev/zero"
                            + " | socat -u -b 4000 - UDP:10.1.0.1:$((i * 100)),bind=10.1.0.$i;"
                            + " done");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                JsonNode port = lab.show("ports").get(0).get("endings");
                                assertThat(port.path("port_unreachable").asInt())
                                        .as(port.toString())
                                        .isEqualTo(64);
                                assertThat(port.path("fragment_reassembled").asInt())
                                        .isEqualTo(128);
                            });
            for (JsonNode worker : lab.show("workers")) {
                assertThat(worker.get("packets").asLong()).isGreaterThan(20);
            }
            lab.assertSumsAgree();
        }
    }
}
