package dev.stride.core.forward;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.pfil.Hook;
import dev.stride.core.pfil.HookPoint;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The fast forwarding path of one worker: takes each packet of a burst from check to output to
/// completion.
///
/// Why it is fast: no lock, no allocation, no exception; headers are read in place; everything
/// shared is read from immutable or single-store structures; and the burst passes in two rounds, so
/// that the cache misses of many packets overlap: round one touches every header, the routing table
/// is asked for all destinations at once, round two sends.
///
/// What it leaves to the slow path, whole and as it came: everything that is not unicast IP for
/// somebody else (ARP, our own addresses, broadcasts), everything that ends in an ICMP error (an
/// error quotes the packet as it came, so nothing is changed before every check has passed), IPv4
/// options, and what must wait for a neighbor.
public final class Forwarder {
    private final ForwardingState state;
    private final Output output;
    private final SlowPath slow;
    private final Forwarder6 six;
    private final RouteLeaks leaks;
    private final TableLookup tables = new TableLookup();

    private final Packet[] routed = new Packet[Burst.SIZE];
    private final int[] destinations = new int[Burst.SIZE];
    private final int[] nextHops = new int[Burst.SIZE];

    public Forwarder(ForwardingState state, Output output, SlowPath slow) {
        this.state = state;
        this.output = output;
        this.slow = slow;
        six = new Forwarder6(this, state, output, slow, tables);
        leaks = new RouteLeaks(state, slow);
        slow.attach(this);
    }

    /// Takes every packet of `burst`, at most [Burst#SIZE], to its end. Steps as in RFC 1812
    /// section 5.2.1.
    public void forward(Burst burst) {
        PortState[] ports = state.ports();
        Hook[] input = state.pfil.input4().chain();
        RoutingTable table = state.main;
        LocalAddresses local = table.local();
        boolean mixed = false;
        int count = 0;
        six.clear();
        for (int i = 0; i < burst.count; i++) {
            Packet packet = burst.packets[i];
            MemorySegment m = packet.memory;
            // (1) A frame for us, of a kind we forward
            PortState port = ports[packet.inPort];
            Reason reason = checkFrame(packet, port);
            if (reason != null) {
                output.end(packet, reason);
                continue;
            }
            int ip = packet.start + Ethernet.HEADER;
            int type = Ethernet.type(m, packet.start);
            if (type != Ethernet.IPV4) {
                if (type == Ethernet.IPV6) {
                    six.add(packet);
                } else {
                    slow.other(packet);
                }
                continue;
            }
            if (port.table() != table) { // with most bursts, once
                table = port.table();
                local = table.local();
                mixed |= count > 0;
            }
            // (2) RFC 1812 5.2.2: version, lengths, checksum; 5.3.7, 5.3.8: sources
            reason = Ipv4.validate(m, ip, packet.length - Ethernet.HEADER);
            if (reason == null) {
                reason = checkSource(port, Ipv4.source(m, ip), local);
            }
            if (reason != null) {
                output.end(packet, reason);
                continue;
            }
            packet.length = Ethernet.HEADER + Ipv4.totalLength(m, ip); // without padding
            if (packet.needsChecksum
                    && !packet.isOffloadBehind(Ethernet.HEADER + Ipv4.headerLength(m, ip))) {
                output.end(packet, Reason.OFFLOAD_METADATA);
                continue;
            }
            packet.ending = Reason.FORWARDED; // unless something below says otherwise
            // (3) PFIL input chain
            if (input.length != 0 && HookPoint.run(input, packet) != Verdict.PASS) {
                output.end(packet, packet.ending);
                continue;
            }
            // (4) Options leave the path; RFC 1812 5.2.4
            if (Ipv4.headerLength(m, ip) != Ipv4.HEADER && !slow.options(packet, port)) {
                continue;
            }
            // (5) Local address, broadcast, multicast: not for the routing table
            int destination = Ipv4.destination(m, ip);
            if (local.kindOf(destination) != LocalAddresses.NONE
                    || isSpecial(m, packet, destination)) {
                slow.local(packet, local.kindOf(destination));
                continue;
            }
            routed[count] = packet;
            destinations[count++] = destination;
        }
        // (6) Four-stride lookup of all destinations, misses overlapped
        if (mixed) {
            tables.lookup4(routed, ports, destinations, nextHops, count);
        } else {
            table.fib4.lookup(destinations, 0, nextHops, count);
        }
        @Nullable NextHop[] hops = state.nextHops.slots();
        for (int i = 0; i < count; i++) {
            send(routed[i], NextHopTable.at(hops, nextHops[i]), ports, false);
        }
        six.forward(ports);
    }

    /// Sends a packet of the router's own making, or an answer made in place, by a routing table.
    /// The IP header is at `start + 14` and finished.
    void originate(Packet packet, RoutingTable table) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        boolean v6 = isIpv6(packet);
        int id =
                v6
                        ? table.fib6.lookup(Ipv6.destinationHigh(m, ip), Ipv6.destinationLow(m, ip))
                        : table.fib4.lookup(Ipv4.destination(m, ip));
        send(packet, NextHopTable.at(state.nextHops.slots(), id), state.ports(), v6);
    }

    static boolean isIpv6(Packet packet) {
        return Ethernet.type(packet.memory, packet.start) == Ethernet.IPV6;
    }

    /// The second round, for one packet. Nothing is changed before every check has passed.
    void send(Packet packet, @Nullable NextHop nextHop, PortState[] ports, boolean v6) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        if (nextHop == null) {
            slow.refuse(packet, Reason.NO_ROUTE);
            return;
        }
        Adjacency adjacency = nextHop.select(nextHop.isSingle() ? 0 : flowHash(m, ip, v6));
        boolean transit = isTransit(packet, v6);
        // (7) TTL, RFC 1812 5.3.1; hop limit, RFC 8200 section 3
        if (transit && ttl(m, ip, v6) <= 1) {
            slow.refuse(packet, Reason.TTL_EXPIRED);
            return;
        }
        if (adjacency.kind == Adjacency.Kind.TABLE) {
            adjacency = leaks.follow(packet, adjacency, flowHash(m, ip, v6), v6, transit);
            if (adjacency == null) {
                return;
            }
        }
        if (adjacency.port < 0) {
            slow.refuse(packet, refusal(adjacency));
            return;
        }
        deliver(packet, adjacency, ports[adjacency.port], v6);
    }

    /// Whether it is not of the router's own making.
    private static boolean isTransit(Packet packet, boolean v6) {
        return packet.ending == (v6 ? Reason.FORWARDED_IPV6 : Reason.FORWARDED);
    }

    private static int flowHash(MemorySegment m, int ip, boolean v6) {
        return v6 ? FlowHash.of6(m, ip) : FlowHash.of(m, ip);
    }

    private static int ttl(MemorySegment m, int ip, boolean v6) {
        return v6 ? Ipv6.hopLimit(m, ip) : Ipv4.ttl(m, ip);
    }

    /// The last steps towards a port: again for packets that waited for their neighbor.
    void deliver(Packet packet, Adjacency adjacency, PortState out, boolean v6) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        packet.outPort = out.index();
        if (!out.up()) {
            slow.refuse(packet, Reason.PORT_DOWN);
            return;
        }
        // (8) MTU; of a super-frame, that of the segments it stands for; RFC 1812 5.2.6
        if (datagramLength(packet) > out.mtu() && !slow.mayBeCut(packet, out.mtu())) {
            return;
        }
        // (9) Neighbor
        Rewrite rewrite = adjacency.rewrite();
        if (rewrite == null) {
            slow.hold(packet, adjacency);
            return;
        }
        adjacency.markUsed();
        // (10) PFIL output chain
        Hook[] hooks = (v6 ? state.pfil.output6() : state.pfil.output4()).chain();
        if (hooks.length != 0 && HookPoint.run(hooks, packet) != Verdict.PASS) {
            output.end(packet, packet.ending);
            return;
        }
        // (11) From here on the packet is changed, and leaves
        if (isTransit(packet, v6)) {
            if (packet.inPort == packet.outPort) {
                slow.turned(packet, adjacency, rewrite.destinationMac(), out, v6);
            }
            if (v6) {
                Ipv6.decrementHopLimit(m, ip);
            } else {
                if (Ipv4.headerLength(m, ip) != Ipv4.HEADER) {
                    slow.writeOptions(packet, adjacency);
                }
                Ipv4.decrementTtl(m, ip);
            }
        }
        Ethernet.rewrite(m, packet.start, rewrite.destinationMac(), rewrite.sourceMac());
        output.transmit(packet);
    }

    private static @Nullable Reason checkFrame(Packet packet, PortState port) {
        if (packet.ending == Reason.OFFLOAD_METADATA) { // the port found it
            return packet.ending;
        }
        if (packet.length < Ethernet.HEADER) {
            return Reason.FRAME_TRUNCATED;
        }
        if (isGroup(Ethernet.source(packet.memory, packet.start))) {
            return Reason.SOURCE_MAC;
        }
        long destination = Ethernet.destination(packet.memory, packet.start);
        return destination == port.mac() || isGroup(destination) ? null : Reason.NOT_OUR_MAC;
    }

    static boolean isGroup(long mac) {
        return (mac & MacAddress.GROUP_BIT) != 0;
    }

    private @Nullable Reason checkSource(PortState port, int source, LocalAddresses local) {
        if (isMartianSource(source, local)) {
            return Reason.MARTIAN_SOURCE;
        }
        boolean asked = port.policy().reversePath() != PortPolicy.ReversePath.OFF;
        return asked && !ForwardingState.passesReversePath(port, state.route4(port.table(), source))
                ? Reason.REVERSE_PATH
                : null;
    }

    /// RFC 1812 section 5.3.7: this network, loopback, multicast and class E; and our own
    /// addresses, which only we use.
    private static boolean isMartianSource(int source, LocalAddresses local) {
        int top = source >>> 24;
        return top == 0 || top == 127 || top >= 224 || local.kindOf(source) != LocalAddresses.NONE;
    }

    /// Destinations and frames that are never forwarded: 0/8, 127/8, 224/3, and link-layer
    /// broadcasts.
    static boolean isSpecial(MemorySegment m, Packet packet, int destination) {
        return isNoStation(destination) || isGroup(Ethernet.destination(m, packet.start));
    }

    /// 0/8, 127/8, 224/3.
    static boolean isNoStation(int address) {
        int top = address >>> 24;
        return top == 0 || top == 127 || top >= 224;
    }

    /// Bytes of the datagram that the link must carry.
    static int datagramLength(Packet packet) {
        int length =
                packet.gsoType == Packet.GSO_NONE
                        ? packet.length
                        : Math.min(packet.length, packet.gsoHeaderLength + packet.gsoSize);
        return length - Ethernet.HEADER;
    }

    private static Reason refusal(Adjacency adjacency) {
        return switch (adjacency.kind) {
            case BLACKHOLE -> Reason.BLACKHOLE;
            case UNREACHABLE -> Reason.UNREACHABLE;
            case PROHIBIT -> Reason.PROHIBITED;
            case NEIGHBOR, LINK, TABLE -> Reason.INTERNAL;
        };
    }
}
