package dev.stride.daemon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Route;
import dev.stride.daemon.netlink.MessageReader;
import dev.stride.daemon.netlink.Messages;
import dev.stride.daemon.netlink.NetlinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.EndMessage;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import dev.stride.daemon.netlink.NetlinkMessage.LinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import dev.stride.daemon.source.Skip;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KernelStateTest {
    private static final int MUTATIONS = 100_000;

    private final KernelState state = fresh();

    private static KernelState fresh() {
        return new KernelState(100, 20, 1, Map.of("lan0", 4));
    }

    /// Applies notifications; returns whether any leaves a doubt.
    private static boolean notify(KernelState to, List<ByteBuffer> datagrams) {
        boolean doubt = false;
        for (ByteBuffer datagram : datagrams) {
            MessageReader reader = new MessageReader(datagram);
            for (NetlinkMessage next = reader.next(); next != null; next = reader.next()) {
                doubt |= to.event(next, reader.flags(), prefix -> {});
            }
        }
        return doubt;
    }

    private static List<NetlinkMessage> read(List<ByteBuffer> datagrams) {
        List<NetlinkMessage> all = new ArrayList<>();
        for (ByteBuffer datagram : datagrams) {
            MessageReader reader = new MessageReader(datagram);
            for (NetlinkMessage next = reader.next(); next != null; next = reader.next()) {
                all.add(next);
            }
        }
        return all;
    }

    private static Map<String, List<KernelRoute>> routes(KernelState of) {
        Map<String, List<KernelRoute>> routes = new TreeMap<>();
        of.routes().visit((prefix, number) -> routes.put("" + prefix, of.routes().routes(number)));
        return routes;
    }

    /// After each of some fifty commands: what notifications led to is what the kernel had.
    @Test
    void notificationsOfLinuxLeadToWhatItAnswersThen() {
        KernelState followed = state;
        List<NetlinkMessage> links = new ArrayList<>();
        int doubts = 0;
        int prefixes = 0;
        for (Captured step : Captured.all()) {
            read(step.notified()).stream()
                    .filter(LinkMessage.class::isInstance)
                    .forEach(links::add);
            boolean doubt = notify(followed, step.notified());
            KernelState asked = fresh();
            links.forEach(asked::dumped);
            read(step.answered()).forEach(asked::dumped);
            prefixes = Math.max(prefixes, asked.routes().size());
            if (step.command().startsWith("ip address del")) {
                assertThat(doubt).as(step.command()).isTrue();
                assertThat(routes(followed)).isNotEqualTo(routes(asked)); // it does not tell
                followed = asked;
                doubts++;
            }
            assertThat(routes(followed)).as(step.command()).isEqualTo(routes(asked));
        }
        assertThat(doubts).isOne();
        assertThat(prefixes).isGreaterThan(7);
        assertThat(routes(followed)).isEmpty();
    }

    /// A table that nobody uses is none (ENOENT).
    @Test
    void answersOfLinuxEnd() {
        for (Captured step : Captured.all()) {
            assertThat(read(step.answered()))
                    .filteredOn(EndMessage.class::isInstance)
                    .hasSize(3)
                    .startsWith(new EndMessage(0))
                    .allMatch(
                            end ->
                                    ((EndMessage) end).errno() == 0
                                            || ((EndMessage) end).errno() == 2);
        }
    }

    private static NetlinkMessage link(int index, String name, boolean up) {
        return new LinkMessage(false, index, name, up);
    }

    private void say(NetlinkMessage message) {
        boolean _ = state.event(message, 0x600, prefix -> {});
    }

    private void say(Messages messages) {
        read(List.of(messages.buffer())).forEach(this::say);
    }

    private static Messages route(String to, int kind) {
        return new Messages().route(false, to, 100, kind);
    }

    private static RouteMessage route(String to, int priority, Hop... hops) {
        return new RouteMessage(
                false, IpPrefix.parse(to), 0, 0, 100, 3, 1, priority, 0, List.of(hops), false);
    }

    private static Hop hop(String gateway, int device) {
        return new Hop(IpAddress.parse(gateway), device, 1);
    }

    private Attributes offer(String prefix) {
        return Objects.requireNonNull(state.offer(IpPrefix.parse(prefix)), prefix);
    }

    private void assertNothing(String prefix) {
        assertThat(state.offer(IpPrefix.parse(prefix))).isNull();
    }

    private static Route.Gateway gateway(String address, int port) {
        return new Route.Gateway(IpAddress.parse(address), port, 1);
    }

    @Test
    void deviceOfAPortIsTheWayAndOthersAreFoundByOurRoutes() {
        say(link(3, "eth9", true));
        say(link(7, "lan0", true));
        say(route("10.1.0.0/16", 0, hop("192.0.2.2", 3)));
        say(route("10.2.0.0/16", 0, hop("192.0.2.2", 7)));
        say(route("10.3.0.0/16", 0, new Hop(null, 7, 1)));
        say(route("10.4.0.0/16", 0, new Hop(null, 3, 1)));
        say(route("2001:db8::/32", 0, hop("fe80::1", 7)));
        say(route("2001:db9::/32", 0, hop("fe80::1", 3)));
        assertThat(offer("10.1.0.0/16").gateways()).containsExactly(gateway("192.0.2.2", -1));
        assertThat(offer("10.2.0.0/16").gateways()).containsExactly(gateway("192.0.2.2", 4));
        assertThat(offer("10.3.0.0/16").kind()).isEqualTo(Route.Kind.LINK);
        assertThat(offer("10.3.0.0/16").port()).isEqualTo(4);
        assertNothing("10.4.0.0/16");
        assertThat(offer("2001:db8::/32").gateways()).containsExactly(gateway("fe80::1", 4));
        assertNothing("2001:db9::/32");
        assertThat(state.skipped()).isEqualTo(Map.of(Skip.INTERFACE, 2));
    }

    @Test
    void lowestPriorityThatLeadsSomewhereWins() {
        say(route("10.1.0.0/16", 30, hop("192.0.2.3", 3)));
        say(route("10.1.0.0/16", 20, hop("192.0.2.2", 3)));
        say(route("10.1.0.0/16", 10, new Hop(null, 9, 1)));
        assertThat(offer("10.1.0.0/16").metric()).isEqualTo(20);
        state.event(
                new RouteMessage(
                        true,
                        IpPrefix.parse("10.1.0.0/16"),
                        0,
                        0,
                        100,
                        3,
                        1,
                        20,
                        0,
                        List.of(hop("192.0.2.2", 3)),
                        false),
                0,
                prefix -> {});
        assertThat(offer("10.1.0.0/16").metric()).isEqualTo(30);
    }

    @Test
    void otherTablesLinkLocalPrefixesAndOtherKindsAreLeftOut() {
        say(new Messages().via("10.1.0.0/16", "192.0.2.2")); // the main table
        say(route("fe80::/64", 0, new Hop(null, 3, 1)));
        say(route("10.2.0.1/32", 2)); // RTN_LOCAL
        say(route("10.3.0.0/16", NetlinkMessage.RTN_BLACKHOLE));
        assertThat(routes(state)).containsOnlyKeys("10.2.0.1/32", "10.3.0.0/16");
        assertNothing("10.2.0.1/32");
        assertThat(offer("10.3.0.0/16").kind()).isEqualTo(Route.Kind.BLACKHOLE);
    }

    @Test
    void nextHopThatChangesTouchesItsRoutesOnly() {
        say(new Messages().nextHop(7, "192.0.2.7").nextHop(8, "192.0.2.8").group(9, 7, 8));
        say(route("10.1.0.0/16", 1).attribute(30, Messages.number(7)));
        say(route("10.2.0.0/16", 1).attribute(30, Messages.number(8)));
        say(route("10.3.0.0/16", 1).attribute(30, Messages.number(9)));
        assertThat(offer("10.3.0.0/16").gateways()).hasSize(2);
        assertThat(offer("10.1.0.0/16").gateways()).hasSize(1);
        assertThat(offer("10.2.0.0/16").gateways()).hasSize(1);
        say(new Messages().nextHop(7, "192.0.2.9"));
        Set<String> touched = new HashSet<>();
        state.settle(prefix -> touched.add(prefix.toString()));
        assertThat(touched).containsExactlyInAnyOrder("10.1.0.0/16", "10.3.0.0/16");
        assertThat(offer("10.1.0.0/16").gateways().getFirst().address())
                .isEqualTo(IpAddress.parse("192.0.2.9"));
    }

    @Test
    void hopsBehindAnInterfaceThatIsDownDoNotCount() {
        say(link(3, "eth9", true));
        say(link(5, "eth8", true));
        say(route("10.1.0.0/16", 0, hop("192.0.2.2", 3), hop("198.51.100.2", 5)));
        say(route("10.2.0.0/16", 0, hop("192.0.2.2", 3)));
        say(route("2001:db8::/32", 0, hop("2001:db8:1::1", 3), hop("2001:db8:1::2", 5)));
        assertThat(offer("10.1.0.0/16").gateways()).hasSize(2);
        assertThat(offer("2001:db8::/32").gateways()).hasSize(2);
        boolean doubt = state.event(link(3, "eth9", false), 0, prefix -> {});
        assertThat(doubt).isTrue();
        state.settle(prefix -> {});
        assertThat(offer("10.1.0.0/16").gateways()).hasSize(1);
        assertThat(offer("2001:db8::/32").gateways()).hasSize(1);
        assertThat(routes(state)).doesNotContainKey("10.2.0.0/16"); // the kernel removed it
        say(link(3, "eth9", true));
        state.settle(prefix -> {});
        assertThat(offer("10.1.0.0/16").gateways()).hasSize(2);
        assertNothing("10.2.0.0/16");
    }

    /// Kernels before 4.11 tell of one gateway at a time.
    @Test
    void piecesOfIpv6MultipathAreJoined() {
        say(route("2001:db8::/32", 1024, hop("2001:db8:1::1", 3)));
        state.event(
                route("2001:db8::/32", 1024, hop("2001:db8:1::2", 3)),
                NetlinkMessage.CREATE | NetlinkMessage.APPEND,
                prefix -> {});
        assertThat(offer("2001:db8::/32").gateways()).hasSize(2);
        KernelState dumped = fresh();
        dumped.dumped(route("2001:db8::/32", 1024, hop("2001:db8:1::1", 3)));
        dumped.dumped(route("2001:db8::/32", 1024, hop("2001:db8:1::2", 3)));
        assertThat(routes(dumped)).isEqualTo(routes(state));
    }

    /// Whatever comes: no exception, and no more is kept than was said.
    @Test
    void hostileMessagesAreRefusedOrRead() {
        Random random = new Random(32);
        List<byte[]> captured = new ArrayList<>();
        for (Captured step : Captured.all()) {
            for (ByteBuffer datagram : step.notified()) {
                byte[] bytes = new byte[datagram.remaining()];
                datagram.get(bytes);
                captured.add(bytes);
            }
        }
        int messages = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = captured.get(random.nextInt(captured.size())).clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            byte[] sent =
                    random.nextInt(4) == 0
                            ? Arrays.copyOf(bytes, random.nextInt(bytes.length))
                            : bytes;
            MessageReader reader = new MessageReader(ByteBuffer.wrap(sent));
            for (NetlinkMessage next = reader.next(); next != null; next = reader.next()) {
                boolean _ = state.event(next, reader.flags(), state::offer);
                messages++;
            }
            state.settle(state::offer);
        }
        assertThat(messages).isGreaterThan(MUTATIONS / 2);
        assertThat(state.routes().size()).isLessThan(messages);
        assertThat(state.skipped()).isNotEmpty();
    }
}
