package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import dev.stride.daemon.config.RouteConfig.Kind;
import dev.stride.daemon.config.RouteConfig.Via;
import dev.stride.io.tap.TapBackend;
import dev.stride.io.worker.IdlePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
    @TempDir private Path directory;

    @Test
    void everyKeyReachesItsRecord() throws IOException {
        RouterConfig config =
                read(
                        """
                        stride {
                          workers = 2, cpus = [3, 1]
                          idle = busy
                          control.socket = /tmp/s
                          state { directory = /var/lib/s, snapshot { interval = 7s, max-age = 8s, hold = 9s } }
                          metrics.listen = "[::1]:0"
                          icmp { errors-per-second = 1, burst = 2, echoes-per-second = 3, echo-burst = 4, tcp-resets-per-second = 5
                                 redirects-per-second = 6 }
                          neighbor { reachable-time = 2m, retransmit-time = 500ms, attempts = 5, hold-packets = 6
                                     table-limit = 70, unresolved-limit = 80, verify-changes = no, probe-time = 7s }
                          ports.lan {
                            type = tap, device = tap0, mtu = 9000, queues = 2, offload = off, persist = yes
                            backend = syscall
                            mac = "02:00:5E:10:00:01", addresses = ["10.1.0.1/24", "2001:db8::1/64"]
                            host.netns = host-a
                            companion { device = lan0, netns = frr, host-answers = on }
                          }
                          tables { red { id = 4294967295 }, blue { } }
                          punt { bgp = 1, igp = 2, bfd = 3, group = 4, link = 5, neighbor = 6, icmp = 7, tcp = 8
                                 other = 9 }
                          routes = [
                            { to = "10.9.0.0/16", distance = 20, metric = 7
                              via = ["10.1.0.2", { address = "10.1.0.3", port = lan, weight = 2 }] }
                            { to = "10.10.0.0/16", kind = prohibit }
                            { to = "10.9.0.0/16", table = blue, via = "10.1.0.2", via-table = main }
                            { to = "0.0.0.0/0", table = blue, via-table = red }
                          ]
                          neighbors = { port = lan, address = "10.1.0.2", mac = "02:00:00:00:00:02" }
                          sources.fpm { listen = "127.0.0.2:2621", netns = frr, distance = 7
                                        hold = 2m, quiet = 3s, offload-status = on }
                          sources.netlink { table = 7, netns = bird, distance = 9
                                            receive-buffer = 64K, audit = 5m }
                        }
                        """);
        RouterConfig expected =
                new RouterConfig(
                        new WorkersConfig(2, List.of(3, 1)),
                        IdlePolicy.BUSY,
                        ControlConfig.of(Path.of("/tmp/s")),
                        new StateConfig(
                                Path.of("/var/lib/s"),
                                new SnapshotConfig(
                                        Duration.ofSeconds(7),
                                        Duration.ofSeconds(8),
                                        Duration.ofSeconds(9))),
                        new ListenAddress(IpAddress.parse("::1"), 0),
                        new IcmpConfig(1, 2, 3, 4, 5, 6),
                        new ResolutionConfig(
                                Duration.ofMinutes(2),
                                Duration.ofMillis(500),
                                5,
                                6,
                                70,
                                80,
                                false,
                                Duration.ofSeconds(7)),
                        List.of(new TableConfig("blue", 0), new TableConfig("red", -1)),
                        List.of(
                                new TapPort(
                                        "lan",
                                        "main",
                                        "tap0",
                                        MacAddress.parse("02:00:5e:10:00:01"),
                                        9000,
                                        2,
                                        false,
                                        TapBackend.SYSCALL,
                                        true,
                                        List.of(
                                                InterfaceAddress.parse("10.1.0.1/24"),
                                                InterfaceAddress.parse("2001:db8::1/64")),
                                        PortPolicy.NONE,
                                        null,
                                        "host-a")),
                        Set.of(),
                        List.of(
                                new RouteConfig(
                                        "main",
                                        IpPrefix.parse("10.9.0.0/16"),
                                        Kind.UNICAST,
                                        List.of(
                                                new Via(IpAddress.parse("10.1.0.2"), null, 1),
                                                new Via(IpAddress.parse("10.1.0.3"), "lan", 2)),
                                        null,
                                        20,
                                        7),
                                new RouteConfig(
                                        "main",
                                        IpPrefix.parse("10.10.0.0/16"),
                                        Kind.PROHIBIT,
                                        List.of(),
                                        null,
                                        1,
                                        0),
                                new RouteConfig(
                                        "blue",
                                        IpPrefix.parse("10.9.0.0/16"),
                                        Kind.UNICAST,
                                        List.of(new Via(IpAddress.parse("10.1.0.2"), null, 1)),
                                        "main",
                                        1,
                                        0),
                                new RouteConfig(
                                        "blue",
                                        IpPrefix.parse("0.0.0.0/0"),
                                        Kind.TABLE,
                                        List.of(),
                                        "red",
                                        1,
                                        0)),
                        List.of(
                                new NeighborConfig(
                                        "lan",
                                        IpAddress.parse("10.1.0.2"),
                                        MacAddress.parse("02:00:00:00:00:02"))),
                        new FpmConfig(
                                new ListenAddress(IpAddress.parse("127.0.0.2"), 2621),
                                "frr",
                                7,
                                Duration.ofMinutes(2),
                                Duration.ofSeconds(3),
                                true),
                        new NetlinkConfig(7, "bird", 9, 65_536, Duration.ofMinutes(5)),
                        List.of(new CompanionConfig("lan", "lan0", "frr", true)),
                        new PuntConfig(1, 2, 3, 4, 5, 6, 7, 8, 9));
        assertThat(config).isEqualTo(expected);
    }

    @Test
    void portsKeepTheOrderOfTheFile() throws IOException {
        RouterConfig config =
                read("stride.ports {\n z { type = tap }\n a { type = tap }\n m { type = tap }\n}");
        assertThat(config.ports()).extracting(PortConfig::name).containsExactly("z", "a", "m");
    }

    /// Whose own section may come later in the file.
    @Test
    void unnumberedPortSpeaksWithTheFirstAddressOfAnother() throws IOException {
        RouterConfig config =
                read(
                        """
                        stride.ports {
                          wan { type = tap, unnumbered = lan, addresses = ["2001:db8:2::1/64"] }
                          lan { type = tap, addresses = ["2001:db8::1/64", "10.1.0.1/24", "10.2.0.1/24"] }
                        }
                        """);
        assertThat(config.ports()).extracting(PortConfig::name).containsExactly("wan", "lan");
        assertThat(config.ports().getFirst().addresses())
                .extracting(InterfaceAddress::toString)
                .containsExactly("2001:db8:2::1/64", "10.1.0.1/32");
    }

    /// `arp` was its name before it held for neighbor discovery as well.
    @Test
    void formerNamesAreRead() throws IOException {
        RouterConfig config = read("stride { ports.lan.type = tap, arp.attempts = 7 }");
        assertThat(config.resolution().attempts()).isEqualTo(7);
    }

    @Test
    void macWithoutSettingIsStable() throws IOException {
        RouterConfig config = read("stride.ports.lan.type = tap");
        assertThat(config.ports().getFirst().mac())
                .isEqualTo(StableMac.of(StableMac.machine(), "lan"));
    }

    @Test
    void includesSubstitutionsAndTheEnvironmentWork() throws IOException {
        Files.createDirectory(directory.resolve("ports"));
        Files.writeString(
                directory.resolve("ports/lan.conf"),
                "include \"mtu.conf\"\nstride.ports.lan { type = tap, mtu = ${variables.mtu} }");
        Files.writeString(directory.resolve("ports/mtu.conf"), "variables.mtu = 9000");
        RouterConfig config =
                read(
                        """
                        include "ports/lan.conf"
                        stride.ports.lan.queues = ${?QUEUES}
                        stride.workers = 3
                        stride.workers = ${?WORKERS}
                        """);
        TapPort lan = (TapPort) config.ports().getFirst();
        assertThat(lan.mtu()).isEqualTo(9000);
        assertThat(lan.queues()).isEqualTo(4);
        assertThat(config.workers().count()).isEqualTo(3);
    }

    @Test
    void problemsInIncludesAreToldInTheirFile() throws IOException {
        Files.writeString(directory.resolve("lan.conf"), "stride.ports.lan {\n type = tpa }");
        Files.writeString(directory.resolve("bad.conf"), "a = [\n");
        Path file = write("include \"lan.conf\"\n");
        assertThat(ConfigReader.read(file, Map.of()).problems())
                .extracting(Problem::file, Problem::line)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(shown("lan.conf"), 2));
        write("include \"lan.conf\"\ninclude \"bad.conf\"");
        assertThat(ConfigReader.read(file, Map.of()).problems())
                .extracting(Problem::file, Problem::key)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(shown("bad.conf"), "syntax"));
    }

    private String shown(String name) {
        return directory.resolve(name).toString();
    }

    @Test
    void filesAreNamedAsTheUserNamedThem() {
        Path file = Path.of("src/test/no-such.conf");
        assertThat(ConfigReader.read(file).problems())
                .extracting(Problem::toString)
                .containsExactly("src/test/no-such.conf: there is no such file; check the path");
    }

    @Test
    void whatIsNoTextIsAProblem() throws IOException {
        Path file = directory.resolve("binary.conf");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(ConfigReader.read(file).problems())
                .extracting(Problem::message)
                .containsExactly("is not UTF-8 text; convert it");
        assertThat(ConfigReader.read(directory).isValid()).isFalse();
    }

    @Test
    void nestingWithoutEndIsAProblem() throws IOException {
        Path file = write("a = " + "[".repeat(100_000));
        assertThat(ConfigReader.read(file).problems())
                .extracting(Problem::key)
                .containsExactly("syntax");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("stride.conf"), text);
    }

    private RouterConfig read(String text) throws IOException {
        ConfigReader.Result result = ConfigReader.read(write(text), Map.of("QUEUES", "4"));
        return Objects.requireNonNull(result.config(), result.problems().toString());
    }
}
