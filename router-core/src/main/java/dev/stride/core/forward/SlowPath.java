package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fragment.Fragmentation;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// What the fast path leaves, whole: one entry for each way out of it. Belongs to its worker, like
/// the [Forwarder].
public final class SlowPath {
    /// Bounds of the slow path, each for one worker; those of messages for each port that asks.
    ///
    /// @param errorsPerSecond ICMP errors in the long run, and `errorBurst` at once
    /// @param echoesPerSecond echo replies in the long run, and `echoBurst` at once
    /// @param resetsPerSecond TCP resets in the long run, and `errorBurst` at once
    /// @param redirectsPerSecond redirects in the long run, and `errorBurst` at once
    /// @param heldNeighbors neighbors that packets may wait for, and `heldPackets` for each
    public record Limits(
            double errorsPerSecond,
            double errorBurst,
            double echoesPerSecond,
            double echoBurst,
            double resetsPerSecond,
            double redirectsPerSecond,
            int heldNeighbors,
            int heldPackets) {}

    private final int worker;
    private final ForwardingState state;
    private final Output output;
    private final WorkerEvent.Sink control;
    private final HoldQueue hold;
    private final IcmpErrors errors;
    private final Icmp6Errors errors6;
    private final Reassembly reassembly;
    private final Redirects redirects;
    private final OptionsInput options;
    private final Punt punt;
    private final ArpInput arp;
    private final TcpResets resets;
    private final LocalDelivery local;
    private final LocalDelivery6 local6;
    private final NdInput neighbors;

    private @Nullable Forwarder forwarder; // set once, by the forwarder's constructor
    private @Nullable Packet inHand; // that has waited and goes on
    private long nowNanos;
    private long utcNanos; // from the clock of [#tick] to UT

    public SlowPath(
            int worker,
            ForwardingState state,
            Output output,
            WorkerEvent.Sink control,
            Limits limits) {
        this.worker = worker;
        this.state = state;
        this.output = output;
        this.control = control;
        this.hold = new HoldQueue(limits.heldNeighbors(), limits.heldPackets());
        this.errors = new IcmpErrors(this, state, output, limits);
        this.errors6 = new Icmp6Errors(this, state, output, limits);
        this.redirects = new Redirects(this, output, errors, errors6, limits);
        this.punt = new Punt(state, output);
        this.options = new OptionsInput(this, state, output, errors, punt);
        LinkEvents events = new LinkEvents(this, control);
        this.arp = new ArpInput(state, output, events, punt);
        this.reassembly =
                new Reassembly(worker, Reassembly.DATAGRAMS, state, errors, errors6, output);
        this.resets = new TcpResets(this, options, output, limits);
        this.local =
                new LocalDelivery(
                        this, state, options, errors, resets, reassembly, punt, output, limits);
        this.neighbors = new NdInput(state, output, events, punt);
        this.local6 =
                new LocalDelivery6(
                        this, state, errors6, resets, neighbors, reassembly, punt, output, limits);
    }

    /// Other bounds from now on, but for what is held, which keeps its bounds.
    public void limit(Limits limits) {
        errors.limit(limits);
        errors6.limit(limits);
        redirects.limit(limits);
        resets.limit(limits);
        local.limit(limits);
        local6.limit(limits);
    }

    void attach(Forwarder to) {
        forwarder = to;
    }

    private Forwarder forwarder() {
        Forwarder f = forwarder;
        assert f != null;
        return f;
    }

    /// Puts datagrams together with other workers from now on; what they hand over is for
    /// [#fragment].
    public void share(FragmentHandover with) {
        reassembly.share(with);
    }

    /// Takes a fragment that another worker has received to its end.
    ///
    /// @param port that it came by
    /// @param frame as it was handed over
    public void fragment(int port, byte[] frame) {
        Packet packet = copy(frame);
        if (packet == null) {
            output.end(port, Reason.NO_MEMORY, 1);
            return;
        }
        inHand = packet;
        packet.inPort = port;
        if (Forwarder.isIpv6(packet)) {
            local6.receive(packet);
        } else {
            local.receive(packet);
        }
        inHand = null;
    }

    /// Ends what waits and came from a port or was to leave by it: the port goes.
    public void detached(int port) {
        hold.dropAll(port, output);
        reassembly.dropAll(port);
    }

    /// Tells the time, once a round, and does what is due.
    ///
    /// @return how much that was; what is to be sent for it is queued
    public int tick(long now) {
        nowNanos = now;
        punt.tick(now);
        return reassembly.expire(now);
    }

    long now() {
        return nowNanos;
    }

    /// Tells what the clock of [#tick] is behind UT, in nanoseconds since 1970: 0 until then.
    public void setUtc(long behindNanos) {
        utcNanos = behindNanos;
    }

    /// Milliseconds since 1970.
    long utcMillis() {
        return (nowNanos + utcNanos) / 1_000_000;
    }

    /// A valid IPv4 datagram with options.
    ///
    /// @return whether it goes on; if not, it has come to its end
    boolean options(Packet packet, PortState port) {
        return options.receive(packet, port);
    }

    /// The same when it leaves.
    void writeOptions(Packet packet, Adjacency to) {
        options.forward(packet, to);
    }

    /// A packet that leaves by the port that it came from, as it came.
    ///
    /// @param mac of its next hop
    void turned(Packet packet, Adjacency to, long mac, PortState port, boolean v6) {
        redirects.look(packet, to, mac, port, v6);
    }

    /// A frame that is not IP.
    void other(Packet packet) {
        switch (Ethernet.type(packet.memory, packet.start)) {
            case Ethernet.ARP -> arp.receive(packet);
            default -> {
                if (!punt.link(packet)) {
                    output.end(packet, Reason.ETHERTYPE);
                }
            }
        }
    }

    /// A valid datagram that is not for the routing table.
    ///
    /// @param kind what [LocalAddresses] says of the destination
    void local(Packet packet, int kind) {
        int destination = Ipv4.destination(packet.memory, packet.start + Ethernet.HEADER);
        int top = destination >>> 24;
        if (kind == LocalAddresses.OWN) {
            local.receive(packet);
        } else if (kind == LocalAddresses.BROADCAST) {
            broadcast(packet, destination);
        } else if (Ipv4.isMulticast(destination)) {
            if (!punt.group4(packet, destination)) {
                output.end(packet, Reason.MULTICAST);
            }
        } else if (top == 0 || top == 127 || top >= 240) {
            output.end(packet, Reason.MARTIAN_DESTINATION);
        } else {
            output.end(packet, Reason.LINK_BROADCAST);
        }
    }

    /// A datagram for all stations of a link goes there if it comes from elsewhere and the link's
    /// port is set so (RFC 1812 section 5.3.5.2, RFC 2644).
    private void broadcast(Packet packet, int destination) {
        PortState[] ports = state.ports();
        RoutingTable table = ports[packet.inPort].table();
        for (PortState port : ports) {
            if (port.policy().allows(PortPolicy.Allowed.DIRECTED_BROADCASTS)
                    && port.table() == table
                    && port.index() != packet.inPort
                    && port.hasBroadcast(destination)
                    && !Forwarder.isGroup(Ethernet.destination(packet.memory, packet.start))) {
                Adjacency all = Adjacency.neighbor(port.index(), new Ip4Address(destination));
                all.resolve(new Rewrite(MacAddress.BROADCAST, port.mac()));
                send(packet, new NextHop(all));
                return;
            }
        }
        output.end(packet, Reason.BROADCAST);
    }

    /// A valid IPv6 datagram for one of our addresses or groups.
    void local6(Packet packet) {
        local6.receive(packet);
    }

    /// A valid IPv6 datagram from one of our addresses, which somebody else claims with it perhaps.
    ///
    /// @return how it ends
    Reason claimed6(Packet packet) {
        return neighbors.claimed(packet);
    }

    /// A valid IPv6 datagram for a group that the router itself does not listen to.
    void otherGroup6(Packet packet, long high, long low) {
        if (!punt.has(packet.inPort) || !local6.isForHost(packet, high, low)) {
            output.end(packet, Reason.MULTICAST);
        }
    }

    /// A port has a companion from now on, by which the host speaks on its link.
    ///
    /// @param companion its index, as of a port
    public void pair(int port, int companion, CompanionRates rates) {
        punt.pair(port, companion, rates);
    }

    /// The reverse of [#pair].
    public void part(int port) {
        punt.part(port);
    }

    /// A frame of the host's that is to leave by a port.
    public void fromHost(Packet packet, int port) {
        punt.down(packet, port);
    }

    /// A packet that cannot go on; its sender is told where the RFCs want that.
    void refuse(Packet packet, Reason reason) {
        if (Forwarder.isIpv6(packet)) {
            errors6.refused(packet, reason);
            output.end(packet, reason);
            return;
        }
        switch (reason) {
            case TTL_EXPIRED -> errors.send(packet, Icmp4.TIME_EXCEEDED, 0, 0);
            case NO_ROUTE -> unreachable(packet, Icmp4.NET_UNREACHABLE);
            case PORT_DOWN, UNREACHABLE, NEIGHBOR_UNRESOLVED ->
                    unreachable(packet, Icmp4.HOST_UNREACHABLE);
            case PROHIBITED -> unreachable(packet, Icmp4.PROHIBITED);
            default -> {} // silence
        }
        output.end(packet, reason);
    }

    private void unreachable(Packet packet, int code) {
        errors.send(packet, Icmp4.UNREACHABLE, code, 0);
    }

    /// A packet longer than the MTU of its egress, in bytes: is marked to be cut by the worker on
    /// its way to the port, or ends.
    ///
    /// @return whether it goes on
    boolean mayBeCut(Packet packet, int mtu) {
        if (Fragmentation.mayCut(packet, mtu)) {
            packet.fragmentMtu = mtu;
            return true;
        }
        tooBig(packet, mtu);
        return false;
    }

    private void tooBig(Packet packet, int mtu) {
        int ip = packet.start + Ethernet.HEADER;
        if (Forwarder.isIpv6(packet)) {
            errors6.send(packet, Icmp6.TOO_BIG, 0, mtu); // RFC 8201
            output.end(packet, Reason.MTU_EXCEEDED);
            return;
        }
        if (!Ipv4.dontFragment(packet.memory, ip)) {
            output.end(packet, Reason.NOT_FRAGMENTABLE);
            return;
        }
        errors.send(packet, Icmp4.UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, mtu); // RFC 1191
        output.end(packet, Reason.MTU_EXCEEDED);
    }

    /// A packet whose neighbor is not resolved: it waits, and the control thread hears of it once.
    void hold(Packet packet, Adjacency adjacency) {
        IpAddress address = adjacency.address;
        if (address == null) {
            address = destination(packet);
        }
        int port = adjacency.port;
        long high = Adjacency.keyHigh(address);
        long low = Adjacency.keyLow(address);
        boolean first = hold.add(packet, port, high, low, output);
        if (first && !control.offer(new WorkerEvent.NeighborWanted(worker, port, address))) {
            // The control thread is swamped: nobody would ever release the packet.
            release(port, high, low, null, Reason.NEIGHBOR_TABLE_FULL);
        }
    }

    private static IpAddress destination(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        return Forwarder.isIpv6(packet)
                ? new Ip6Address(Ipv6.destinationHigh(m, ip), Ipv6.destinationLow(m, ip))
                : new Ip4Address(Ipv4.destination(m, ip));
    }

    /// A neighbor is resolved: what waited for it goes out.
    public void resolved(Adjacency adjacency) {
        release(
                adjacency.port,
                adjacency.keyHigh,
                adjacency.keyLow,
                adjacency,
                Reason.NEIGHBOR_UNRESOLVED);
    }

    /// A neighbor did not answer, or is not asked for any more: what waited for it is dropped.
    public void failed(int port, IpAddress address, Reason reason) {
        release(port, Adjacency.keyHigh(address), Adjacency.keyLow(address), null, reason);
    }

    private void release(int port, long high, long low, @Nullable Adjacency to, Reason otherwise) {
        PortState[] ports = state.ports();
        for (Packet packet = hold.take(port, high, low);
                packet != null;
                packet = hold.take(port, high, low)) {
            inHand = packet;
            if (to != null && to.rewrite() != null) {
                forwarder().deliver(packet, to, ports[to.port], Forwarder.isIpv6(packet));
            } else {
                refuse(packet, otherwise);
            }
            inHand = null;
        }
    }

    /// The packet that [#resolved] or [#failed] worked on when it ended by a bug, to be ended by
    /// the caller, which calls again for the others; null where none is left.
    public @Nullable Packet takeInHand() {
        Packet packet = inHand;
        inHand = null;
        return packet;
    }

    /// Sends a valid IPv4 datagram, by what the routing table says of its destination.
    void send(Packet packet, @Nullable NextHop to) {
        forwarder().send(packet, to, state.ports(), false);
    }

    /// Sends a packet of our own making, whose IP header is finished, by the routing table of a
    /// port.
    ///
    /// @param arrived where what it is about came by
    void originate(Packet packet, PortState arrived) {
        forwarder().originate(packet, arrived.table());
    }

    /// Sends an answer that was made in place, by the routing table of the port that the question
    /// came by.
    void answer(Packet packet) {
        originate(packet, state.ports()[packet.inPort]);
    }

    /// Sends a packet that answers another on its link, back to the station that sent it.
    ///
    /// @param mac that station, in the lower 48 bits
    void sendBack(Packet packet, PortState port, long mac) {
        Ethernet.rewrite(packet.memory, packet.start, mac, port.mac());
        packet.outPort = port.index();
        if (packet.length - Ethernet.HEADER <= port.mtu() || mayBeCut(packet, port.mtu())) {
            output.transmit(packet);
        }
    }

    /// Sends a frame of the control thread's making from a port that is up.
    public void send(int port, byte[] frame) {
        Packet packet = state.ports()[port].up() ? copy(frame) : null;
        if (packet != null) {
            packet.outPort = port;
            output.transmit(packet);
        }
    }

    private @Nullable Packet copy(byte[] frame) {
        Packet packet = output.take();
        if (packet != null) {
            MemorySegment.copy(
                    frame, 0, packet.memory, ValueLayout.JAVA_BYTE, packet.start, frame.length);
            packet.length = frame.length;
        }
        return packet;
    }

    /// Packets that wait for neighbors.
    public int held() {
        return hold.held();
    }
}
