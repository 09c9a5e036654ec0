package dev.stride.core.forward;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Evidence;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.PuntClass;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Nd;
import java.lang.foreign.MemorySegment;

/// Neighbor discovery on the wire (RFC 4861): answers solicitations at once, and tells the control
/// thread what it heard. Belongs to its worker; who is resolved and for how long is decided in
/// [dev.stride.core.adjacency].
final class NdInput {
    private static final int HOP_LIMIT = 255; // so that it cannot come from beyond the link

    private final ForwardingState state;
    private final Output output;
    private final LinkEvents events;
    private final Punt punt;

    NdInput(ForwardingState state, Output output, LinkEvents events, Punt punt) {
        this.state = state;
        this.output = output;
        this.events = events;
        this.punt = punt;
    }

    /// Takes an ICMPv6 message to its end: its checksum is right, `length` bytes at `icmp`, at
    /// least 8.
    void receive(Packet packet, int ip, int icmp, int length) {
        MemorySegment m = packet.memory;
        PortState port = state.ports()[packet.inPort];
        int type = Icmp6.type(m, icmp);
        if (type == Icmp6.LISTENER_QUERY) {
            punt.copyUp(packet, PuntClass.GROUP);
            note(packet, port, new WorkerEvent.ListenersQueried(port.index()));
            return;
        }
        if (Ethernet.source(m, packet.start) == port.mac()) { // our own probe came back
            output.end(packet, Reason.ND_NOT_FOR_US);
            return;
        }
        // RFC 4861 sections 6.1 and 7.1
        if (Ipv6.hopLimit(m, ip) != HOP_LIMIT || Icmp6.code(m, icmp) != 0) {
            output.end(packet, Reason.ND_MALFORMED);
            return;
        }
        switch (type) {
            case Icmp6.NEIGHBOR_SOLICITATION -> solicited(packet, port, ip, icmp, length);
            case Icmp6.NEIGHBOR_ADVERTISEMENT -> advertised(packet, port, ip, icmp, length);
            case Icmp6.ROUTER_SOLICITATION -> routerSolicited(packet, port, ip, icmp, length);
            // A router neither configures itself by others nor follows redirects (RFC 4861 8.2).
            default -> output.end(packet, Reason.ND_NOT_FOR_US);
        }
    }

    private void solicited(Packet packet, PortState port, int ip, int icmp, int length) {
        MemorySegment m = packet.memory;
        long mac = link(m, icmp, length, Nd.LENGTH, Nd.SOURCE_ADDRESS);
        boolean probe = Ipv6.isUnspecified(Ipv6.sourceHigh(m, ip), Ipv6.sourceLow(m, ip));
        if (isBroken(m, icmp, length, mac) || probe && !isProbe(m, ip, mac)) {
            output.end(packet, Reason.ND_MALFORMED);
            return;
        }
        if (claims(port, Ipv6.sourceHigh(m, ip), Ipv6.sourceLow(m, ip))) { // link-local ones
            tellConflict(port, source(m, ip), sender(packet, mac));
            output.end(packet, Reason.ND_CONFLICT);
            return;
        }
        PortState.Address6 own = port.own6(Nd.targetHigh(m, icmp), Nd.targetLow(m, icmp));
        boolean disputed = own != null && probe && own.state() == AddressState.TENTATIVE;
        if (own == null || !own.isValid() && !disputed) {
            output.end(packet, Reason.ND_NOT_FOR_US);
        } else if (disputed) {
            conflict(packet, port, icmp, Ethernet.source(m, packet.start));
        } else {
            if (!probe) {
                heard(port, m, ip, mac, Evidence.QUESTION);
            }
            if (punt.answers(port.index())) {
                punt.up(packet, PuntClass.NEIGHBOR);
                return;
            }
            long to = sender(packet, mac);
            answer(packet, port, own, ip, probe, to);
        }
    }

    /// RFC 4861 section 7.1.1: a probe goes to the group and names no source.
    private static boolean isProbe(MemorySegment m, int ip, long mac) {
        return mac == Nd.NONE && Ipv6.isMulticast(Ipv6.destinationHigh(m, ip));
    }

    private static boolean isBroken(MemorySegment m, int icmp, int length, long mac) {
        return length < Nd.LENGTH || mac == Nd.BROKEN || Ipv6.isMulticast(Nd.targetHigh(m, icmp));
    }

    /// The address in an option, [Nd#NONE], or [Nd#BROKEN].
    private static long link(MemorySegment m, int icmp, int length, int fixed, int option) {
        if (length < fixed) {
            return Nd.BROKEN;
        }
        long mac = Nd.linkAddress(m, icmp + fixed, icmp + length, option);
        return mac > 0 && (mac & MacAddress.GROUP_BIT) != 0 ? Nd.BROKEN : mac;
    }

    /// Looks at a valid datagram whose source is one of our addresses, which only we use: it goes
    /// nowhere, but a solicitation or an advertisement from this link says that another station has
    /// the address, too, as ARP does in RFC 5227 section 2.4.
    ///
    /// @return how it ends
    Reason claimed(Packet packet) {
        MemorySegment m = packet.memory;
        PortState port = state.ports()[packet.inPort];
        int ip = packet.start + Ethernet.HEADER;
        int icmp = ip + Ipv6.HEADER;
        int length = Ipv6.payloadLength(m, ip);
        if (Ipv6.nextHeader(m, ip) != Ipv6.ICMP
                || length < Nd.LENGTH
                || Ipv6.hopLimit(m, ip) != HOP_LIMIT
                || Icmp6.code(m, icmp) != 0
                || Ethernet.source(m, packet.start) == port.mac() // our own came back
                || !claims(port, Ipv6.sourceHigh(m, ip), Ipv6.sourceLow(m, ip))) {
            return Reason.MARTIAN_SOURCE;
        }
        int type = Icmp6.type(m, icmp);
        boolean solicits = type == Icmp6.NEIGHBOR_SOLICITATION;
        int option = solicits ? Nd.SOURCE_ADDRESS : Nd.TARGET_ADDRESS;
        long mac = link(m, icmp, length, Nd.LENGTH, option);
        if (!solicits && type != Icmp6.NEIGHBOR_ADVERTISEMENT
                || isBroken(m, icmp, length, mac)
                || !Icmp6.isIntact(m, ip, icmp, length)) {
            return Reason.MARTIAN_SOURCE;
        }
        tellConflict(port, source(m, ip), sender(packet, mac));
        return Reason.ND_CONFLICT;
    }

    private void conflict(Packet packet, PortState port, int icmp, long mac) {
        tellConflict(port, target(packet.memory, icmp), mac);
        output.end(packet, Reason.ND_CONFLICT);
    }

    private void tellConflict(PortState port, Ip6Address address, long mac) {
        events.tell(port.index(), new WorkerEvent.AddressConflict(port.index(), address, mac));
    }

    /// The address in an option that [#link] found, or else the frame's.
    private static long sender(Packet packet, long mac) {
        return mac == Nd.NONE ? Ethernet.source(packet.memory, packet.start) : mac;
    }

    private static Ip6Address source(MemorySegment m, int ip) {
        return new Ip6Address(Ipv6.sourceHigh(m, ip), Ipv6.sourceLow(m, ip));
    }

    /// Whether an address is ours, or will be unless somebody else has it.
    private static boolean claims(PortState port, long high, long low) {
        PortState.Address6 own = port.own6(high, low);
        return own != null && own.state() != AddressState.DUPLICATE;
    }

    private static Ip6Address target(MemorySegment m, int icmp) {
        return new Ip6Address(Nd.targetHigh(m, icmp), Nd.targetLow(m, icmp));
    }

    private void heard(PortState port, MemorySegment m, int ip, long mac, Evidence evidence) {
        long high = Ipv6.sourceHigh(m, ip);
        long low = Ipv6.sourceLow(m, ip);
        if (mac > 0 && port.isOnLink6(high, low) && !claims(port, high, low)) {
            events.tell(
                    port.index(),
                    new WorkerEvent.NeighborHeard(
                            port.index(), new Ip6Address(high, low), mac, evidence));
        }
    }

    private void advertised(Packet packet, PortState port, int ip, int icmp, int length) {
        MemorySegment m = packet.memory;
        long mac = link(m, icmp, length, Nd.LENGTH, Nd.TARGET_ADDRESS);
        int flags = length < Nd.LENGTH ? 0 : Nd.flags(m, icmp);
        boolean toAll = Ipv6.isMulticast(Ipv6.destinationHigh(m, ip));
        boolean solicited = (flags & Nd.SOLICITED) != 0;
        if (isBroken(m, icmp, length, mac) || toAll && solicited) {
            output.end(packet, Reason.ND_MALFORMED);
            return;
        }
        long high = Nd.targetHigh(m, icmp);
        long low = Nd.targetLow(m, icmp);
        long from = sender(packet, mac);
        if (claims(port, high, low)) {
            conflict(packet, port, icmp, from);
            return;
        }
        if (!port.isOnLink6(high, low)) {
            output.end(packet, Reason.ND_NOT_FOR_US);
            return;
        }
        boolean override = (flags & Nd.OVERRIDE) != 0;
        Evidence evidence =
                solicited
                        ? override ? Evidence.CONFIRMATION : Evidence.YIELDING_CONFIRMATION
                        : override ? Evidence.ANNOUNCEMENT : Evidence.HINT;
        punt.copyUp(packet, PuntClass.NEIGHBOR); // the host keeps neighbors of its own
        note(
                packet,
                port,
                new WorkerEvent.NeighborHeard(
                        port.index(), new Ip6Address(high, low), from, evidence));
    }

    private void routerSolicited(Packet packet, PortState port, int ip, int icmp, int length) {
        MemorySegment m = packet.memory;
        long mac = link(m, icmp, length, Nd.ROUTER_SOLICITATION_LENGTH, Nd.SOURCE_ADDRESS);
        boolean unspecified = Ipv6.isUnspecified(Ipv6.sourceHigh(m, ip), Ipv6.sourceLow(m, ip));
        if (mac == Nd.BROKEN || unspecified && mac != Nd.NONE) {
            output.end(packet, Reason.ND_MALFORMED);
            return;
        }
        heard(port, m, ip, mac, Evidence.QUESTION);
        note(packet, port, new WorkerEvent.RouterSolicited(port.index()));
    }

    /// Passes on what a packet says, and ends it.
    private void note(Packet packet, PortState port, WorkerEvent event) {
        boolean heard = events.tell(port.index(), event);
        output.end(packet, heard ? Reason.ND_HEARD : Reason.NEIGHBOR_FLOOD);
    }

    /// Turns a solicitation into its advertisement, in place; a probe's answer goes to all nodes
    /// (RFC 4861 section 7.2.4).
    private void answer(
            Packet packet, PortState port, PortState.Address6 own, int ip, boolean probe, long to) {
        MemorySegment m = packet.memory;
        int icmp = ip + Ipv6.HEADER;
        int length = Nd.LENGTH + Nd.ADDRESS_OPTION;
        if (probe) {
            Ipv6.writeDestination(m, ip, Ipv6.LINK_GROUPS, Ipv6.ALL_NODES);
        } else {
            Ipv6.writeDestination(m, ip, Ipv6.sourceHigh(m, ip), Ipv6.sourceLow(m, ip));
        }
        Ipv6.writeSource(m, ip, own.high(), own.low());
        Ipv6.write(m, ip, 0, length, Ipv6.ICMP, HOP_LIMIT);
        int flags = Nd.ROUTER | Nd.OVERRIDE | (probe ? 0 : Nd.SOLICITED);
        Nd.write(
                m,
                icmp,
                Icmp6.NEIGHBOR_ADVERTISEMENT,
                flags,
                own.high(),
                own.low(),
                Nd.TARGET_ADDRESS,
                port.mac());
        Icmp6.writeChecksum(m, ip, icmp, length);
        long destination = probe ? Ipv6.multicastMac(Ipv6.ALL_NODES) : to;
        Ethernet.write(m, packet.start, destination, port.mac(), Ethernet.IPV6);
        packet.length = Ethernet.HEADER + Ipv6.HEADER + length;
        packet.outPort = port.index();
        packet.clearOffload();
        packet.ending = Reason.ND_ANSWERED;
        output.transmit(packet);
    }
}
