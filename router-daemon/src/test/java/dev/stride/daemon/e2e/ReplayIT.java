package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Captures through the router, and tcpdump that reads what comes out.
class ReplayIT {
    static final String CONFIG =
            """
            stride {
              ports {
                lan { type = tap, mac = "02:00:00:00:01:01", addresses = ["10.1.0.1/24"] }
                wan { type = tap, mac = "02:00:00:00:02:01", addresses = ["10.2.0.1/24"] }
              }
              neighbors = [
                { port = lan, address = "10.1.0.2", mac = "02:00:00:00:01:02" }
                { port = wan, address = "10.2.0.2", mac = "02:00:00:00:02:02" }
              ]
            }
            """;

    /// UDP from 10.1.0.2, with the checksum of its IPv4 header.
    static String datagram(String destination, int ttl) {
        byte[] ip =
                HexFormat.of()
                        .parseHex(
                                "4500001c00014000%02x110000".formatted(ttl)
                                        + "0a010002"
                                        + destination);
        int sum = 0;
        for (int i = 0; i < ip.length; i += 2) {
            sum += (ip[i] & 0xff) << 8 | ip[i + 1] & 0xff;
        }
        int checksum = ~(sum + (sum >>> 16)) & 0xffff;
        ip[10] = (byte) (checksum >> 8);
        ip[11] = (byte) checksum;
        return "020000000101"
                + "020000000102"
                + "0800"
                + HexFormat.of().formatHex(ip)
                + "1388177000080000";
    }

    static byte[] pcap(List<String> frames) {
        StringBuilder file =
                new StringBuilder("a1b2c3d4000200040000000000000000000400000000" + "0001");
        for (int i = 0; i < frames.size(); i++) {
            int length = frames.get(i).length() / 2;
            file.append("%08x%08x%08x%08x".formatted(1_700_000_000 + i, 0, length, length));
            file.append(frames.get(i));
        }
        return HexFormat.of().parseHex(file);
    }

    static Run.Result replay(Path directory, String out, String... more) {
        return Run.run(
                Map.of(),
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(
                                        Lab.LAUNCHER.toString(),
                                        "replay",
                                        "-c",
                                        directory.resolve("stride.conf").toString(),
                                        directory.resolve("in.pcap").toString(),
                                        directory.resolve(out).toString()),
                                java.util.stream.Stream.of(more))
                        .toList());
    }

    @Test
    void whatIsForwardedAnsweredAndAskedForIsInTheOutput(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("stride.conf"), CONFIG);
        List<String> frames =
                List.of(
                        datagram("0a020002", 64), // forwarded
                        datagram("0a020002", 1), // time exceeded
                        datagram("0a630001", 64), // no route
                        datagram("0a020009", 64)); // a neighbor that nobody answers for
        Files.write(directory.resolve("in.pcap"), pcap(frames));
        Run.Result result = replay(directory, "out.pcapng", "--json");
        assertThat(result.exitCode()).as(result.output()).isZero();
        JsonNode said =
                new ObjectMapper()
                        .readTree(result.output().substring(result.output().indexOf('{')));
        assertThat(said.get("ports").get(0).get("endings").toString())
                .isEqualTo(
                        "{\"forwarded\":1,\"ttl_expired\":1,\"no_route\":1,\"neighbor_unresolved\":1}");
        assertThat(Run.must("tcpdump", "-nr", directory.resolve("out.pcapng").toString()))
                .contains("IP 10.1.0.2.5000 > 10.2.0.2.6000: UDP")
                .contains("IP 10.1.0.1 > 10.1.0.2: ICMP time exceeded in-transit")
                .contains("ICMP net 10.99.0.1 unreachable")
                .contains("who-has 10.2.0.9 tell 10.2.0.1")
                .contains("ICMP host 10.2.0.9 unreachable");

        assertThat(replay(directory, "again.pcapng").exitCode()).isZero();
        assertThat(directory.resolve("again.pcapng"))
                .hasSameBinaryContentAs(directory.resolve("out.pcapng"));
    }

    @Test
    void aBrokenCaptureIsReplayedAsFarAsItGoes(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("stride.conf"), CONFIG);
        byte[] whole = pcap(List.of(datagram("0a020002", 64), datagram("0a020002", 64)));
        Files.write(directory.resolve("in.pcap"), java.util.Arrays.copyOf(whole, whole.length - 1));
        Run.Result result = replay(directory, "out.pcap");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output()).contains("1 frames replayed").contains("the file ends before");
        assertThat(Run.must("tcpdump", "-nr", directory.resolve("out.pcap").toString()))
                .contains("10.2.0.2.6000");
    }
}
