package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.PortPolicy.Allowed;
import dev.stride.core.forward.PortPolicy.ReversePath;
import dev.stride.core.forward.PortState.Address6;
import dev.stride.core.fragment.Fragmentation;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.pfil.Hook;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One worker's data path over memory with everything switched on, which tells all that it did.
///
/// Ports 0 and 1 are as in [TestRouter], with IPv6; port 1 has an MTU of 1280, strict reverse paths
/// and proxy ARP. Port 2 is down. Port 3 has no IPv4 address, a tentative and a duplicate one of
/// IPv6, an MTU of 576 and loose reverse paths. 10.2.0.9 and 2001:db8:2::9 have not been resolved.
final class FuzzRouter {
    static final int PORTS = 4;

    private static final int DIRTY = 1 << 13; // bytes of each slot that frames may reach
    private static final long LATER = 1_000_000_000_000L; // nothing waits for so long

    private final ForwardingState state = new ForwardingState(new Quiescence());
    private final PacketPool pool =
            new PacketPool(Arena.global().allocate(80 * PacketPool.SLOT, 64));
    private final Output output = new Output(pool);
    private final PortCounters[] counters = new PortCounters[PORTS];
    private final List<WorkerEvent> wanted = new ArrayList<>();
    private final List<String> did = new ArrayList<>();
    private final SlowPath slow;
    private final Forwarder forwarder;
    private final byte dirt;
    private long now;
    private int nextHops;

    /// @param dirt what unused memory is full of
    FuzzRouter(byte dirt) {
        this.dirt = dirt;
        for (int i = 0; i < PORTS; i++) {
            counters[i] = new PortCounters();
            output.attach(i, counters[i]);
        }
        SlowPath.Limits limits = new SlowPath.Limits(1e9, 1e9, 1e9, 1e9, 1e9, 1e9, 4, 3);
        slow = new SlowPath(0, state, output, this::heard, limits);
        forwarder = new Forwarder(state, output, slow);
        ports();
        routes();
        hooks();
    }

    private boolean heard(WorkerEvent event) {
        did.add(event.toString());
        if (event instanceof WorkerEvent.NeighborWanted) {
            wanted.add(event);
        }
        return true;
    }

    private void ports() {
        PortPolicy strict = PortPolicy.NONE.with(ReversePath.STRICT).with(Allowed.PROXY_ARP);
        PortPolicy loose =
                PortPolicy.NONE
                        .with(ReversePath.LOOSE)
                        .with(Allowed.SOURCE_ROUTES)
                        .with(Allowed.REDIRECTS)
                        .with(Allowed.DIRECTED_BROADCASTS)
                        .with(Allowed.ROUTER_ALERTS);
        state.publishPorts(
                new PortState[] {
                    port(0, 1500, true, "10.1.0.1", PortPolicy.NONE, AddressState.VALID),
                    port(1, 1280, true, "10.2.0.1", strict, AddressState.VALID),
                    port(2, 1500, false, "10.3.0.1", PortPolicy.NONE, AddressState.VALID),
                    port(3, 576, true, null, loose, AddressState.TENTATIVE)
                });
    }

    private PortState port(
            int index,
            int mtu,
            boolean up,
            @Nullable String own,
            PortPolicy policy,
            AddressState state) {
        List<PortState.Address> four =
                own == null
                        ? List.of()
                        : List.of(new PortState.Address(Ip4Address.parse(own).bits(), 24));
        Ip6Address global = Ip6Address.parse("2001:db8:" + (index + 1) + "::1");
        Ip6Address near = Ip6Address.parse("fe80::1");
        List<Address6> six =
                List.of(
                        new Address6(global.high(), global.low(), 64, state),
                        new Address6(near.high(), near.low(), 64, state));
        String name = "p" + index;
        return new PortState(
                index, name, this.state.main, TestRouter.MAC0 + index, mtu, up, four, six, policy);
    }

    private void routes() {
        for (int i = 0; i < PORTS; i++) {
            route("10." + (i + 1) + ".0.0/24", Adjacency.link(i));
            route("2001:db8:" + (i + 1) + "::/64", Adjacency.link(i));
        }
        Adjacency[] hosts = new Adjacency[PORTS];
        for (int i = 0; i < PORTS; i++) {
            hosts[i] = host(i, "10." + (i + 1) + ".0.2");
            host(i, "2001:db8:" + (i + 1) + "::2");
        }
        route("10.9.0.0/16", hosts[0], hosts[1], hosts[3], hosts[3]);
        route("2001:db8:9::/48", hosts[0], hosts[1], hosts[3], hosts[2]);
        route("10.10.0.0/16", Adjacency.BLACKHOLE);
        route("10.11.0.0/16", Adjacency.UNREACHABLE);
        route("10.12.0.0/16", Adjacency.PROHIBIT);
        route("2001:db8:10::/48", Adjacency.BLACKHOLE);
        route("2001:db8:11::/48", Adjacency.UNREACHABLE);
        route("2001:db8:bad::/48", Adjacency.PROHIBIT);
        route("10.2.0.9/32", Adjacency.neighbor(1, Ip4Address.parse("10.2.0.9")));
        route("2001:db8:2::9/128", Adjacency.neighbor(1, Ip6Address.parse("2001:db8:2::9")));
    }

    private Adjacency host(int port, String address) {
        IpAddress to = IpAddress.parse(address);
        Adjacency host = Adjacency.neighbor(port, to);
        host.resolve(new Rewrite(TestRouter.HOST0 + port, TestRouter.MAC0 + port));
        route(address + "/" + to.width(), host);
        return host;
    }

    private void route(String prefix, Adjacency... to) {
        state.nextHops.set(++nextHops, new NextHop(to));
        switch (IpPrefix.parse(prefix)) {
            case Ip4Prefix p -> state.main.fib4.put(p.bits(), p.length(), nextHops);
            case Ip6Prefix p -> state.main.fib6.set(p.high(), p.low(), p.length(), nextHops);
        }
    }

    /// One of seven packets by a byte that forwarding leaves alone ends at a hook.
    private void hooks() {
        Hook hook =
                packet ->
                        switch (packet.length % 97) {
                            case 90 -> Verdict.DROP;
                            case 91 -> Verdict.CONSUMED;
                            default -> Verdict.PASS;
                        };
        state.pfil.register("some", hook);
        state.pfil.link(state.pfil.input4(), "some", Pfil.Place.WIRE);
        state.pfil.link(state.pfil.output4(), "some", Pfil.Place.WIRE);
        state.pfil.link(state.pfil.input6(), "some", Pfil.Place.WIRE);
        state.pfil.link(state.pfil.output6(), "some", Pfil.Place.WIRE);
    }

    /// Takes all frames to their end and tells what it did: what it sent, heard and counted.
    List<String> run(List<Arrivals.Arrival> arrivals) {
        did.clear();
        soil();
        long[] before = totals();
        Burst burst = new Burst(Burst.SIZE);
        for (Arrivals.Arrival arrival : arrivals) {
            if (!arrival.is(Arrivals.TOGETHER)) {
                forward(burst);
                neighbors(arrival.is(Arrivals.ANSWERED));
            }
            burst.add(packet(arrival));
        }
        forward(burst);
        neighbors(false);
        tick(LATER);
        neighbors(false);
        assertEachPacketEndedOnce(before);
        return List.copyOf(did);
    }

    /// Fills what is free, so that a byte which was not written shows.
    private void soil() {
        List<Packet> all = new ArrayList<>();
        for (Packet packet = pool.take(); packet != null; packet = pool.take()) {
            packet.memory.asSlice(0, DIRTY).fill(dirt);
            all.add(packet);
        }
        all.forEach(pool::release);
    }

    private Packet packet(Arrivals.Arrival arrival) {
        Packet packet = Objects.requireNonNull(pool.take());
        byte[] frame = arrival.frame();
        packet.memory.asSlice(0, DIRTY).fill(dirt);
        MemorySegment to = packet.memory;
        MemorySegment.copy(frame, 0, to, ValueLayout.JAVA_BYTE, packet.start, frame.length);
        packet.length = frame.length;
        packet.inPort = arrival.port();
        counters[packet.inPort].add(PortCounters.RECEIVED, 1);
        return packet;
    }

    private void forward(Burst burst) {
        tick(1_000_000);
        forwarder.forward(burst);
        burst.clear();
        send();
    }

    private void tick(long later) {
        now += later;
        slow.tick(now);
        send();
    }

    /// Those who were asked for their MAC address tell it, for once, or do not.
    private void neighbors(boolean answer) {
        List<WorkerEvent> asked = List.copyOf(wanted);
        wanted.clear();
        for (WorkerEvent event : asked) {
            WorkerEvent.NeighborWanted one = (WorkerEvent.NeighborWanted) event;
            if (answer) {
                Adjacency there = Adjacency.neighbor(one.port(), one.address());
                there.resolve(new Rewrite(0x020000000909L, TestRouter.MAC0 + one.port()));
                slow.resolved(there);
            } else {
                slow.failed(one.port(), one.address(), Reason.NEIGHBOR_UNRESOLVED);
            }
        }
        send();
    }

    private void send() {
        for (int port = 0; port < PORTS; port++) {
            Burst queue = output.queue(port);
            for (int i = 0; i < queue.count; i++) {
                send(port, queue.packets[i]);
            }
            queue.clear();
        }
    }

    private void send(int port, Packet packet) {
        if (packet.fragmentMtu == 0) {
            note(port, packet);
            output.transmitted(packet, Reason.FORWARDED);
            return;
        }
        int parts = Fragmentation.count(packet);
        assertThat(parts).isBetween(1, 1 << 13);
        for (int i = 0; i < parts; i++) {
            Packet fragment = Objects.requireNonNull(pool.take());
            Fragmentation.cut(packet, i, fragment);
            assertThat(fragment.length - 14).isLessThanOrEqualTo(packet.fragmentMtu);
            note(port, fragment);
            output.partTransmitted(fragment, Reason.FORWARDED);
        }
        output.partsTransmitted(packet, Reason.FORWARDED);
    }

    private void note(int port, Packet packet) {
        byte[] frame =
                packet.memory.asSlice(packet.start, packet.length).toArray(ValueLayout.JAVA_BYTE);
        did.add(port + " " + packet.ending + " " + HexFormat.of().formatHex(frame));
    }

    private long[] totals() {
        long[] totals = new long[PORTS * Reason.values().length];
        int at = 0;
        for (PortCounters each : counters) {
            for (Reason reason : Reason.values()) {
                totals[at++] = each.endings(reason);
            }
        }
        return totals;
    }

    private void assertEachPacketEndedOnce(long[] before) {
        long[] after = totals();
        for (int i = 0; i < after.length; i++) {
            long packets = after[i] - before[i];
            Reason reason = Reason.values()[i % Reason.values().length];
            if (packets != 0) {
                did.add(i / Reason.values().length + " " + reason + " " + packets);
            }
            assertThat(reason == Reason.INTERNAL && packets != 0).isFalse();
        }
        for (PortCounters each : counters) {
            long ended = 0;
            for (Reason reason : Reason.values()) {
                ended += each.endings(reason);
            }
            assertThat(ended).isEqualTo(each.get(PortCounters.RECEIVED));
        }
        assertThat(slow.held()).isZero();
        assertThat(pool.available()).as("packets came back").isEqualTo(pool.size());
    }
}
