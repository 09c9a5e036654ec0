package dev.stride.core.rib;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.BrokenSlots;
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
import org.junit.jupiter.api.Test;

class FibAuditTest {
    private final Quiescence quiescence = new Quiescence();
    private final Fib4 fib4 = new Fib4(quiescence);
    private final Fib6 fib6 = new Fib6(quiescence);
    private final Map<String, Adjacency> neighbors = new HashMap<>();
    private final Rib rib =
            new Rib(
                    new NextHopTable(),
                    new Rib.Adjacencies() {
                        @Override
                        public Adjacency neighbor(int port, IpAddress address, boolean host) {
                            return neighbors.computeIfAbsent(
                                    port + " " + address, k -> Adjacency.neighbor(port, address));
                        }

                        @Override
                        public void unused(Adjacency adjacency) {}
                    });
    private final RibTable main = rib.addTable(Destination.MAIN, fib4, fib6);
    private final FibAudit audit = new FibAudit(main, fib4, fib6);

    private void put(String prefix, String gateway) {
        List<Gateway> gateways = List.of(new Gateway(IpAddress.parse(gateway), 0, 1));
        rib.put(Route.via(IpPrefix.parse(prefix), RouteSource.STATIC, gateways));
    }

    /// One whole round.
    private void round() {
        long before = audit.rounds();
        while (audit.rounds() == before) {
            audit.step(3);
        }
    }

    private void some() {
        put("0.0.0.0/0", "192.0.2.1");
        put("10.0.0.0/8", "192.0.2.2");
        put("10.1.0.0/16", "192.0.2.3");
        put("10.1.2.0/24", "192.0.2.4");
        put("10.1.2.3/32", "192.0.2.5");
        put("2001:db8::/32", "2001:db8::1");
        put("2001:db8:1::/48", "2001:db8::2");
        put("::/0", "2001:db8::3");
    }

    private void assertFound(long routes, long slots, long strangers) {
        assertThat(audit.routes()).as("routes").isEqualTo(routes);
        assertThat(audit.slots()).as("slots").isEqualTo(slots);
        assertThat(audit.strangers()).as("strangers").isEqualTo(strangers);
    }

    @Test
    void nothingIsFoundWhereNothingIsWrong() {
        some();
        rib.put(
                Route.dropping(
                        IpPrefix.parse("10.9.0.0/16"), RouteSource.STATIC, Route.Kind.BLACKHOLE));
        rib.put(Route.link(IpPrefix.parse("172.16.0.0/12"), 3));
        rib.portChanged(3, false); // its route is there, but not in the FIB
        long updates = fib4.updates() + fib6.updates();
        round();
        round();
        assertFound(0, 0, 0);
        assertThat(fib4.updates() + fib6.updates()).isEqualTo(updates);
    }

    @Test
    void routeThatWasChangedBehindTheRibIsMended() {
        some();
        int right = fib4.get(0x0a010000, 16);
        fib4.set(0x0a010000, 16, right + 1);
        fib6.set(0x20010db8_00010000L, 0, 48, 0);
        round();
        assertFound(2, 0, 0);
        assertThat(fib4.lookup(0x0a010101)).isEqualTo(right);
        assertThat(fib6.get(0x20010db8_00010000L, 0, 48)).isNotZero();
        round();
        assertFound(2, 0, 0);
    }

    @Test
    void slotThatBrokeIsWrittenAgain() {
        some();
        put("20.3.0.0/16", "192.0.2.6");
        put("3000::/16", "2001:db8::2");
        int right = fib4.lookup(0x14030001);
        int right6 = fib6.lookup(0x3000_0000_0000_0001L, 0);
        BrokenSlots.break4(fib4, 0x1403, right + 1);
        BrokenSlots.break6(fib6, 0x3000, right6 + 1);
        assertThat(fib4.lookup(0x14030001)).isNotEqualTo(right);
        round();
        assertFound(0, 2, 0);
        assertThat(fib4.lookup(0x14030001)).isEqualTo(right);
        assertThat(fib6.lookup(0x3000_0000_0000_0001L, 0)).isEqualTo(right6);
    }

    @Test
    void routesThatTheRibDoesNotKnowAreTakenOut() {
        some();
        int otherwise = fib4.lookup(0x1e000001);
        fib4.set(0x1e000000, 8, 77);
        fib6.set(0x20020000_00000000L, 0, 16, 77);
        round();
        assertFound(0, 0, 2);
        assertThat(fib4.lookup(0x1e000001)).isEqualTo(otherwise);
        assertThat(fib4.get(0x1e000000, 8)).isZero();
        assertThat(fib6.get(0x20020000_00000000L, 0, 16)).isZero();
    }

    /// Whatever is broken: after one undisturbed round the FIB answers as the RIB.
    @Test
    void afterARoundTheFibIsAsTheRib() {
        Random random = new Random(6);
        for (int round = 0; round < 40; round++) {
            for (int i = 0; i < 60; i++) {
                int length = 4 + random.nextInt(29);
                put(new Ip4Address(random.nextInt()).prefix(length) + "", "192.0.2." + i);
                put(
                        new Ip6Address(random.nextLong(), 0).prefix(4 + random.nextInt(60)) + "",
                        "2001:db8::" + i);
            }
            for (Entry entry : entries()) {
                if (random.nextInt(10) == 0) {
                    set(entry.prefix(), random.nextInt(3) * 5);
                }
            }
            set(new Ip4Address(random.nextInt()).prefix(20), 9);
            round();
            round();
            for (Entry entry : entries()) {
                for (IpAddress address : List.of(entry.prefix().first(), entry.prefix().last())) {
                    IpPrefix covering = main.covering(address);
                    assertThat(lookup(address))
                            .isEqualTo(covering == null ? 0 : main.nextHop(covering));
                }
            }
            assertThat(fib4.routes() + fib6.routes()).isEqualTo(entries().size());
        }
        assertThat(audit.routes()).isPositive();
        assertThat(audit.strangers()).isPositive();
    }

    private List<Entry> entries() {
        List<Entry> all = new ArrayList<>(main.page(new Ip4Prefix(0, 0), Integer.MAX_VALUE));
        all.addAll(main.page(new Ip6Prefix(0, 0, 0), Integer.MAX_VALUE));
        assertThat(new HashSet<>(all)).hasSameSizeAs(all);
        return all;
    }

    private void set(IpPrefix prefix, int nextHop) {
        switch (prefix) {
            case Ip4Prefix p -> fib4.set(p.bits(), p.length(), nextHop);
            case Ip6Prefix p -> fib6.set(p.high(), p.low(), p.length(), nextHop);
        }
    }

    private int lookup(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> fib4.lookup(four.bits());
            case Ip6Address six -> fib6.lookup(six.high(), six.low());
        };
    }
}
