package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.fragment.Fragmentation;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// One worker's data path over memory: two ports, a host behind each, and the default route through
/// the second.
///
/// Port 0: 10.1.0.1/24, host 10.1.0.2. Port 1: 10.2.0.1/24, host 10.2.0.2, MTU as given.
final class TestRouter {
    static final long MAC0 = 0x02005e100001L;
    static final long MAC1 = 0x02005e100002L;
    static final long HOST0 = 0x020000000102L;
    static final long HOST1 = 0x020000000202L;

    final ForwardingState state = new ForwardingState(new Quiescence());
    final PortCounters[] counters = {new PortCounters(), new PortCounters()};
    final PacketPool pool = new PacketPool(Arena.ofAuto().allocate(256 * PacketPool.SLOT, 64));
    final Output output = new Output(pool);

    {
        output.attach(0, counters[0]);
        output.attach(1, counters[1]);
    }

    final List<WorkerEvent> events = new ArrayList<>();
    final SlowPath slow;
    final Forwarder forwarder;
    final Adjacency host0 = Adjacency.neighbor(0, Ip4Address.parse("10.1.0.2"));
    final Adjacency host1 = Adjacency.neighbor(1, Ip4Address.parse("10.2.0.2"));
    private int nextHops;

    TestRouter(int mtu1) {
        slow =
                new SlowPath(
                        0,
                        state,
                        output,
                        events::add,
                        new SlowPath.Limits(1e6, 1e6, 1e6, 1e6, 1e6, 1e6, 4, 3));
        forwarder = new Forwarder(state, output, slow);
        state.publishPorts(
                new PortState[] {port(0, MAC0, 1500, "10.1.0.1"), port(1, MAC1, mtu1, "10.2.0.1")});
        host0.resolve(new Rewrite(HOST0, MAC0));
        host1.resolve(new Rewrite(HOST1, MAC1));
        route("10.1.0.0/24", Adjacency.link(0));
        route("10.2.0.0/24", Adjacency.link(1));
        route("10.1.0.2/32", host0);
        route("10.2.0.2/32", host1);
    }

    private PortState port(int index, long mac, int mtu, String address) {
        PortState.Address own = new PortState.Address(Ip4Address.parse(address).bits(), 24);
        return new PortState(index, "p" + index, state.main, mac, mtu, true, List.of(own));
    }

    void route(String prefix, Adjacency to) {
        Ip4Prefix p = Ip4Prefix.parse(prefix);
        state.nextHops.set(++nextHops, new NextHop(to));
        state.main.fib4.put(p.bits(), p.length(), nextHops);
    }

    /// Lets frames arrive on a port as one burst.
    void receive(int port, byte[]... frames) {
        Burst burst = new Burst(Burst.SIZE);
        for (byte[] frame : frames) {
            burst.add(packet(port, frame));
        }
        receive(burst);
    }

    void receive(Burst burst) {
        for (int i = 0; i < burst.count; i++) {
            counters[burst.packets[i].inPort].add(PortCounters.RECEIVED, 1);
        }
        forwarder.forward(burst);
    }

    /// A packet with these bytes in a slot whose rest is 0xa5.
    Packet packet(int port, byte[] frame) {
        Packet packet = Objects.requireNonNull(pool.take());
        packet.memory.asSlice(0, 4096).fill((byte) 0xa5);
        MemorySegment.copy(
                frame, 0, packet.memory, ValueLayout.JAVA_BYTE, packet.start, frame.length);
        packet.length = frame.length;
        packet.inPort = port;
        return packet;
    }

    /// Takes what was queued for a port, as if the port had sent it: long packets in fragments.
    List<byte[]> sent(int port) {
        List<byte[]> frames = new ArrayList<>();
        Burst queue = output.queue(port);
        for (int i = 0; i < queue.count; i++) {
            Packet packet = queue.packets[i];
            if (packet.fragmentMtu == 0) {
                frames.add(bytes(packet));
                output.transmitted(packet, Reason.FORWARDED);
                continue;
            }
            for (int part = 0; part < Fragmentation.count(packet); part++) {
                Packet fragment = Objects.requireNonNull(pool.take());
                Fragmentation.cut(packet, part, fragment);
                frames.add(bytes(fragment));
                output.partTransmitted(fragment, Reason.FORWARDED);
            }
            output.partsTransmitted(packet, Reason.FORWARDED);
        }
        queue.clear();
        return frames;
    }

    private static byte[] bytes(Packet packet) {
        return packet.memory.asSlice(packet.start, packet.length).toArray(ValueLayout.JAVA_BYTE);
    }

    /// How the packets from a port ended, without the endings that none had.
    Map<Reason, Long> endings(int port) {
        Map<Reason, Long> endings = new EnumMap<>(Reason.class);
        for (Reason reason : Reason.values()) {
            if (counters[port].endings(reason) > 0) {
                endings.put(reason, counters[port].endings(reason));
            }
        }
        return endings;
    }
}
