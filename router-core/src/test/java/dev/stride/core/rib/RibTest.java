package dev.stride.core.rib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.rib.Route.Gateway;
import dev.stride.core.rib.Route.Kind;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RibTest {
    private final Quiescence quiescence = new Quiescence();
    private final Fib4 fib = new Fib4(quiescence);
    private final Fib6 fib6 = new Fib6(quiescence);
    private final NextHopTable table = new NextHopTable();
    private final Map<String, Adjacency> neighbors = new HashMap<>();
    private final Set<Adjacency> kept = new HashSet<>();
    private final Set<IpAddress> gone = new HashSet<>();
    private final Rib rib =
            new Rib(
                    table,
                    new Rib.Adjacencies() {
                        @Override
                        public Adjacency neighbor(int port, IpAddress address, boolean host) {
                            assertThat(gone).as("asked for after it went").doesNotContain(address);
                            Adjacency adjacency =
                                    neighbors.computeIfAbsent(
                                            port + " " + address,
                                            k -> Adjacency.neighbor(port, address));
                            if (!host) {
                                kept.add(adjacency);
                            }
                            return adjacency;
                        }

                        @Override
                        public void unused(Adjacency adjacency) {
                            kept.remove(adjacency);
                        }
                    });

    private final RibTable main = rib.addTable(Destination.MAIN, fib, fib6);

    RibTest() {
        rib.put(Route.link(Ip4Prefix.parse("10.1.0.0/24"), 0));
        rib.put(Route.link(Ip4Prefix.parse("10.2.0.0/24"), 1));
    }

    private static Route via(String prefix, RouteSource source, String... gateways) {
        return Route.via(
                Ip4Prefix.parse(prefix),
                source,
                List.of(gateways).stream()
                        .map(g -> new Gateway(Ip4Address.parse(g), -1, 1))
                        .toList());
    }

    private void remove(String prefix, RouteSource source) {
        assertThat(main.remove(Ip4Prefix.parse(prefix), source)).isTrue();
    }

    /// Where the tables of the data path send an address: "port address", a kind that drops, or
    /// "none".
    private String path(String address) {
        return path(fib.lookup(Ip4Address.parse(address).bits()));
    }

    private String path(int number) {
        NextHop hop = NextHopTable.at(table.slots(), number);
        return hop == null ? "none" : text(hop.select(0));
    }

    private static String text(Adjacency adjacency) {
        return switch (adjacency.kind) {
            case NEIGHBOR -> adjacency.port + " " + adjacency.address;
            case LINK -> adjacency.port + " link";
            case BLACKHOLE, UNREACHABLE, PROHIBIT, TABLE -> adjacency.kind.name();
        };
    }

    @Test
    void lowestDistanceThenMetricThenSourceWins() {
        rib.put(
                new Route(
                        Ip4Prefix.parse("10.9.0.0/16"),
                        new Attributes(
                                RouteSource.STATIC,
                                Kind.UNICAST,
                                List.of(new Gateway(Ip4Address.parse("10.1.0.2"), -1, 1)),
                                -1,
                                50,
                                0)));
        assertEquals("0 10.1.0.2", path("10.9.1.1"));
        rib.put(via("10.9.0.0/16", RouteSource.CLI, "10.2.0.2"));
        assertEquals("1 10.2.0.2", path("10.9.1.1"));

        remove("10.9.0.0/16", RouteSource.CLI);
        assertEquals("0 10.1.0.2", path("10.9.1.1"));
        remove("10.9.0.0/16", RouteSource.STATIC);
        assertEquals("none", path("10.9.1.1"));
    }

    @Test
    void routesThatDropAreToldApart() {
        rib.put(Route.dropping(Ip4Prefix.parse("10.9.0.0/16"), RouteSource.CLI, Kind.BLACKHOLE));
        rib.put(Route.dropping(Ip4Prefix.parse("10.9.1.0/24"), RouteSource.CLI, Kind.PROHIBIT));

        assertEquals("BLACKHOLE", path("10.9.0.1"));
        assertEquals("PROHIBIT", path("10.9.1.1"));
    }

    @Test
    void gatewayIsResolvedThroughOtherRoutes() {
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "172.16.0.1"));
        assertEquals("none", path("10.9.0.1"));
        rib.put(via("172.16.0.0/12", RouteSource.STATIC, "10.1.0.2"));
        assertEquals("0 10.1.0.2", path("10.9.0.1"));
        rib.put(via("172.16.0.0/24", RouteSource.STATIC, "10.2.0.2"));
        assertEquals("1 10.2.0.2", path("10.9.0.1"));
        remove("172.16.0.0/24", RouteSource.STATIC);
        assertEquals("0 10.1.0.2", path("10.9.0.1"));
    }

    @Test
    void routeNeverResolvesThroughItself() {
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.9.0.1"));
        assertEquals("none", path("10.9.1.1"));
        rib.put(via("10.8.0.0/16", RouteSource.STATIC, "10.7.0.1"));
        rib.put(via("10.7.0.0/16", RouteSource.STATIC, "10.8.0.1"));
        assertEquals("none", path("10.8.1.1"));
        assertEquals("none", path("10.7.1.1"));
    }

    @Test
    void downPortTakesItsRoutesOutAndUpBringsThemBack() {
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.2"));
        rib.put(via("10.9.0.0/16", RouteSource.CLI, "10.2.0.2"));
        rib.portChanged(0, false);
        assertEquals("1 10.2.0.2", path("10.9.0.1"));
        assertEquals("none", path("10.1.0.9"));

        rib.portChanged(0, true);
        assertEquals("0 10.1.0.2", path("10.9.0.1"));
        assertEquals("0 link", path("10.1.0.9"));
    }

    /// What the FIB showed before leads to the fallback at once, unless a route has another or
    /// none.
    @Test
    void aGroupThatStopsLeadsWhereAllOfItsRoutesFallBackTo() {
        for (String prefix : List.of("10.8.0.0/16", "10.9.0.0/16")) {
            rib.put(via(prefix, RouteSource.STATIC, "10.1.0.2"));
            rib.put(via(prefix, RouteSource.CLI, "10.2.0.2"));
        }
        int number = fib.lookup(Ip4Address.parse("10.8.0.1").bits());
        rib.portChanged(0, false);
        assertEquals("1 10.2.0.2", path(number));
        assertEquals("1 10.2.0.2", path("10.8.0.1"));
        rib.portChanged(0, true);
        assertEquals("0 10.1.0.2", path("10.8.0.1"));
        assertEquals(number, fib.lookup(Ip4Address.parse("10.8.0.1").bits()));

        rib.put(via("10.7.0.0/16", RouteSource.STATIC, "10.1.0.2")); // has no other
        rib.portChanged(0, false);
        assertEquals("0 10.1.0.2", path(number));
        assertEquals("1 10.2.0.2", path("10.9.0.1"));
        assertEquals("none", path("10.7.0.1"));
    }

    /// Its next hop's number still waits for a grace period.
    @Test
    void aRouteThatWentIsNotResolvedAgainWhenItsPortComesUp() {
        IpPrefix host = Ip4Prefix.parse("10.1.0.2/32");
        IpAddress address = IpAddress.parse("10.1.0.2");
        rib.put(Route.via(host, RouteSource.NEIGHBOR, List.of(new Gateway(address, 0, 1))));
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.3"));
        rib.portChanged(0, false);
        remove("10.1.0.2/32", RouteSource.NEIGHBOR);
        remove("10.9.0.0/16", RouteSource.STATIC);
        gone.add(IpAddress.parse("10.1.0.2"));
        gone.add(IpAddress.parse("10.1.0.3"));
        rib.portChanged(0, true);
        assertThat(kept).isEmpty();
    }

    @Test
    void aPortThatGoesTakesTheRoutesThatNameIt() {
        IpAddress gateway = IpAddress.parse("10.1.0.2");
        IpPrefix nine = Ip4Prefix.parse("10.9.0.0/16");
        rib.put(Route.via(nine, RouteSource.STATIC, List.of(new Gateway(gateway, 0, 1))));
        rib.put(via("10.9.0.0/16", RouteSource.CLI, "10.2.0.2"));
        assertEquals("0 10.1.0.2", path("10.9.0.1"));
        assertEquals(2, rib.removePort(0)); // and the connected one
        assertEquals("1 10.2.0.2", path("10.9.0.1"));
        assertEquals("none", path("10.1.0.9"));
        assertEquals(0, rib.removePort(0));
    }

    @Test
    void sharesFollowTheWeights() {
        rib.put(
                Route.via(
                        Ip4Prefix.parse("10.9.0.0/16"),
                        RouteSource.STATIC,
                        List.of(
                                new Gateway(Ip4Address.parse("10.1.0.2"), -1, 1),
                                new Gateway(Ip4Address.parse("10.2.0.2"), -1, 3))));
        NextHop hop =
                NextHopTable.at(table.slots(), fib.lookup(Ip4Address.parse("10.9.0.1").bits()));
        assert hop != null;
        int second = 0;
        for (int i = 0; i < hop.shares(); i++) {
            second += hop.select(i).port;
        }
        assertEquals(hop.shares() * 3 / 4, second);
    }

    @Test
    void oneGatewayLessLeavesTheOthers() {
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.2", "10.2.0.2"));
        rib.portChanged(0, false);
        assertEquals("1 10.2.0.2", path("10.9.0.1"));
    }

    private Adjacency[] shares(String address) {
        NextHop hop = NextHopTable.at(table.slots(), fib.lookup(Ip4Address.parse(address).bits()));
        assert hop != null;
        return IntStream.range(0, hop.shares()).mapToObj(hop::select).toArray(Adjacency[]::new);
    }

    @Test
    void onlyTheFlowsOfAMemberThatGoesMove() {
        rib.put(Route.link(Ip4Prefix.parse("10.3.0.0/24"), 2));
        rib.put(Route.link(Ip4Prefix.parse("10.4.0.0/24"), 3));
        rib.put(
                via(
                        "10.9.0.0/16",
                        RouteSource.STATIC,
                        "10.1.0.2",
                        "10.2.0.2",
                        "10.3.0.2",
                        "10.4.0.2"));
        Adjacency[] all = shares("10.9.0.1");
        rib.portChanged(1, false);
        Adjacency[] three = shares("10.9.0.1");
        assertThat(three).hasSameSizeAs(all);
        int moved = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i].port == 1) {
                assertThat(three[i].port).isNotEqualTo(1);
            } else {
                moved += three[i] == all[i] ? 0 : 1;
            }
        }
        assertThat(moved).as("flows of the others that moved").isZero();

        rib.portChanged(1, true);
        Adjacency[] again = shares("10.9.0.1");
        for (int port = 0; port < 4; port++) {
            int of = port;
            long has = Arrays.stream(again).filter(a -> a.port == of).count();
            assertThat(has).isEqualTo(all.length / 4);
        }
        moved = 0;
        for (int i = 0; i < all.length; i++) {
            moved += again[i] == three[i] ? 0 : 1;
        }
        assertThat(moved).as("only what the member that came back gets").isEqualTo(all.length / 4);
    }

    @Test
    void flappingRouteUsesNoNumbersUp() {
        for (int i = 0; i < 1000; i++) {
            rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.2"));
            assertEquals("0 10.1.0.2", path("10.9.0.1"));
            remove("10.9.0.0/16", RouteSource.STATIC);
        }
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.2"));
        assertThat(fib.lookup(Ip4Address.parse("10.9.0.1").bits())).isLessThan(10);
        rib.recycle(rib.retired());
        assertEquals("0 10.1.0.2", path("10.9.0.1"), "came back before the grace period was over");
        remove("10.9.0.0/16", RouteSource.STATIC);
        assertThat(kept).isEmpty();
    }

    @Test
    void routesOfBothFamiliesShareNextHops() {
        rib.put(
                Route.via(
                        Ip6Prefix.parse("2001:db8::/32"),
                        RouteSource.CLI,
                        List.of(new Gateway(Ip4Address.parse("10.1.0.2"), -1, 1))));
        rib.put(via("10.9.0.0/16", RouteSource.CLI, "10.1.0.2"));
        int six = fib6.lookup(0x2001_0db8_0000_0000L, 1);
        assertThat(six).isNotZero().isEqualTo(fib.lookup(Ip4Address.parse("10.9.0.1").bits()));
        rib.portChanged(0, false);
        assertThat(fib6.lookup(0x2001_0db8_0000_0000L, 1)).isZero();
        rib.portChanged(0, true);
        assertThat(main.remove(Ip6Prefix.parse("2001:db8::/32"), RouteSource.CLI)).isTrue();
        assertThat(fib6.routes()).isZero();
        assertThat(main.count(RouteSource.CLI, 128)).isZero();
    }

    @Test
    void sameNextHopsShareOneNumber() {
        for (int i = 0; i < 100; i++) {
            rib.put(via("10.9." + i + ".0/24", RouteSource.STATIC, "10.1.0.2"));
        }
        assertEquals(
                fib.lookup(Ip4Address.parse("10.9.0.1").bits()),
                fib.lookup(Ip4Address.parse("10.9.99.1").bits()));
    }

    @Test
    void retiredNumberKeepsItsNextHopUntilTheGracePeriodIsOver() {
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.2"));
        int number = fib.lookup(Ip4Address.parse("10.9.0.1").bits());
        remove("10.9.0.0/16", RouteSource.STATIC);
        assertEquals(1, rib.retired());
        assertThat(NextHopTable.at(table.slots(), number)).isNotNull();
        rib.put(via("10.8.0.0/16", RouteSource.STATIC, "10.2.0.3"));
        assertThat(fib.lookup(Ip4Address.parse("10.8.0.1").bits())).isNotEqualTo(number);

        rib.recycle(1);
        assertThat(NextHopTable.at(table.slots(), number)).isNull();
        rib.put(via("10.7.0.0/16", RouteSource.STATIC, "10.2.0.4"));
        assertEquals(number, fib.lookup(Ip4Address.parse("10.7.0.1").bits()));
    }

    @Test
    void neighborsAreKeptWhileARouteNeedsThem() {
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.2"));
        rib.put(via("10.8.0.0/16", RouteSource.STATIC, "10.1.0.2"));
        assertThat(kept).hasSize(1);
        remove("10.9.0.0/16", RouteSource.STATIC);
        assertThat(kept).hasSize(1);
        remove("10.8.0.0/16", RouteSource.STATIC);
        assertThat(kept).isEmpty();
    }

    /// Next hops that chase each other: whatever comes out, it ends, and no next hop is left behind
    /// in the FIB.
    @Test
    void circlesEnd() {
        Random random = new Random(5);
        for (int i = 0; i < 3000; i++) {
            String prefix = 20 + random.nextInt(4) + ".0.0.0/8";
            RouteSource source = random.nextBoolean() ? RouteSource.STATIC : RouteSource.CLI;
            int kind = random.nextInt(4);
            if (kind == 0) {
                main.remove(Ip4Prefix.parse(prefix), source);
            } else {
                String gateway = kind == 1 ? "10.1.0.2" : 20 + random.nextInt(4) + ".0.0.1";
                rib.put(via(prefix, source, gateway));
            }
        }
        for (int i = 20; i < 24; i++) {
            for (RouteSource source : RouteSource.values()) {
                main.remove(Ip4Prefix.parse(i + ".0.0.0/8"), source);
            }
            assertEquals("none", path(i + ".1.1.1"));
        }
        assertThat(kept).isEmpty();
    }

    @Test
    void nextHopOfManyRoutesChangesWithOneStore() {
        rib.put(via("172.16.0.0/24", RouteSource.STATIC, "10.1.0.2"));
        for (int i = 0; i < 5000; i++) {
            rib.put(
                    via(
                            "20." + i / 256 + "." + i % 256 + ".0/24",
                            RouteSource.STATIC,
                            "172.16.0.1"));
        }
        long updates = fib.updates();
        rib.put(via("172.16.0.0/24", RouteSource.STATIC, "10.2.0.2"));

        assertEquals(updates + 1, fib.updates(), "the one route itself");
        assertEquals("1 10.2.0.2", path("20.9.9.9"));
    }

    /// The neighbor is gone when its host route goes.
    @Test
    void hostRouteGoesWithoutAskingForItsNeighbor() {
        Ip4Address host = Ip4Address.parse("10.1.0.2");
        rib.put(
                Route.via(
                        Ip4Prefix.parse("10.1.0.2/32"),
                        RouteSource.NEIGHBOR,
                        List.of(new Gateway(host, 0, 1))));
        assertEquals("0 10.1.0.2", path("10.1.0.2"));
        gone.add(host);
        remove("10.1.0.2/32", RouteSource.NEIGHBOR);

        assertEquals("0 link", path("10.1.0.2"));
    }

    @Test
    void repeatedRouteChangesNothing() {
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.2"));
        long updates = fib.updates();
        rib.put(via("10.9.0.0/16", RouteSource.STATIC, "10.1.0.2"));
        assertEquals(updates, fib.updates());
    }

    @Test
    void routeWithoutNextHopNeedsAKind() {
        assertThatThrownBy(() -> via("10.9.0.0/16", RouteSource.STATIC))
                .hasMessageContaining("a route has next hops, or a kind");
    }

    /// Random routes that resolve through each other, on random ports that go up and down: the
    /// tables of the data path always say what a table that is computed anew from all candidates
    /// says.
    @Test
    void anyOrderOfChangesEndsInTheSameTable() {
        for (long seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            RibTest fresh = new RibTest();
            Map<String, Route> said = new HashMap<>();
            Set<Integer> down = new HashSet<>();
            said.put("10.1", Route.link(Ip4Prefix.parse("10.1.0.0/24"), 0));
            said.put("10.2", Route.link(Ip4Prefix.parse("10.2.0.0/24"), 1));
            for (int step = 0; step < 300; step++) {
                if (random.nextInt(20) == 0) {
                    int port = random.nextInt(2);
                    boolean up = !down.add(port);
                    if (up) {
                        down.remove(port);
                    }
                    fresh.rib.portChanged(port, up);
                } else {
                    change(random, fresh.rib, said);
                }
                assertSame(seed, step, fresh, said, down);
            }
        }
    }

    private static void change(Random random, Rib rib, Map<String, Route> said) {
        Ip4Prefix prefix =
                Ip4Prefix.of(
                        (20 + random.nextInt(6)) << 24 | random.nextInt(4) << 16,
                        8 * (1 + random.nextInt(2)));
        RouteSource source = random.nextBoolean() ? RouteSource.STATIC : RouteSource.CLI;
        String key = prefix + " " + source;
        if (random.nextInt(3) == 0) {
            assertEquals(said.remove(key) != null, rib.remove(new Destination(prefix), source));
            return;
        }
        int above = (prefix.bits() >>> 24) + 1 + random.nextInt(3); // upwards only: no circles
        String gateway =
                random.nextInt(3) == 0
                        ? "10." + (1 + random.nextInt(2)) + ".0." + (2 + random.nextInt(3))
                        : above + "." + random.nextInt(4) + ".0.1";
        Route route = via(prefix.toString(), source, gateway);
        said.put(key, route);
        rib.put(route);
    }

    /// A new RIB that hears everything at once.
    private static void assertSame(
            long seed, int step, RibTest tested, Map<String, Route> said, Set<Integer> down) {
        RibTest oracle = new RibTest();
        down.forEach(port -> oracle.rib.portChanged(port, false));
        said.values().forEach(oracle.rib::put);
        for (int i = 20; i < 26; i++) {
            for (int j = 0; j < 5; j++) {
                String address = i + "." + j + ".9.9";
                assertEquals(
                        oracle.path(address),
                        tested.path(address),
                        "seed " + seed + " step " + step + " " + address);
            }
        }
    }
}
