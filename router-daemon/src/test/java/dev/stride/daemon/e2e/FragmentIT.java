package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Fragments between links of different MTU, and to the router. The first host's link takes 9000
/// bytes, the second's 1400, the third's 1400 without offloads. The first host sends without DF.
@SuppressWarnings("NullAway.Init")
class FragmentIT {
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running("mtu = 9000", "mtu = 1400", "mtu = 1400, offload = false");
        lab.host(1).must("sysctl", "-qw", "net.ipv4.ip_no_pmtu_disc=1");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static long fragmentsTo(Host host) {
        for (JsonNode port : lab.show("ports")) {
            if (port.get("device").asText().equals(host.device())) {
                return port.get("transmit_fragments").asLong();
            }
        }
        throw new AssertionError(host.device());
    }

    /// The first fragment of a datagram comes by one port, the second by another one, each of a
    /// worker of its own: 16 of them, so that both workers put some together.
    @Test
    void fragmentsMeetAcrossWorkers() {
        try (Lab two = Lab.of("", "")) {
            two.configure("workers = 2", "", "");
            two.start();
            two.hosts().forEach(Host::configure);
            String send =
                    """
                    import sys
                    from scapy.all import *
                    part, device, router = int(sys.argv[1]), sys.argv[2], sys.argv[3]
                    link = Ether(dst=getmacbyip(router), type=0x800)
                    for number in range(16):
                        whole = IP(src="10.1.0.2", dst="10.1.0.1", id=number) / ICMP() / (b"x" * 1000)
                        sendp(link / fragment(whole, 504)[part], iface=device, verbose=0)
                    """;
            for (int part = 0; part < 2; part++) {
                Host host = two.host(part + 1);
                String _ =
                        host.must(
                                "/usr/bin/python3",
                                "-c",
                                send,
                                "" + part,
                                host.device(),
                                host.gateway());
            }

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> {
                                assertThat(endings(two, "echo_answered")).isEqualTo(16);
                                assertThat(endings(two, "fragment_reassembled")).isEqualTo(16);
                            });
            two.assertSumsAgree();
        }
    }

    private static int endings(Lab lab, String reason) {
        int sum = 0;
        for (JsonNode port : lab.show("ports")) {
            sum += port.get("endings").path(reason).asInt();
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(ints = {9000, 20_000, 65_507})
    void routerAnswersEchoOfAnySize(int size) {
        for (Host host : lab.hosts()) {
            assertThat(
                            host.must(
                                    "ping",
                                    "-n",
                                    "-c",
                                    "1",
                                    "-W",
                                    "10",
                                    "-s",
                                    "" + size,
                                    host.gateway()))
                    .contains(size + 8 + " bytes from " + host.gateway());
        }
        assertThat(lab.show("ports").get(0).get("endings").has("fragment_reassembled")).isTrue();
        lab.assertSumsAgree();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void longPacketsPassTheStepInCorrectFragments(int to) throws Exception {
        Host target = lab.host(to);
        CompletableFuture<String> capture =
                target.background(
                        "timeout 60 tcpdump -nvi "
                                + target.device()
                                + " -c 3 'src 10.1.0.2 and icmp' 2>/dev/null");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> target.run("pgrep", "-x", "tcpdump").exitCode() == 0);
        assertThat(
                        lab.host(1)
                                .must(
                                        "ping",
                                        "-n",
                                        "-M",
                                        "dont",
                                        "-c",
                                        "1",
                                        "-W",
                                        "10",
                                        "-s",
                                        "3000",
                                        target.address()))
                .contains("3008 bytes from " + target.address());

        String seen = capture.get(1, TimeUnit.MINUTES);
        List<String> headers = new ArrayList<>();
        Matcher header =
                Pattern.compile(
                                "ttl ([0-9]+), id ([0-9]+), offset ([0-9]+), flags \\[(.*?)\\],"
                                        + " proto ICMP \\(1\\), length ([0-9]+)")
                        .matcher(seen);
        List<String> identifications = new ArrayList<>();
        while (header.find()) {
            identifications.add(header.group(2));
            headers.add(
                    header.group(1)
                            + " "
                            + header.group(3)
                            + " "
                            + header.group(4)
                            + " "
                            + header.group(5));
        }
        assertThat(headers)
                .as(seen)
                .containsExactly("63 0 + 1396", "63 1376 + 1396", "63 2752 none 276");
        assertThat(identifications).containsOnly(identifications.getFirst());
        assertThat(seen).doesNotContain("bad cksum");
        lab.assertSumsAgree();
    }

    /// The kernel checks the checksum of each datagram that it has put together.
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void longDatagramsArriveWhole(int to, @TempDir Path directory) throws Exception {
        Host target = lab.host(to);
        Path data = directory.resolve("data");
        Run.must("dd", "if=/dev/urandom", "of=" + data, "bs=8000", "count=20", "status=none");
        long before = fragmentsTo(target);
        CompletableFuture<String> arrived =
                target.background(
                        "timeout 60 socat -u -b 9000 UDP4-RECV:5004 - | head -c 160000 |"
                                + " sha256sum");
        TransferIT.awaitListener(target, 5004);
        lab.host(1)
                .shell(
                        "for i in {0..19}; do dd if="
                                + data
                                + " bs=8000 skip=$i count=1 status=none | socat -u -b 9000 -"
                                + " UDP4-SENDTO:"
                                + target.address()
                                + ":5004; done; echo end | socat -u - UDP4-SENDTO:"
                                + target.address()
                                + ":5004"); // the last one lets socat see that head has ended

        assertThat(arrived.get(2, TimeUnit.MINUTES).split(" ", 2)[0])
                .isEqualTo(Run.must("sha256sum", data.toString()).split(" ", 2)[0]);
        assertThat(fragmentsTo(target) - before).isEqualTo(20 * 6);
        lab.assertSumsAgree();
    }

    @Test
    void streamOfLongDatagramsArrivesWhole() {
        Host target = lab.host(2);
        CompletableFuture<String> server = target.background("iperf3 -s -1 -p 5205");
        TransferIT.awaitListener(target, 5205);
        String said =
                lab.host(1).shell("iperf3 -u -l 8000 -b 20M -t 2 -p 5205 -c " + target.address());
        assertThat(server).isNotNull();
        Matcher loss = Pattern.compile("([0-9]+)/([0-9]+) \\([^)]*\\) +receiver").matcher(said);
        assertThat(loss.find()).as(said).isTrue();
        assertThat(Integer.parseInt(loss.group(2))).isGreaterThan(500);
        assertThat(loss.group(1)).as(said).isEqualTo("0");
        lab.assertSumsAgree();
    }

    /// The second host promises segments that its link does not take: what the first one sends are
    /// super-frames whose segments have to be cut.
    @Test
    void segmentsOfSuperFramesPassTheStep() throws Exception {
        Host target = lab.host(2);
        target.must("ip", "link", "set", target.device(), "mtu", "9000");
        try {
            long before = fragmentsTo(target);
            CompletableFuture<String> arrived =
                    target.background("socat -u TCP-LISTEN:5006,reuseaddr - | sha256sum");
            TransferIT.awaitListener(target, 5006);
            String sent =
                    lab.host(1)
                            .shell(
                                    "head -c 10000000 /dev/urandom | tee >(socat -u - TCP:"
                                            + target.address()
                                            + ":5006) | sha256sum");

            assertThat(arrived.get(1, TimeUnit.MINUTES)).isEqualTo(sent);
            assertThat(fragmentsTo(target) - before).isGreaterThan(1000);
            lab.assertSumsAgree();
        } finally {
            target.must("ip", "link", "set", target.device(), "mtu", "1400");
        }
    }

    @Test
    void lateFragmentsAreTold(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("stride.conf"), ReplayIT.CONFIG);
        List<String> frames = new ArrayList<>();
        frames.add(firstFragment());
        frames.addAll(Collections.nCopies(61, ReplayIT.datagram("0a020002", 64))); // one a second
        Files.write(directory.resolve("in.pcap"), ReplayIT.pcap(frames));
        Run.Result result = ReplayIT.replay(directory, "out.pcap");

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output()).contains("fragment_timeout");
        assertThat(Run.must("tcpdump", "-nr", directory.resolve("out.pcap").toString()))
                .contains("IP 10.1.0.1 > 10.1.0.2: ICMP ip reassembly time exceeded");
    }

    /// The first 8 bytes of a UDP datagram to 10.1.0.1.
    private static String firstFragment() {
        String frame = ReplayIT.datagram("0a010001", 64);
        return frame.substring(0, 40)
                + "2000" // MF
                + frame.substring(44, 48)
                + checksumWithMf(frame.substring(48, 52))
                + frame.substring(52);
    }

    private static String checksumWithMf(String checksum) {
        int sum = (~Integer.parseInt(checksum, 16) & 0xffff) - 0x4000 + 0x2000;
        return "%04x".formatted(~(sum + (sum >> 16)) & 0xffff);
    }
}
