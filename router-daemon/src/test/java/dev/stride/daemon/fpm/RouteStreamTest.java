package dev.stride.daemon.fpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Route;
import dev.stride.daemon.netlink.Messages;
import dev.stride.daemon.source.Devices;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What FRR 8.4.4 sent, byte by byte: `inline` with next hops in the routes (`no fpm
/// use-next-hop-groups`), `groups` with next-hop groups; routes come, change and go.
class RouteStreamTest {
    private static final int HEADER = 4;
    private static final int MUTATIONS = 100_000;

    private final FpmCounters counters = new FpmCounters();

    private static byte[] capture(String name) {
        try (InputStream in = RouteStreamTest.class.getResourceAsStream(name + ".raw")) {
            return Objects.requireNonNull(in).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The netlink messages of each frame.
    private static List<ByteBuffer> frames(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        List<ByteBuffer> frames = new ArrayList<>();
        while (in.remaining() > HEADER) {
            int length = in.getShort(in.position() + 2) & 0xffff;
            frames.add(in.slice(in.position() + HEADER, length - HEADER));
            in.position(in.position() + length);
        }
        return frames;
    }

    /// @param tables index by id
    private RouteStream stream(Map<Integer, Integer> tables) {
        return stream(tables, Devices.NONE);
    }

    private RouteStream stream(Map<Integer, Integer> tables, Devices devices) {
        return new RouteStream(
                1,
                20,
                false,
                (table, address) -> false,
                id -> tables.getOrDefault(id, -1),
                devices,
                counters);
    }

    /// What the RIB holds after all of it, as text by prefix, with the table where it is not main.
    private static Map<String, String> routes(RouteStream stream, List<ByteBuffer> frames) {
        Map<Destination, Attributes> rib = new HashMap<>();
        for (ByteBuffer frame : frames) {
            assertThat(stream.read(frame)).isNull();
            RouteStream.Batch batch = stream.take();
            batch.gone().forEach(rib::remove);
            batch.put().forEach(route -> rib.put(route.to(), route.attributes()));
            Revisions.Rule rule = stream.revisions().take();
            for (Destination to : List.copyOf(rib.keySet())) {
                Attributes now = rule.apply(Objects.requireNonNull(rib.get(to)));
                if (now == null) {
                    rib.remove(to);
                } else {
                    rib.put(to, now);
                }
            }
        }
        Map<String, String> shown = new TreeMap<>();
        rib.forEach((to, said) -> shown.put(shown(to), shown(said)));
        return shown;
    }

    private static String shown(Destination to) {
        return to.prefix() + (to.table() == Destination.MAIN ? "" : " table " + to.table());
    }

    private static String shown(Attributes said) {
        return said.kind() == Route.Kind.UNICAST
                ? said.gateways().stream()
                        .map(gateway -> gateway.address().toString())
                        .sorted()
                        .collect(Collectors.joining(" "))
                : said.kind().label();
    }

    @ParameterizedTest
    @ValueSource(strings = {"inline", "groups"})
    void captureLeadsToTheRoutesThatFrrHadInTheEnd(String name) {
        Map<String, String> routes = routes(stream(Map.of(254, 0)), frames(capture(name)));

        assertThat(routes)
                .isEqualTo(
                        Map.of(
                                "10.1.0.0/16", "192.0.2.2 198.51.100.2",
                                "10.2.0.0/16", "blackhole",
                                "10.3.0.0/16", "blackhole",
                                "10.4.0.0/16", "unreachable",
                                "10.6.0.0/16", "192.0.2.2",
                                "10.99.0.0/16", "192.0.2.9",
                                "203.0.113.0/24", "192.0.2.2",
                                "2001:db8:9::/48", "2001:db8:1::2"));
        assertThat(counters.skipped().values().stream().mapToLong(Long::longValue).sum())
                .isPositive(); // routes that name an interface alone
    }

    @Test
    void withdrawalAndNewRouteInOneFrameOpenNoHole() {
        RouteStream stream = stream(Map.of(254, 0));
        int changed = 0;
        for (ByteBuffer frame : frames(capture("inline"))) {
            assertThat(stream.read(frame)).isNull();
            RouteStream.Batch batch = stream.take();
            if (batch.put().stream().anyMatch(r -> r.prefix().toString().equals("10.1.0.0/16"))) {
                changed++;
            }
            assertThat(batch.gone().stream().map(RouteStreamTest::shown))
                    .doesNotContain("10.1.0.0/16");
        }
        assertThat(changed).isGreaterThan(2);
    }

    private static List<Attributes> put(RouteStream stream, Messages messages) {
        assertThat(stream.read(messages.buffer())).isNull();
        return stream.take().put().stream().map(Route::attributes).toList();
    }

    @Test
    void routesThatSayTheSameOneAfterTheOtherShareIt() {
        RouteStream stream = stream(Map.of(254, 0));
        List<Attributes> said =
                put(
                        stream,
                        new Messages()
                                .via("10.1.0.0/16", "192.0.2.1")
                                .via("10.2.0.0/16", "192.0.2.1")
                                .via("10.3.0.0/16", "192.0.2.2")
                                .route(false, "10.4.0.0/16", 254, 6)
                                .via("10.5.0.0/16", "192.0.2.1"));
        assertThat(said.stream().map(RouteStreamTest::shown))
                .containsExactly("192.0.2.1", "192.0.2.1", "192.0.2.2", "blackhole", "192.0.2.1");
        assertThat(said.get(1)).isSameAs(said.get(0));
        assertThat(put(stream, new Messages().via("10.6.0.0/16", "192.0.2.1")).getFirst())
                .isSameAs(said.get(4));
    }

    @Test
    void anInterfaceThatBecomesAPortsChangesWhatTheSameWordsMean() {
        int[] port = {Devices.UNKNOWN};
        RouteStream stream = stream(Map.of(254, 0), index -> port[0]);
        for (int now : new int[] {Devices.UNKNOWN, 4, 4, 5}) {
            port[0] = now;
            List<Attributes> said = put(stream, new Messages().via("10.1.0.0/16", "192.0.2.1"));
            assertThat(said.getFirst().gateways().getFirst().port()).isEqualTo(now);
        }
        port[0] = Devices.DOWN;
        assertThat(put(stream, new Messages().via("10.1.0.0/16", "192.0.2.1"))).isEmpty();
    }

    /// The tables of ids that are known have routes of their own; others are counted and left out.
    @Test
    void tablesAreToldApartByTheirIds() {
        ByteBuffer frame =
                new Messages()
                        .route(false, "10.1.0.0/16", 254, 6)
                        .route(false, "10.1.0.0/16", 10, 7)
                        .route(false, "10.1.0.0/16", 1_000_000, 8)
                        .route(false, "10.2.0.0/16", 11, 6)
                        .buffer();
        assertThat(routes(stream(Map.of(254, 0, 10, 1, 1_000_000, 2)), List.of(frame)))
                .isEqualTo(
                        Map.of(
                                "10.1.0.0/16", "blackhole",
                                "10.1.0.0/16 table 1", "unreachable",
                                "10.1.0.0/16 table 2", "prohibit"));
        assertThat(counters.skipped()).containsEntry("table", 1L);
    }

    /// Whatever comes: no exception, and no more is kept than was said.
    @Test
    void hostileFramesAreRefusedOrRead() {
        Random random = new Random(2620);
        List<byte[]> captured =
                List.of("inline", "groups").stream()
                        .flatMap(name -> frames(capture(name)).stream())
                        .map(
                                frame -> {
                                    byte[] bytes = new byte[frame.remaining()];
                                    frame.get(bytes);
                                    return bytes;
                                })
                        .toList();
        RouteStream stream = stream(Map.of(254, 0));
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] frame = captured.get(random.nextInt(captured.size())).clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            byte[] sent =
                    random.nextInt(4) == 0
                            ? Arrays.copyOf(frame, random.nextInt(frame.length))
                            : frame;
            refused += stream.read(ByteBuffer.wrap(sent)) == null ? 0 : 1;
            assertThat(stream.size()).isLessThanOrEqualTo(sent.length);
            stream.take();
            stream.revisions().take();
        }
        assertThat(refused).isBetween(1, MUTATIONS);
    }
}
