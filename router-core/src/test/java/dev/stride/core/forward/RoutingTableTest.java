package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Several routing tables on one data path: ports 0 and 1 are in red, 2 and 3 in blue, and both
/// tables have the same addresses: 10.1.0.1/24 and 2001:db8:1::1/64 on the first port, 10.2.0.1/24
/// and 2001:db8:2::1/64 on the second, with a host 2 on each link.
class RoutingTableTest {
    private static final int PORTS = 4;

    private final ForwardingState state = new ForwardingState(new Quiescence());
    private final RoutingTable red = state.addTable("red");
    private final RoutingTable blue = state.addTable("blue");
    private final PortCounters[] counters = new PortCounters[PORTS];
    private final PacketPool pool =
            new PacketPool(Arena.ofAuto().allocate(256 * PacketPool.SLOT, 64));
    private final Output output = new Output(pool);
    private final SlowPath slow =
            new SlowPath(
                    0,
                    state,
                    output,
                    event -> true,
                    new SlowPath.Limits(1e6, 1e6, 1e6, 1e6, 1e6, 1e6, 4, 3));
    private final Forwarder forwarder = new Forwarder(state, output, slow);
    private int nextHops;

    RoutingTableTest() {
        PortState[] ports = new PortState[PORTS];
        for (int i = 0; i < PORTS; i++) {
            counters[i] = new PortCounters();
            output.attach(i, counters[i]);
            ports[i] = port(i, i < 2 ? red : blue);
        }
        state.publishPorts(ports);
        for (int i = 0; i < PORTS; i++) {
            int network = 1 + i % 2;
            RoutingTable table = ports[i].table();
            route(table, "10." + network + ".0.2/32", host(i));
            route6(table, "2001:db8:" + network + "::2/128", host(i));
        }
    }

    private static PortState port(int index, RoutingTable table) {
        int network = 1 + index % 2;
        int four = Ip4Address.parse("10." + network + ".0.1").bits();
        Ip6Address six = Ip6Address.parse("2001:db8:" + network + "::1");
        PortState.Address6 own =
                new PortState.Address6(six.high(), six.low(), 64, AddressState.VALID);
        return new PortState(
                        index,
                        "p" + index,
                        table,
                        TestRouter.MAC0,
                        1500,
                        true,
                        List.of(new PortState.Address(four, 24)))
                .withAddresses6(List.of(own));
    }

    private static Adjacency host(int port) {
        Adjacency host = Adjacency.neighbor(port, Ip4Address.parse("10." + port + ".0.2"));
        host.resolve(new Rewrite(TestRouter.HOST0 + port, TestRouter.MAC0));
        return host;
    }

    private void route(RoutingTable table, String prefix, Adjacency to) {
        Ip4Prefix p = Ip4Prefix.parse(prefix);
        state.nextHops.set(++nextHops, new NextHop(to));
        table.fib4.put(p.bits(), p.length(), nextHops);
    }

    private void route6(RoutingTable table, String prefix, Adjacency to) {
        Ip6Prefix p = Ip6Prefix.parse(prefix);
        state.nextHops.set(++nextHops, new NextHop(to));
        table.fib6.put(p.high(), p.low(), p.length(), nextHops);
    }

    private Packet packet(int port, byte[] frame) {
        Packet packet = Objects.requireNonNull(pool.take());
        MemorySegment.copy(
                frame, 0, packet.memory, ValueLayout.JAVA_BYTE, packet.start, frame.length);
        packet.length = frame.length;
        packet.inPort = port;
        return packet;
    }

    private void receive(int port, byte[] frame) {
        Burst burst = new Burst(Burst.SIZE);
        burst.add(packet(port, frame));
        forwarder.forward(burst);
    }

    /// What was queued for a port, which is empty then.
    private List<byte[]> sent(int port) {
        List<byte[]> frames = new ArrayList<>();
        Burst queue = output.queue(port);
        for (int i = 0; i < queue.count; i++) {
            Packet packet = queue.packets[i];
            frames.add(
                    packet.memory
                            .asSlice(packet.start, packet.length)
                            .toArray(ValueLayout.JAVA_BYTE));
            output.transmitted(packet, Reason.FORWARDED);
        }
        queue.clear();
        return frames;
    }

    private void assertSent(int... byPort) {
        for (int i = 0; i < PORTS; i++) {
            assertThat(sent(i)).as("port " + i).hasSize(byPort[i]);
        }
        assertEquals(pool.size(), pool.available(), "packets came back");
    }

    /// Both families, both tables and local packets in one burst; each goes where its own table
    /// says.
    @Test
    void burstOfSeveralTablesGoesByTheTableOfEachPort() {
        Burst burst = new Burst(Burst.SIZE);
        for (int i = 0; i < Burst.SIZE / 4; i++) {
            burst.add(packet(0, Frame.udp("10.1.0.2", "10.2.0.2", 64, i)));
            burst.add(packet(2, Frame6.udp("2001:db8:1::2", "2001:db8:2::2", 64, i)));
            burst.add(packet(2, Frame.udp("10.1.0.2", "10.2.0.2", 64, i)));
            burst.add(packet(0, Frame6.udp("2001:db8:1::2", "2001:db8:2::2", 64, i)));
        }
        forwarder.forward(burst);
        assertSent(0, 32, 0, 32);
        assertEquals(16, counters[0].endings(Reason.FORWARDED));
        assertEquals(16, counters[2].endings(Reason.FORWARDED_IPV6));
    }

    @Test
    void whatOneTableHasIsNoneOfTheOthers() {
        route(red, "10.9.0.0/16", host(1));
        receive(2, Frame.udp("10.1.0.2", "10.9.0.1", 64, 9));
        assertEquals(1, counters[2].endings(Reason.NO_ROUTE));
        assertSent(0, 0, 1, 0); // the error goes back in blue
        receive(0, Frame.udp("10.1.0.2", "10.9.0.1", 64, 9));
        assertSent(0, 1, 0, 0);
    }

    @Test
    void ownAddressesAreOfTheirTable() {
        receive(0, Frame.echo("10.1.0.2", "10.2.0.1", 56));
        receive(2, Frame6.echo("2001:db8:1::2", "2001:db8:2::1", 56));
        assertSent(1, 0, 1, 0); // each is answered where it came from
        state.publishPort(port(3, red)); // with the address twice in red, and none left in blue
        route(blue, "10.2.0.1/32", host(2)); // so it may be a host's
        receive(2, Frame.echo("10.1.0.2", "10.2.0.1", 56));
        assertSent(0, 0, 1, 0);
        assertEquals(1, counters[2].endings(Reason.FORWARDED));
    }

    @Test
    void routeLeadsToAnotherTable() {
        route(red, "10.9.0.0/16", Adjacency.table(blue.index));
        route(blue, "10.9.1.0/24", host(3));
        receive(0, Frame.udp("10.1.0.2", "10.9.1.1", 64, 9));
        assertSent(0, 0, 0, 1);
        route6(red, "2001:db8:9::/48", Adjacency.table(blue.index));
        route6(blue, "2001:db8:9:1::/64", host(3));
        receive(0, Frame6.udp("2001:db8:1::2", "2001:db8:9:1::1", 64, 9));
        assertSent(0, 0, 0, 1);
    }

    @Test
    void whatTheOtherTableRefusesIsToldByTheTableOfTheArrivingPort() {
        route(red, "10.9.0.0/16", Adjacency.table(blue.index));
        route(blue, "10.9.2.0/24", Adjacency.PROHIBIT);
        route(blue, "10.9.3.0/24", host(3));
        receive(0, Frame.udp("10.1.0.2", "10.9.1.1", 64, 9));
        receive(0, Frame.udp("10.1.0.2", "10.9.2.1", 64, 9));
        receive(0, Frame.udp("10.1.0.2", "10.9.3.1", 1, 9));
        assertEquals(1, counters[0].endings(Reason.NO_ROUTE));
        assertEquals(1, counters[0].endings(Reason.PROHIBITED));
        assertEquals(1, counters[0].endings(Reason.TTL_EXPIRED));
        assertSent(3, 0, 0, 0);
    }

    /// Red leads to blue and blue to red: no packet goes round.
    @Test
    void aSecondTableIsTheLast() {
        route(red, "10.9.0.0/16", Adjacency.table(blue.index));
        route(blue, "10.9.0.0/16", Adjacency.table(red.index));
        receive(0, Frame.udp("10.1.0.2", "10.9.1.1", 64, 9));
        receive(2, Frame.udp("10.1.0.2", "10.9.1.1", 64, 9));
        assertEquals(1, counters[0].endings(Reason.NO_ROUTE));
        assertEquals(1, counters[2].endings(Reason.NO_ROUTE));
        assertSent(1, 0, 1, 0);
    }

    @Test
    void tableThatHasGoneIsNoRoute() {
        RoutingTable green = state.addTable("green");
        route(red, "10.9.0.0/16", Adjacency.table(green.index));
        route(green, "10.9.0.0/16", host(3));
        state.removeTable(green);
        receive(0, Frame.udp("10.1.0.2", "10.9.1.1", 64, 9));
        assertEquals(1, counters[0].endings(Reason.NO_ROUTE));
        assertSent(1, 0, 0, 0);
    }

    /// An address of the router in the other table is answered in the one that the packet came by.
    @Test
    void ownAddressOfAnotherTableIsReached() {
        RoutingTable green = state.addTable("green");
        route(green, "10.1.0.2/32", host(0));
        route(green, "10.2.0.0/24", Adjacency.table(blue.index));
        state.publishPort(new PortState(0, "p0", green, TestRouter.MAC0, 1500, true, List.of()));
        receive(0, Frame.echo("10.1.0.2", "10.2.0.1", 56));
        byte[] reply = sent(0).getFirst();
        assertEquals(Icmp4.ECHO_REPLY, Bytes.u8(MemorySegment.ofArray(reply), 34));
        receive(0, Frame.udp("10.1.0.2", "10.2.0.255", 64, 9));
        assertEquals(1, counters[0].endings(Reason.BROADCAST));
        assertSent(0, 0, 0, 0);
    }

    /// A forged source that is our own elsewhere: the answer does not come back to us.
    @Test
    void theRouterDoesNotAnswerItselfInAnotherTable() {
        route(red, "10.8.0.0/24", Adjacency.table(blue.index));
        PortState three = state.ports()[3];
        int forged = Ip4Address.parse("10.8.0.1").bits();
        state.publishPort(
                new PortState(
                        3,
                        "p3",
                        blue,
                        three.mac(),
                        1500,
                        true,
                        List.of(new PortState.Address(forged, 24))));
        receive(0, Frame.echo("10.8.0.1", "10.1.0.1", 56));
        assertEquals(1, counters[0].endings(Reason.UNREACHABLE));
        assertSent(0, 0, 0, 0);
    }

    @Test
    void reversePathIsThatOfTheTable() {
        for (int port = 0; port < PORTS; port += 2) {
            PortPolicy strict = PortPolicy.NONE.with(PortPolicy.ReversePath.STRICT);
            state.publishPort(state.ports()[port].withPolicy(strict));
        }
        route(red, "10.7.0.0/16", host(0));
        receive(0, Frame.udp("10.7.0.1", "10.2.0.2", 64, 9));
        receive(2, Frame.udp("10.7.0.1", "10.2.0.2", 64, 9));
        assertEquals(1, counters[2].endings(Reason.REVERSE_PATH));
        assertSent(0, 1, 0, 0);
        route(blue, "10.7.0.0/16", Adjacency.table(red.index)); // leads back, but by another port
        receive(2, Frame.udp("10.7.0.1", "10.2.0.2", 64, 9));
        assertEquals(2, counters[2].endings(Reason.REVERSE_PATH));
        PortPolicy loose = PortPolicy.NONE.with(PortPolicy.ReversePath.LOOSE);
        state.publishPort(state.ports()[2].withPolicy(loose));
        receive(2, Frame.udp("10.7.0.1", "10.2.0.2", 64, 9));
        assertSent(0, 0, 0, 1);
    }

    /// The same datagram comes by two tables, half of it each.
    @Test
    void fragmentsOfTwoTablesAreNotPutTogether() {
        byte[] whole = Frame.echo("10.1.0.2", "10.1.0.1", 64);
        receive(0, part(whole, 0, 40, true));
        receive(2, part(whole, 40, 32, false));
        assertThat(sent(0)).isEmpty();
        assertThat(sent(2)).isEmpty();
        receive(2, part(whole, 0, 40, true));
        assertThat(sent(2)).hasSize(1);
        receive(0, part(whole, 40, 32, false));
        assertSent(1, 0, 0, 0);
    }

    private static byte[] part(byte[] whole, int offset, int length, boolean more) {
        byte[] part = new byte[34 + length];
        System.arraycopy(whole, 0, part, 0, 34);
        System.arraycopy(whole, 34 + offset, part, 34, length);
        MemorySegment m = MemorySegment.ofArray(part);
        Bytes.put16(m, 16, 20 + length);
        Bytes.put16(m, 20, offset / 8 | (more ? Ipv4.MF : 0));
        Ipv4.writeChecksum(m, 14);
        return part;
    }

    /// Bursts of random ports and destinations over random routes: each packet leaves by the port
    /// that a lookup in its own table says, and in its order.
    @Test
    void mixedBurstsAgreeWithLookupsOneByOne() {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            for (int i = 0; i < 30; i++) {
                RoutingTable table = random.nextBoolean() ? red : blue;
                String prefix = "20." + random.nextInt(4) + "." + random.nextInt(4) + ".0/24";
                route(table, prefix, host(random.nextInt(PORTS)));
            }
            List<List<Integer>> expected =
                    List.of(
                            new ArrayList<>(),
                            new ArrayList<>(),
                            new ArrayList<>(),
                            new ArrayList<>());
            Burst burst = new Burst(Burst.SIZE);
            int count = 1 + random.nextInt(Burst.SIZE);
            for (int i = 0; i < count; i++) {
                int port = random.nextInt(PORTS);
                String to = "20." + random.nextInt(4) + "." + random.nextInt(4) + ".9";
                burst.add(packet(port, Frame.udp("10.77.0.2", to, 64, 2 * i)));
                NextHop next =
                        state.route4(state.ports()[port].table(), Ip4Address.parse(to).bits());
                if (next != null) {
                    expected.get(next.select(0).port).add(2 * i);
                }
            }
            forwarder.forward(burst);
            for (int port = 0; port < PORTS; port++) {
                List<Integer> lengths = sent(port).stream().map(f -> f.length - 42).toList();
                assertEquals(expected.get(port), lengths, "seed " + seed + " port " + port);
            }
        }
    }
}
