package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigDiffTest {
    private static final String BEFORE =
            """
            stride {
              ports {
                lan { type = tap, mac = "02:00:00:00:00:01", addresses = ["10.1.0.1/24"] }
                wan { type = tap, mac = "02:00:00:00:00:02", addresses = ["10.2.0.1/24"], host.netns = b }
              }
              routes = [
                { to = "10.9.0.0/16", via = "10.1.0.2" }
                { to = "10.10.0.0/16", kind = blackhole }
              ]
              neighbors = [{ port = lan, address = "10.1.0.2", mac = "02:00:00:00:00:22" }]
              tables { green {}, blue { id = 7 } }
            }
            """;

    @TempDir private Path directory;

    @Test
    void theSameConfigurationHasNoDifference() throws IOException {
        assertThat(ConfigDiff.between(read(BEFORE), read(BEFORE))).isEmpty();
    }

    @Test
    void orderIsNoDifference() throws IOException {
        String turned =
                """
                stride {
                  neighbors = [{ port = lan, address = "10.1.0.2", mac = "02:00:00:00:00:22" }]
                  tables { blue { id = 7 }, green {} }
                  routes = [
                    { to = "10.10.0.0/16", kind = blackhole }
                    { to = "10.9.0.0/16", via = "10.1.0.2" }
                  ]
                  ports {
                    wan { type = tap, mac = "02:00:00:00:00:02", addresses = ["10.2.0.1/24"], host.netns = b }
                    lan { type = tap, mac = "02:00:00:00:00:01", addresses = ["10.1.0.1/24"] }
                  }
                }
                """;
        assertThat(ConfigDiff.between(read(BEFORE), read(turned))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "workers = 1 | ~ workers auto -> 1 (takes a restart)",
                "idle = busy | ~ idle { spin = 50us, gather = 50us } -> busy",
                "metrics.listen = \"127.0.0.1:1\" | ~ metrics.listen 127.0.0.1:9473 -> 127.0.0.1:1 (takes a restart)",
                "control.socket = /tmp/s | ~ control.socket /run/stride/control.sock -> /tmp/s (takes a restart)",
                "icmp.burst = 7 | ~ icmp.burst 100 -> 7",
                "neighbor.retransmit-time = 2s | ~ neighbor.retransmit-time 1s -> 2s",
                "neighbor.hold-packets = 2 | ~ neighbor.hold-packets 16 -> 2 (takes a restart)",
                "ports.lan.enabled = off | ~ port lan: on -> off",
                "punt.other = 7 | ~ punt.other 5000 -> 7 (takes a restart)",
                "ports.lan.companion { device = lan0, netns = frr } | + companion of port lan: lan0 in frr",
                "sources.netlink.table = 7 | + source netlink: kernel table 7",
                "ports.dmz.type = tap | + port dmz",
                "ports.wan = null | - port wan",
                "ports.lan.mtu = 9000 | ~ port lan: mtu 1500 -> 9000 (the device is opened anew)",
                "ports.lan.persist = on | ~ port lan: persist false -> true (the device is opened anew)",
                "ports.lan.addresses = [] | ~ port lan: addresses [10.1.0.1/24] -> []",
                "ports.lan.device = x | ~ port lan: device lan -> x (the device is opened anew)",
                "ports.lan.offload = off"
                        + " | ~ port lan: offload true -> false (the device is opened anew)",
                "ports.lan.host.netns = a"
                        + " | ~ port lan: host-netns none -> a (the device is opened anew)",
                "ports.wan.mtu = 9000 | ~ port wan: mtu 1500 -> 9000 (the device is opened anew)",
                "ports.wan.mac = \"02:00:00:00:00:03\""
                        + " | ~ port wan: mac 02:00:00:00:00:02 -> 02:00:00:00:00:03",
                "routes += { to = \"10.11.0.0/16\", kind = prohibit } | + route 10.11.0.0/16 prohibit",
                "routes = [{ to = \"10.9.0.0/16\", via = \"10.1.0.2\" }]"
                        + " | - route 10.10.0.0/16 blackhole",
                "tables.red { id = 10 } | + table red id 10",
                "tables.blue.id = 8 | ~ table blue id 7 -> blue id 8",
                "tables.green = null | - table green",
                "ports.wan.table = blue | ~ port wan: table main -> blue",
                "routes += { to = \"10.9.0.0/16\", table = blue, kind = prohibit }"
                        + " | + route 10.9.0.0/16 prohibit table blue",
                "routes += { to = \"10.2.0.0/16\", table = blue, via-table = main }"
                        + " | + route 10.2.0.0/16 via-table main table blue",
                "neighbors = [] | - neighbor 10.1.0.2 port lan mac 02:00:00:00:00:22",
                "neighbors = [{ port = lan, address = \"10.1.0.2\", mac = \"02:00:00:00:00:23\" }]"
                        + " | ~ neighbor 10.1.0.2 port lan mac 02:00:00:00:00:22"
                        + " -> 02:00:00:00:00:23",
            })
    void oneChangeIsOneLine(String change, String line) throws IOException {
        RouterConfig after = read(BEFORE + "stride." + change);
        assertThat(ConfigDiff.between(read(BEFORE), after))
                .extracting(ConfigChange::toString)
                .containsExactly(line);
    }

    @Test
    void anotherTableIsAChange() throws IOException {
        String before = BEFORE + "stride.sources.netlink { table = 7, netns = a }";
        String after = BEFORE + "stride.sources.netlink { table = 8, netns = a, audit = 5s }";
        assertThat(ConfigDiff.between(read(before), read(after)))
                .extracting(ConfigChange::toString)
                .containsExactly("~ source netlink: table 7 -> 8, audit 60s -> 5s");
        assertThat(ConfigDiff.between(read(before), read(BEFORE)))
                .extracting(ConfigChange::toString)
                .containsExactly("- source netlink: kernel table 7 in namespace a");
    }

    @Test
    void anotherRouteToTheSamePrefixIsAChange() throws IOException {
        String routes =
                """
                stride.routes = [
                  { to = "10.9.0.0/16", distance = 5, metric = 6
                    via = ["10.1.0.2", { address = "10.1.0.3", port = lan, weight = 2 }] }
                  { to = "10.10.0.0/16", kind = blackhole }
                ]
                """;
        assertThat(ConfigDiff.between(read(BEFORE), read(BEFORE + routes)))
                .extracting(ConfigChange::toString)
                .containsExactly(
                        "~ route 10.9.0.0/16 via 10.1.0.2 -> 10.9.0.0/16 via 10.1.0.2, 10.1.0.3"
                                + " port lan weight 2 distance 5 metric 6");
    }

    /// The oracle: the changes, applied to lists, lead from one to the other.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theChangesLeadFromOneToTheOther(long seed) throws IOException {
        Random random = new Random(seed);
        RouterConfig before = random(random);
        for (int i = 0; i < 25; i++) {
            RouterConfig after = random(random);
            List<TableConfig> tables = new ArrayList<>(before.tables());
            List<PortConfig> ports = new ArrayList<>(before.ports());
            List<RouteConfig> routes = new ArrayList<>(before.routes());
            List<NeighborConfig> neighbors = new ArrayList<>(before.neighbors());
            List<CompanionConfig> companions = new ArrayList<>(before.companions());
            for (ConfigChange change : ConfigDiff.between(before, after)) {
                switch (change) {
                    case ConfigChange.TableAdded it -> tables.add(it.table());
                    case ConfigChange.TableRemoved it -> remove(tables, it.table());
                    case ConfigChange.TableChanged it -> replace(tables, it.before(), it.after());
                    case ConfigChange.PortAdded it -> ports.add(it.port());
                    case ConfigChange.PortRemoved it -> remove(ports, it.port());
                    case ConfigChange.PortChanged it -> replace(ports, it.before(), it.after());
                    case ConfigChange.PortSwitched it ->
                            assertThat(before.portsOff().contains(it.port())).isEqualTo(it.on());
                    case ConfigChange.CompanionAdded it -> companions.add(it.companion());
                    case ConfigChange.CompanionRemoved it -> remove(companions, it.companion());
                    case ConfigChange.CompanionChanged it ->
                            replace(companions, it.before(), it.after());
                    case ConfigChange.RouteAdded it -> routes.add(it.route());
                    case ConfigChange.RouteRemoved it -> remove(routes, it.route());
                    case ConfigChange.RouteChanged it -> replace(routes, it.before(), it.after());
                    case ConfigChange.NeighborAdded it -> neighbors.add(it.neighbor());
                    case ConfigChange.NeighborRemoved it -> remove(neighbors, it.neighbor());
                    case ConfigChange.NeighborChanged it ->
                            replace(neighbors, it.before(), it.after());
                    case ConfigChange.NetlinkChanged it ->
                            assertThat(it.before()).isNotEqualTo(it.after());
                    case ConfigChange.SettingChanged it ->
                            assertThat(it.before()).isNotEqualTo(it.after());
                }
            }
            assertThat(tables).containsExactlyInAnyOrderElementsOf(after.tables());
            assertThat(ports).containsExactlyInAnyOrderElementsOf(after.ports());
            assertThat(routes).containsExactlyInAnyOrderElementsOf(after.routes());
            assertThat(neighbors).containsExactlyInAnyOrderElementsOf(after.neighbors());
            assertThat(companions).containsExactlyInAnyOrderElementsOf(after.companions());
            before = after;
        }
    }

    private static <T> void remove(List<T> list, T value) {
        assertThat(list.remove(value)).isTrue();
    }

    private static <T> void replace(List<T> list, T before, T after) {
        remove(list, before);
        list.add(after);
    }

    private RouterConfig random(Random random) throws IOException {
        StringBuilder text =
                new StringBuilder("stride {\n neighbor.attempts = " + (1 + random.nextInt(3)));
        for (int i = 1; i < 5; i++) {
            if (random.nextBoolean()) {
                text.append(
                        "\n tables.t%d { id = %d }, ports.p%d { type = tap, mtu = %d, table = %s }"
                                .formatted(
                                        i,
                                        10 * i + random.nextInt(2),
                                        i,
                                        1500 + random.nextInt(2),
                                        random.nextBoolean() ? "main" : "t" + i));
                int device = random.nextInt(3);
                if (device > 0) {
                    text.append("\n ports.p%d.companion.device = c%d%d".formatted(i, i, device));
                }
            }
        }
        text.append("\n ports.lan { type = tap, addresses = [\"10.1.0.1/24\"] }\n routes = [");
        for (int i = 0; i < 6; i++) {
            if (random.nextBoolean()) {
                text.append(
                        "{ to = \"10.%d.0.0/16\", via = \"10.1.0.%d\" }\n"
                                .formatted(9 + i, 2 + random.nextInt(2)));
            }
        }
        text.append("]\n neighbors = [");
        for (int i = 2; i < 6; i++) {
            if (random.nextBoolean()) {
                text.append(
                        "{ port = lan, address = \"10.1.0.%d\", mac = \"02:00:00:00:00:0%d\" }\n"
                                .formatted(i, 2 + random.nextInt(2)));
            }
        }
        return read(text.append("]\n}").toString());
    }

    private RouterConfig read(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("stride.conf"), text);
        ConfigReader.Result result = ConfigReader.read(file, Map.of());
        return Objects.requireNonNull(result.config(), result.problems().toString());
    }
}
