package dev.stride.core.forward;

import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.pfil.Hook;
import dev.stride.core.pfil.HookPoint;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The IPv6 packets of a burst: the checks of IPv6 and the lookup; the rest of the way is the
/// [Forwarder]'s. They come behind the IPv4 packets of their burst.
final class Forwarder6 {
    private final Forwarder forwarder;
    private final ForwardingState state;
    private final Output output;
    private final SlowPath slow;
    private final TableLookup tables;

    private final Packet[] packets = new Packet[Burst.SIZE];
    private final long[] highs = new long[Burst.SIZE];
    private final long[] lows = new long[Burst.SIZE];
    private final int[] nextHops = new int[Burst.SIZE];
    private int count;

    Forwarder6(
            Forwarder forwarder,
            ForwardingState state,
            Output output,
            SlowPath slow,
            TableLookup tables) {
        this.forwarder = forwarder;
        this.state = state;
        this.output = output;
        this.slow = slow;
        this.tables = tables;
    }

    void clear() {
        count = 0;
    }

    /// Takes a frame of EtherType IPv6 that is for us.
    void add(Packet packet) {
        packets[count++] = packet;
    }

    /// Takes what was added to its end.
    void forward(PortState[] ports) {
        if (count == 0) {
            return;
        }
        Hook[] input = state.pfil.input6().chain();
        RoutingTable table = state.main;
        LocalAddresses6 local = table.local6();
        boolean mixed = false;
        int routed = 0;
        for (int i = 0; i < count; i++) {
            Packet packet = packets[i];
            PortState port = ports[packet.inPort];
            if (port.table() != table) {
                table = port.table();
                local = table.local6();
                mixed |= routed > 0;
            }
            Reason reason = check(packet, port, local);
            if (reason == null && input.length != 0) {
                reason = HookPoint.run(input, packet) == Verdict.PASS ? null : packet.ending;
            }
            if (reason != null) {
                output.end(packet, reason);
            } else if (isForTable(packet, port, local)) {
                packets[routed++] = packet;
            }
        }
        for (int i = 0; i < routed; i++) {
            MemorySegment m = packets[i].memory;
            int ip = packets[i].start + Ethernet.HEADER;
            highs[i] = Ipv6.destinationHigh(m, ip);
            lows[i] = Ipv6.destinationLow(m, ip);
        }
        if (mixed) {
            tables.lookup6(packets, ports, highs, lows, nextHops, routed);
        } else {
            table.fib6.lookup(highs, lows, 0, nextHops, routed);
        }
        @Nullable NextHop[] hops = state.nextHops.slots();
        for (int i = 0; i < routed; i++) {
            forwarder.send(packets[i], NextHopTable.at(hops, nextHops[i]), ports, true);
        }
    }

    private @Nullable Reason check(Packet packet, PortState port, LocalAddresses6 local) {
        if (!port.speaks6()) {
            return Reason.IPV6_OFF;
        }
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        Reason reason = Ipv6.validate(m, ip, packet.length - Ethernet.HEADER);
        if (reason != null) {
            return reason;
        }
        long high = Ipv6.sourceHigh(m, ip);
        long low = Ipv6.sourceLow(m, ip);
        if (Ipv6.isMulticast(high) || Ipv6.isMartian(high, low)) {
            return Reason.MARTIAN_SOURCE;
        }
        if (local.contains(high, low)) {
            return slow.claimed6(packet);
        }
        if (port.policy().reversePath() != PortPolicy.ReversePath.OFF
                && !Ipv6.isLinkLocal(high) // it is of this link
                && !Ipv6.isUnspecified(high, low)
                && !ForwardingState.passesReversePath(
                        port, state.route6(port.table(), high, low))) {
            return Reason.REVERSE_PATH;
        }
        packet.length = Ethernet.HEADER + Ipv6.HEADER + Ipv6.payloadLength(m, ip);
        if (packet.needsChecksum && !packet.isOffloadBehind(Ethernet.HEADER + Ipv6.HEADER)) {
            return Reason.OFFLOAD_METADATA;
        }
        packet.ending = Reason.FORWARDED_IPV6; // unless something below says otherwise
        return null;
    }

    /// Whether the routing table decides; if not, the packet has come to its end.
    private boolean isForTable(Packet packet, PortState port, LocalAddresses6 local) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        long high = Ipv6.destinationHigh(m, ip);
        long low = Ipv6.destinationLow(m, ip);
        if (Ipv6.isMulticast(high)) {
            if (port.joined6(high, low)) {
                slow.local6(packet);
            } else {
                slow.otherGroup6(packet, high, low);
            }
        } else if (Forwarder.isGroup(Ethernet.destination(m, packet.start))) {
            output.end(packet, Reason.LINK_BROADCAST);
        } else if (Ipv6.isUnspecified(Ipv6.sourceHigh(m, ip), Ipv6.sourceLow(m, ip))) {
            output.end(packet, Reason.MARTIAN_SOURCE); // RFC 4291 section 2.5.2
        } else if (local.contains(high, low) || isOwn(port, high, low)) {
            slow.local6(packet);
        } else if (Ipv6.isUnspecified(high, low) || Ipv6.isMartian(high, low)) {
            output.end(packet, Reason.MARTIAN_DESTINATION);
        } else if (Ipv6.isLinkLocal(high)) {
            output.end(packet, Reason.IPV6_SCOPE);
        } else if (Ipv6.isLinkLocal(Ipv6.sourceHigh(m, ip))) {
            slow.refuse(packet, Reason.IPV6_SCOPE);
        } else {
            return true;
        }
        return false;
    }

    private static boolean isOwn(PortState port, long high, long low) {
        if (!Ipv6.isLinkLocal(high)) {
            return false;
        }
        PortState.Address6 own = port.own6(high, low);
        return own != null && own.isValid();
    }
}
