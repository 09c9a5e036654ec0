package dev.stride.daemon.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotFileTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_764_100_000);
    private static final List<String> PORTS = List.of("lan", "wan");

    private static byte[] written(Map<IpPrefix, Attributes> routes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SnapshotFile.Writer writer = new SnapshotFile.Writer(out, PORTS::get, TIME);
        for (Map.Entry<IpPrefix, Attributes> each : routes.entrySet()) {
            writer.add("main", each.getKey(), each.getValue());
        }
        assertThat(writer.end()).isEqualTo(routes.size());
        return out.toByteArray();
    }

    private static Map<IpPrefix, Attributes> read(byte[] file, List<String> ports)
            throws IOException {
        assertThat(SnapshotFile.check(new ByteArrayInputStream(file))).isEqualTo(TIME);
        List<Route> routes = new ArrayList<>();
        int count =
                SnapshotFile.read(
                        new ByteArrayInputStream(file),
                        RouteSource.FPM,
                        ports::indexOf,
                        name -> -1,
                        routes::addAll);
        assertThat(count).isEqualTo(routes.size());
        Map<IpPrefix, Attributes> read = new LinkedHashMap<>();
        routes.forEach(each -> read.put(each.to().prefix(), each.attributes()));
        return read;
    }

    private static Attributes random(Random random) {
        Route.Kind kind =
                random.nextInt(4) == 0
                        ? List.of(Route.Kind.BLACKHOLE, Route.Kind.UNREACHABLE, Route.Kind.PROHIBIT)
                                .get(random.nextInt(3))
                        : Route.Kind.UNICAST;
        List<Route.Gateway> gateways = new ArrayList<>();
        for (int i = 0; kind == Route.Kind.UNICAST && i < 1 + random.nextInt(3); i++) {
            String address = random.nextBoolean() ? "10.1.0." + (2 + i) : "2001:db8:1::" + (2 + i);
            gateways.add(
                    new Route.Gateway(
                            IpAddress.parse(address),
                            random.nextInt(3) - 1,
                            1 + random.nextInt(256)));
        }
        return new Attributes(
                RouteSource.FPM, kind, gateways, -1, 1 + random.nextInt(255), random.nextInt(5));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsWrittenIsRead(long seed) throws IOException {
        Random random = new Random(seed);
        List<Attributes> said = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            said.add(random(random));
        }
        Map<IpPrefix, Attributes> routes = new LinkedHashMap<>();
        for (int i = 0; i < 2500; i++) {
            String prefix =
                    i % 3 == 0
                            ? "2001:db8:%x::/48".formatted(i)
                            : "10.%d.%d.0/24".formatted(i >> 8, i & 255);
            routes.put(IpPrefix.parse(prefix), said.get(random.nextInt(said.size())));
        }
        assertThat(read(written(routes), PORTS)).isEqualTo(routes);
    }

    @Test
    void gatewaysBehindPortsThatWentAreLeftOut() throws IOException {
        Route.Gateway first = new Route.Gateway(IpAddress.parse("10.1.0.2"), 0, 1);
        Route.Gateway second = new Route.Gateway(IpAddress.parse("10.2.0.2"), 1, 1);
        Map<IpPrefix, Attributes> routes =
                Map.of(
                        IpPrefix.parse("10.8.0.0/24"),
                        Attributes.via(RouteSource.FPM, List.of(first)),
                        IpPrefix.parse("10.9.0.0/24"),
                        Attributes.via(RouteSource.FPM, List.of(first, second)));
        Map<IpPrefix, Attributes> read = read(written(routes), List.of("-", "wan"));
        assertThat(read)
                .isEqualTo(
                        Map.of(
                                IpPrefix.parse("10.9.0.0/24"),
                                Attributes.via(RouteSource.FPM, List.of(second))));
    }

    /// Every truncation, and every byte that is another: refused before a route is taken.
    @Test
    void whatIsNotWholeIsRefused() throws IOException {
        Map<IpPrefix, Attributes> routes =
                Map.of(IpPrefix.parse("10.8.0.0/24"), random(new Random(7)));
        byte[] file = written(routes);
        for (int length = 0; length < file.length - 1; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> SnapshotFile.check(new ByteArrayInputStream(cut)))
                    .isInstanceOf(IOException.class);
        }
        for (int i = 0; i < file.length - 1; i++) {
            byte[] other = file.clone();
            other[i] ^= 1;
            assertThatThrownBy(() -> SnapshotFile.check(new ByteArrayInputStream(other)))
                    .isInstanceOf(IOException.class);
        }
    }

    /// What fits its sum but not the format, as a later version might write it.
    @Test
    void linesThatAreNotUnderstoodAreRefused() {
        for (String line : List.of("= unicast", "= zigzag 1 2", "10.0.0.0/8 0", "x", "= a b c d")) {
            String text = "stride-routes 1 1\n" + line + "\n";
            assertThatThrownBy(
                            () ->
                                    SnapshotFile.read(
                                            new ByteArrayInputStream(
                                                    text.getBytes(StandardCharsets.US_ASCII)),
                                            RouteSource.FPM,
                                            PORTS::indexOf,
                                            name -> -1,
                                            batch -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(line);
        }
    }
}
