package dev.stride.core.rib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.rib.Route.Gateway;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Several routing tables in one RIB: main with ports 0 and 1, red with ports 2 and 3, whose links
/// have the same prefixes, 10.1.0.0/24 and 10.2.0.0/24, and green without a port.
class RibTablesTest {
    private static final int MAIN = Destination.MAIN;
    private static final int RED = 1;
    private static final int GREEN = 2;

    private final Quiescence quiescence = new Quiescence();
    private final NextHopTable nextHops = new NextHopTable();
    private final List<Fib4> fibs = new ArrayList<>(); // by table
    private final Map<String, Adjacency> neighbors = new HashMap<>();
    private final Set<Adjacency> kept = new HashSet<>();
    private final Rib rib =
            new Rib(
                    nextHops,
                    new Rib.Adjacencies() {
                        @Override
                        public Adjacency neighbor(int port, IpAddress address, boolean host) {
                            Adjacency adjacency =
                                    neighbors.computeIfAbsent(
                                            port + " " + address,
                                            k -> Adjacency.neighbor(port, address));
                            kept.add(adjacency);
                            return adjacency;
                        }

                        @Override
                        public void unused(Adjacency adjacency) {
                            kept.remove(adjacency);
                        }
                    });

    RibTablesTest() {
        for (int table = MAIN; table <= GREEN; table++) {
            fibs.add(new Fib4(quiescence));
            RibTable _ = rib.addTable(table, fibs.get(table), new Fib6(quiescence));
        }
        for (int port = 0; port < 4; port++) {
            String prefix = "10." + (1 + port % 2) + ".0.0/24";
            rib.put(Route.link(Ip4Prefix.parse(prefix), port).in(port < 2 ? MAIN : RED));
        }
    }

    /// A route whose next hop is found by a table; -1 for its own.
    private static Route via(int table, String prefix, String gateway, int finds) {
        Gateway to = new Gateway(Ip4Address.parse(gateway), -1, 1, finds);
        return Route.via(Ip4Prefix.parse(prefix), RouteSource.CLI, List.of(to)).in(table);
    }

    private static Route leading(int table, String prefix, int to) {
        return new Route(
                new Destination(table, Ip4Prefix.parse(prefix)),
                Attributes.inTable(RouteSource.CLI, to));
    }

    private boolean remove(int table, String prefix) {
        return rib.remove(new Destination(table, Ip4Prefix.parse(prefix)), RouteSource.CLI);
    }

    /// What a worker would find.
    private String path(int table, String address) {
        int number = fibs.get(table).lookup(Ip4Address.parse(address).bits());
        NextHop next = NextHopTable.at(nextHops.slots(), number);
        return next == null ? "none" : next.select(0).toString();
    }

    @Test
    void theSameGatewayIsAnotherNeighborInEachTable() {
        rib.put(via(MAIN, "10.9.0.0/16", "10.1.0.2", -1));
        rib.put(via(RED, "10.9.0.0/16", "10.1.0.2", -1));
        assertEquals("NEIGHBOR port 0 10.1.0.2", path(MAIN, "10.9.1.1"));
        assertEquals("NEIGHBOR port 2 10.1.0.2", path(RED, "10.9.1.1"));
        assertEquals("none", path(GREEN, "10.9.1.1"));
        rib.portChanged(0, false);
        assertEquals("none", path(MAIN, "10.9.1.1"));
        assertEquals("NEIGHBOR port 2 10.1.0.2", path(RED, "10.9.1.1"));
        assertThat(remove(MAIN, "10.9.0.0/16")).isTrue();
        assertThat(remove(MAIN, "10.9.0.0/16")).isFalse();
        assertEquals("NEIGHBOR port 2 10.1.0.2", path(RED, "10.9.1.1"));
    }

    @Test
    void nextHopIsFoundByTheTableThatIsNamed() {
        rib.put(via(GREEN, "10.9.0.0/16", "10.1.0.2", RED));
        rib.put(via(GREEN, "10.8.0.0/16", "172.16.0.1", RED));
        assertEquals("NEIGHBOR port 2 10.1.0.2", path(GREEN, "10.9.1.1"));
        assertEquals("none", path(GREEN, "10.8.1.1"));
        rib.put(via(MAIN, "172.16.0.0/16", "10.1.0.3", -1)); // the same elsewhere means nothing
        assertEquals("none", path(GREEN, "10.8.1.1"));
        rib.put(via(RED, "172.16.0.0/16", "10.2.0.3", -1));
        assertEquals("NEIGHBOR port 3 10.2.0.3", path(GREEN, "10.8.1.1"));
        rib.portChanged(3, false);
        assertEquals("none", path(GREEN, "10.8.1.1"));
    }

    @Test
    void routeLeadsToAnotherTable() {
        rib.put(leading(GREEN, "10.0.0.0/8", RED));
        assertEquals("TABLE " + RED, path(GREEN, "10.1.0.2"));
        rib.put(via(GREEN, "10.9.0.0/16", "10.1.0.2", -1)); // no next hop is found by such a route
        assertEquals("TABLE " + RED, path(GREEN, "10.9.0.1"));
    }

    @Test
    void tableGoesWithItsRoutesAndThoseThatLeadToIt() {
        rib.put(leading(MAIN, "10.7.0.0/16", RED));
        rib.put(via(MAIN, "10.8.0.0/16", "10.1.0.2", RED));
        rib.put(via(MAIN, "10.9.0.0/16", "10.1.0.2", -1));
        rib.put(via(RED, "10.9.0.0/16", "10.2.0.9", -1));
        rib.removeTable(RED);
        assertEquals("none", path(MAIN, "10.7.0.1"));
        assertEquals("none", path(MAIN, "10.8.0.1"));
        assertEquals("NEIGHBOR port 0 10.1.0.2", path(MAIN, "10.9.0.1"));
        assertThat(rib.table(RED)).isNull();
        assertEquals(1, rib.count(said -> said.source() == RouteSource.CLI));
        assertThat(kept)
                .extracting(Adjacency::toString)
                .containsExactly("NEIGHBOR port 0 10.1.0.2");
        rib.put(via(RED, "10.9.0.0/16", "10.1.0.2", -1)); // too late: left out
        assertThat(remove(RED, "10.9.0.0/16")).isFalse();
        rib.recycle(rib.retired());
        assertEquals(0, rib.retired());
    }

    /// Random routes of three tables, with next hops found by any of them, on ports that go up and
    /// down: the FIBs always say what those of a RIB say that hears everything anew.
    @Test
    void anyOrderOfChangesEndsInTheSameTables() {
        for (long seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            RibTablesTest tested = new RibTablesTest();
            Map<Destination, Route> said = new HashMap<>();
            Set<Integer> down = new HashSet<>();
            for (int step = 0; step < 200; step++) {
                if (random.nextInt(20) == 0) {
                    int port = random.nextInt(4);
                    boolean up = !down.add(port) && down.remove(port);
                    tested.rib.portChanged(port, up);
                } else {
                    tested.change(random, said);
                }
                RibTablesTest oracle = new RibTablesTest();
                down.forEach(port -> oracle.rib.portChanged(port, false));
                said.values().forEach(oracle.rib::put);
                tested.assertSame(oracle, "seed " + seed + " step " + step);
            }
        }
    }

    private void change(Random random, Map<Destination, Route> said) {
        int table = random.nextInt(3);
        int network = 20 + random.nextInt(6);
        String prefix = network + ".0.0.0/" + (random.nextBoolean() ? 8 : 16);
        Destination to = new Destination(table, Ip4Prefix.parse(prefix));
        if (random.nextInt(3) == 0) {
            assertEquals(said.remove(to) != null, remove(table, prefix));
            return;
        }
        int finds = random.nextInt(4) - 1;
        int above = network + 1 + random.nextInt(3); // upwards only: no circles
        boolean near = random.nextInt(3) == 0;
        String gateway = near ? "10." + (1 + random.nextInt(2)) + ".0.2" : above + ".0.0.1";
        Route route =
                random.nextInt(8) == 0
                        ? leading(table, prefix, (table + 1) % 3)
                        : via(table, prefix, gateway, finds);
        said.put(to, route);
        rib.put(route);
    }

    private void assertSame(RibTablesTest oracle, String when) {
        for (int table = MAIN; table <= GREEN; table++) {
            for (int i = 20; i < 26; i++) {
                for (String address : List.of(i + ".0.9.9", i + ".1.9.9")) {
                    assertEquals(
                            oracle.path(table, address),
                            path(table, address),
                            when + " table " + table + " " + address);
                }
            }
        }
    }
}
