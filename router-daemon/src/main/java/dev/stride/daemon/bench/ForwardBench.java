package dev.stride.daemon.bench;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.Forwarder;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.LocalAddresses;
import dev.stride.core.forward.Output;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// How many packets a second one thread takes from check to output, without a kernel: the whole
/// forwarding path between two ports in memory, with a full table and no hook. Frames have the 60
/// bytes of the shortest on Ethernet. A frame's arrival is part of it: the copy into packet memory
/// that a port's system call would make.
public final class ForwardBench {
    private static final int RUNS = 5;
    private static final long RUN_NS = 500_000_000;
    private static final int POOL = 512; // packets: more than a burst, as a worker's
    private static final int FRAME = 60;
    private static final int IP = Ethernet.HEADER;
    private static final long[] OWN_MAC = {0x02005e100001L, 0x02005e100002L};
    private static final long HOST_MAC = 0x020000000202L;

    private final ForwardingState state = new ForwardingState(new Quiescence());
    private final PortCounters[] counters = {new PortCounters(), new PortCounters()};
    private final PacketPool pool =
            new PacketPool(Arena.ofAuto().allocate((long) POOL * PacketPool.SLOT, 64));
    private final Output output = new Output(pool);
    private final Forwarder forwarder;
    private final MemorySegment frame = Arena.ofAuto().allocate(FRAME, 8);
    private final long headerSum; // without the destination
    private final Burst burst = new Burst(Burst.SIZE);
    private final List<Trace> traces;

    /// @param table of IPv4
    public ForwardBench(BenchTable table) {
        SlowPath.Limits limits = new SlowPath.Limits(1, 1, 1, 1, 1, 1, 1, 1);
        output.attach(0, counters[0]);
        output.attach(1, counters[1]);
        SlowPath slow = new SlowPath(0, state, output, event -> true, limits);
        forwarder = new Forwarder(state, output, slow);
        PortState[] ports = {port(0, "198.18.0.1"), port(1, "198.19.0.1")};
        state.publishPorts(ports);
        for (int i = 0; i < table.size(); i++) {
            lead(table.nextHop(i));
            Tables.set(state.main.fib4, state.main.fib6, table.prefix(i), table.nextHop(i));
        }
        headerSum = fill(frame);
        traces = Trace.make(table);
    }

    private PortState port(int index, String address) {
        int bits = Ip4Address.parse(address).bits();
        List<PortState.Address> own = List.of(new PortState.Address(bits, 24));
        return new PortState(index, "memory" + index, state.main, OWN_MAC[index], 1500, true, own);
    }

    /// Lets a next hop's number lead to a neighbor of its own on port 1.
    private void lead(int nextHop) {
        if (nextHop < state.nextHops.slots().length && state.nextHops.slots()[nextHop] != null) {
            return;
        }
        Ip4Address address = new Ip4Address(Ip4Address.parse("198.19.0.1").bits() + nextHop);
        Adjacency neighbor = Adjacency.neighbor(1, address);
        neighbor.resolve(new Rewrite(HOST_MAC + nextHop, OWN_MAC[1]));
        state.nextHops.set(nextHop, new NextHop(neighbor));
    }

    /// A UDP datagram with TTL 64 to port 0; returns the sum of its IPv4 header.
    private static long fill(MemorySegment frame) {
        Ethernet.rewrite(frame, 0, OWN_MAC[0], HOST_MAC);
        Bytes.put16(frame, 12, Ethernet.IPV4);
        Bytes.put16(frame, IP, 0x4500);
        Bytes.put16(frame, IP + 2, FRAME - IP);
        Bytes.put16(frame, IP + 8, 0x4011);
        Bytes.put32(frame, IP + 12, Ip4Address.parse("198.18.0.2").bits());
        return Checksum.add(0, frame, IP, Ipv4.HEADER);
    }

    /// Measures; hands each row on as it is ready.
    ///
    /// @throws IllegalStateException when a packet with a route is not sent
    public void run(Consumer<BenchRow> rows) {
        for (Trace trace : traces) {
            int[] destinations = destinations(trace);
            double[] runs = new double[RUNS];
            measure(destinations); // warms up
            for (int i = 0; i < RUNS; i++) {
                runs[i] = measure(destinations);
            }
            rows.accept(BenchRow.of("stride forward", trace.name(), "packets", runs));
        }
    }

    /// What of a trace goes the fast path, cut to whole bursts.
    private int[] destinations(Trace trace) {
        int[] forwarded =
                IntStream.range(0, trace.length())
                        .map(trace::four)
                        .filter(this::isForwarded)
                        .toArray();
        return Arrays.copyOf(forwarded, forwarded.length - forwarded.length % Burst.SIZE);
    }

    private boolean isForwarded(int address) {
        int top = address >>> 24;
        return top != 0
                && top != 127
                && top < 224
                && state.main.local().kindOf(address) == LocalAddresses.NONE;
    }

    private double measure(int[] destinations) {
        long packets = 0;
        long start = System.nanoTime();
        long elapsed;
        do {
            pass(destinations);
            packets += destinations.length;
            elapsed = System.nanoTime() - start;
        } while (elapsed < RUN_NS);
        return packets * 1e3 / elapsed;
    }

    private void pass(int[] destinations) {
        for (int i = 0; i < destinations.length; i += Burst.SIZE) {
            burst.clear();
            for (int j = i; j < i + Burst.SIZE; j++) {
                arrive(destinations[j]);
            }
            counters[0].add(PortCounters.RECEIVED, Burst.SIZE);
            counters[0].add(PortCounters.RECEIVED_BYTES, Burst.SIZE * FRAME);
            forwarder.forward(burst);
            leave();
        }
    }

    private void arrive(int destination) {
        Packet packet = Objects.requireNonNull(pool.take());
        packet.length = FRAME;
        packet.inPort = 0;
        long start = packet.start;
        MemorySegment.copy(frame, 0, packet.memory, start, FRAME);
        Bytes.put32(packet.memory, start + IP + 16, destination);
        int checksum = Checksum.finish(headerSum + (destination & 0xffff_ffffL));
        Bytes.put16(packet.memory, start + IP + 10, checksum);
        burst.add(packet);
    }

    private void leave() {
        Burst queue = output.queue(1);
        if (queue.count != Burst.SIZE) {
            throw new IllegalStateException(
                    queue.count + " of " + Burst.SIZE + " packets with a route were sent");
        }
        for (int i = 0; i < queue.count; i++) {
            output.transmitted(queue.packets[i], Reason.FORWARDED);
        }
        queue.clear();
    }
}
