package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.daemon.config.RouteConfig.Kind;
import dev.stride.daemon.config.RouteConfig.Via;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveSaveTest {
    private static final String MAIN =
            """
            # My comment.
            stride {
              ports.lan { type = tap, addresses = ["10.1.0.1/24"] }  # mine, too
              ports.wan { type = tap, addresses = ["10.2.0.1/24"] }
              routes = [{ to = "10.9.0.0/16", via = "10.1.0.2" }]
              neighbors = [{ port = lan, address = "10.1.0.9", mac = "02:00:00:00:00:09" }]
            }
            """;

    @TempDir private Path directory;
    private Path main;

    @BeforeEach
    void write() throws IOException {
        main = Files.writeString(directory.resolve("stride.conf"), MAIN);
    }

    private static RouteConfig route(String to, String via) {
        return new RouteConfig(
                "main",
                IpPrefix.parse(to),
                Kind.UNICAST,
                List.of(new Via(IpAddress.parse(via), null, 1)),
                null,
                1,
                0);
    }

    private static LiveChanges routes(RouteConfig... routes) {
        return new LiveChanges(List.of(routes), List.of(), List.of(), Map.of());
    }

    private RouterConfig read() {
        ConfigReader.Result result = ConfigReader.read(main);
        return Objects.requireNonNull(result.config(), result.problems().toString());
    }

    @Test
    void whatPeopleWroteStaysAndTheFileHasTheChanges() throws IOException {
        RouteConfig added = route("10.8.0.0/16", "10.1.0.3");
        RouteConfig detailed =
                new RouteConfig(
                        "main",
                        IpPrefix.parse("10.5.0.0/16"),
                        Kind.UNICAST,
                        List.of(
                                new Via(IpAddress.parse("10.1.0.3"), "lan", 2),
                                new Via(IpAddress.parse("10.2.0.3"), null, 1)),
                        null,
                        1,
                        0);
        RouteConfig dropping =
                new RouteConfig(
                        "main",
                        IpPrefix.parse("10.7.0.0/16"),
                        Kind.BLACKHOLE,
                        List.of(),
                        null,
                        1,
                        0);
        NeighborConfig neighbor =
                new NeighborConfig(
                        "lan", IpAddress.parse("10.1.0.5"), MacAddress.parse("02:00:00:00:00:05"));
        LiveChanges changes =
                new LiveChanges(
                        List.of(added, detailed, dropping),
                        List.of(neighbor),
                        List.of(),
                        Map.of("wan", false));
        assertThat(LiveSave.save(main, changes)).hasFileName("stride.live.conf");
        assertThat(Files.readString(main))
                .startsWith(MAIN)
                .endsWith("include \"stride.live.conf\"\n");
        RouterConfig read = read();
        assertThat(changes.beyond(read).isEmpty()).isTrue();
        assertThat(read.routes()).hasSize(4).contains(added, detailed, dropping);
        assertThat(read.neighbors()).hasSize(2).contains(neighbor);
        assertThat(read.portsOff()).containsExactly("wan");
    }

    @Test
    void laterSavesAddAndReplace() throws IOException {
        LiveSave.save(main, routes(route("10.8.0.0/16", "10.1.0.3")));
        String once = Files.readString(main);
        LiveSave.save(
                main, routes(route("10.8.0.0/16", "10.1.0.4"), route("10.6.0.0/16", "10.1.0.4")));
        assertThat(Files.readString(main)).isEqualTo(once);
        assertThat(read().routes())
                .containsExactlyInAnyOrder(
                        route("10.9.0.0/16", "10.1.0.2"),
                        route("10.8.0.0/16", "10.1.0.4"),
                        route("10.6.0.0/16", "10.1.0.4"));
        LiveSave.save(main, new LiveChanges(List.of(), List.of(), List.of(), Map.of("lan", false)));
        LiveSave.save(main, new LiveChanges(List.of(), List.of(), List.of(), Map.of("lan", true)));
        assertThat(read().portsOff()).isEmpty();
        assertThat(read().routes()).hasSize(3);
    }

    @Test
    void whatTheFileContradictsIsRefusedAndNothingIsWritten() {
        assertThatThrownBy(() -> LiveSave.save(main, routes(route("10.9.0.0/16", "10.1.0.7"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10.9.0.0/16 already");
        NeighborConfig gone =
                new NeighborConfig(
                        "lan", IpAddress.parse("10.1.0.9"), MacAddress.parse("02:00:00:00:00:09"));
        assertThatThrownBy(
                        () ->
                                LiveSave.save(
                                        main,
                                        new LiveChanges(
                                                List.of(), List.of(), List.of(gone), Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("change it there")
                .hasMessageContaining("10.1.0.9");
        assertThat(main).hasContent(MAIN);
        assertThat(directory).isDirectoryNotContaining("glob:**live**");
    }

    @Test
    void ownWordsInTheSavedFileAreNotLost() throws IOException {
        Path live = Files.writeString(directory.resolve("stride.live.conf"), "stride.workers = 2");
        assertThatThrownBy(() -> LiveSave.save(main, routes(route("10.8.0.0/16", "10.1.0.3"))))
                .hasMessageContaining("key workers")
                .hasMessageContaining("move that into the configuration");
        assertThat(live).hasContent("stride.workers = 2");
    }

    @Test
    void aFileThatCannotBeWrittenStays() throws IOException {
        Path blocked = directory.resolve(".stride.live.conf.new");
        Files.createDirectories(blocked.resolve("full")); // in the way of the temporary file
        assertThatThrownBy(() -> LiveSave.save(main, routes(route("10.8.0.0/16", "10.1.0.3"))))
                .isInstanceOf(IOException.class);
        assertThat(main).hasContent(MAIN);
        assertThat(directory.resolve("stride.live.conf")).doesNotExist();
    }

    /// The oracle: a list of routes by destination.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void savesAddUp(long seed) throws IOException {
        Random random = new Random(seed);
        Map<IpPrefix, RouteConfig> expected = new HashMap<>();
        expected.put(IpPrefix.parse("10.9.0.0/16"), route("10.9.0.0/16", "10.1.0.2"));
        for (int round = 0; round < 10; round++) {
            List<RouteConfig> some = new ArrayList<>();
            for (int i = 0; i < random.nextInt(1, 5); i++) {
                String to = "10.%d.0.0/16".formatted(10 + random.nextInt(20));
                RouteConfig route = route(to, "10.1.0." + (2 + random.nextInt(5)));
                if (some.stream().noneMatch(each -> each.to().equals(route.to()))) {
                    some.add(route);
                    expected.put(route.to(), route);
                }
            }
            LiveSave.save(main, routes(some.toArray(RouteConfig[]::new)));
            assertThat(read().routes()).containsExactlyInAnyOrderElementsOf(expected.values());
        }
    }
}
