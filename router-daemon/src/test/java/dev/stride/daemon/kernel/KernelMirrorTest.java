package dev.stride.daemon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.netlink.NetlinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import dev.stride.daemon.source.RouteSink;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KernelMirrorTest {
    private static final int CREATED = NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;

    /// What the RIB would hold; every third batch is refused at first.
    private static final class Rib implements RouteSink {
        final Map<IpPrefix, Attributes> routes = new HashMap<>();
        private int asked;

        @Override
        public boolean change(List<Destination> gone, List<Route> put, Runnable done) {
            if (asked++ % 3 == 0) {
                return false;
            }
            gone.forEach(to -> routes.remove(to.prefix()));
            put.forEach(route -> routes.put(route.prefix(), route.attributes()));
            done.run();
            return true;
        }

        @Override
        public boolean revise(Function<Attributes, @Nullable Attributes> rule, IntConsumer done) {
            throw new AssertionError();
        }

        @Override
        public CompletableFuture<List<Entry>> page(IpPrefix from, int limit) {
            List<Entry> page =
                    routes.entrySet().stream()
                            .filter(each -> each.getKey().width() == from.width())
                            .map(e -> new Entry(e.getKey(), List.of(e.getValue()), e.getValue()))
                            .sorted(Comparator.comparing(e -> e.prefix().first(), IpAddress.ORDER))
                            .filter(
                                    e ->
                                            IpAddress.ORDER.compare(
                                                            e.prefix().first(), from.first())
                                                    >= 0)
                            .limit(limit)
                            .toList();
            return CompletableFuture.completedFuture(page);
        }

        Map<IpPrefix, Integer> gateways() {
            Map<IpPrefix, Integer> gateways = new HashMap<>();
            routes.forEach(
                    (to, said) ->
                            gateways.put(
                                    to,
                                    ((Ip4Address) said.gateways().getFirst().address()).bits()));
            return gateways;
        }
    }

    private final Rib rib = new Rib();
    private final KernelMirror mirror =
            new KernelMirror(
                    () -> new KernelState(100, 20, 1, Map.of()), new Outlet(rib, () -> false));

    private static RouteMessage route(boolean gone, IpPrefix to, int gateway) {
        List<Hop> hops = List.of(new Hop(new Ip4Address(gateway), 0, 1));
        return new RouteMessage(gone, to, 0, 0, 100, 3, 1, 0, 0, hops, false);
    }

    private static IpPrefix prefix(int number) {
        return new Ip4Prefix(number << 8, 24);
    }

    @Test
    void whatIsNotifiedDuringADumpWinsAndIsNoDifference() {
        mirror.notified(route(false, prefix(1), 11), CREATED);
        mirror.notified(route(false, prefix(2), 12), CREATED);
        mirror.flush();
        mirror.beginDump();
        mirror.dumped(route(false, prefix(1), 11));
        mirror.notified(route(true, prefix(1), 11), 0);
        mirror.notified(route(false, prefix(3), 13), CREATED);
        mirror.flush();
        assertThat(rib.gateways()).isEqualTo(Map.of(prefix(2), 12, prefix(3), 13));
        mirror.dumped(route(false, prefix(2), 12));
        mirror.dumped(route(false, prefix(3), 13));
        assertThat(mirror.endDump()).isZero();
        assertThat(rib.gateways()).isEqualTo(Map.of(prefix(2), 12, prefix(3), 13));
    }

    @Test
    void dumpThatFailsChangesNothing() {
        mirror.notified(route(false, prefix(1), 11), CREATED);
        mirror.beginDump();
        mirror.abandonDump();
        mirror.notified(route(false, prefix(2), 12), CREATED);
        mirror.flush();
        assertThat(rib.gateways()).isEqualTo(Map.of(prefix(1), 11, prefix(2), 12));
    }

    @Test
    void whatTheRibHasOtherwiseIsMended() {
        for (int i = 0; i < 3500; i++) {
            mirror.notified(route(false, prefix(i), 11), CREATED);
        }
        mirror.flush();
        assertThat(mirror.auditRib()).isZero();
        Map<IpPrefix, Attributes> right = Map.copyOf(rib.routes);
        rib.routes.remove(prefix(7));
        rib.routes.put(prefix(9999), Objects.requireNonNull(right.get(prefix(1))));
        rib.routes.put(
                prefix(1500), Attributes.dropping(RouteSource.NETLINK, Route.Kind.BLACKHOLE));
        assertThat(mirror.auditRib()).isEqualTo(3);
        assertThat(rib.routes).isEqualTo(right);
        assertThat(mirror.auditRib()).isZero();
    }

    /// A kernel that changes routes at random, of which some notifications are lost and some come
    /// during a dump: after each dump the RIB has what the kernel has, and the differences that it
    /// found are those that were lost.
    @Test
    void afterEachDumpTheRibIsAsTheKernel() {
        Random random = new Random(100);
        Map<IpPrefix, Integer> kernel = new HashMap<>();
        for (int round = 0; round < 60; round++) {
            for (int i = 0; i < 3000; i++) {
                change(random, kernel, random.nextInt(10) > 0);
            }
            mirror.flush();
            Map<IpPrefix, Integer> had = rib.gateways();
            long lost =
                    kernel.entrySet().stream()
                                    .filter(e -> !e.getValue().equals(had.get(e.getKey())))
                                    .count()
                            + had.keySet().stream().filter(to -> !kernel.containsKey(to)).count();
            mirror.beginDump();
            for (Map.Entry<IpPrefix, Integer> each : List.copyOf(kernel.entrySet())) {
                Integer now = kernel.get(each.getKey()); // as it is when its turn comes
                if (now != null) {
                    mirror.dumped(route(false, each.getKey(), now));
                }
                if (random.nextInt(20) == 0) {
                    change(random, kernel, true);
                }
            }
            int differences = mirror.endDump();
            assertThat(rib.gateways()).isEqualTo(kernel);
            assertThat((long) differences).isLessThanOrEqualTo(lost); // some were said since
            assertThat(differences).isGreaterThan((int) lost / 2);
        }
    }

    private void change(Random random, Map<IpPrefix, Integer> kernel, boolean told) {
        IpPrefix to = prefix(random.nextInt(5000));
        int gateway = 1 + random.nextInt(50);
        Integer before = kernel.get(to);
        RouteMessage message;
        int flags;
        if (before == null) {
            kernel.put(to, gateway);
            message = route(false, to, gateway);
            flags = CREATED;
        } else if (random.nextBoolean()) {
            kernel.put(to, gateway);
            message = route(false, to, gateway);
            flags = NetlinkMessage.REPLACE;
        } else {
            kernel.remove(to);
            message = route(true, to, before);
            flags = 0;
        }
        if (told) {
            mirror.notified(message, flags);
        }
    }
}
