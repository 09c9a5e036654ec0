package dev.stride.core.forward;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Ipv6Headers;
import dev.stride.core.wire.Udp;
import java.lang.foreign.MemorySegment;

/// IPv6 datagrams for the router's own addresses and groups (RFC 8200, RFC 4443): echo is answered,
/// neighbor discovery goes to [NdInput], the rest to the host behind the port where there is one,
/// and is refused otherwise. Belongs to its worker.
final class LocalDelivery6 {
    private static final int HOP_LIMIT = 64;

    private final SlowPath slow;
    private final ForwardingState state;
    private final Icmp6Errors errors;
    private final TcpResets resets;
    private final NdInput neighbors;
    private final Reassembly reassembly;
    private final Punt punt;
    private final Output output;
    private final PortBuckets echoes;
    private final Ipv6Headers headers = new Ipv6Headers();

    LocalDelivery6(
            SlowPath slow,
            ForwardingState state,
            Icmp6Errors errors,
            TcpResets resets,
            NdInput neighbors,
            Reassembly reassembly,
            Punt punt,
            Output output,
            SlowPath.Limits limits) {
        this.slow = slow;
        this.state = state;
        this.errors = errors;
        this.resets = resets;
        this.neighbors = neighbors;
        this.reassembly = reassembly;
        this.punt = punt;
        this.output = output;
        this.echoes = new PortBuckets(limits.echoesPerSecond(), limits.echoBurst());
    }

    void limit(SlowPath.Limits limits) {
        echoes.limit(limits.echoesPerSecond(), limits.echoBurst());
    }

    /// Takes a valid datagram to its end.
    void receive(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        switch (headers.walk(m, ip)) {
            case BROKEN -> output.end(packet, Reason.IPV6_EXTENSION);
            case LATER_FRAGMENT -> {
                if (mayCome(packet, ip, Bytes.u8(m, headers.fragmentAt()))) {
                    fragment(packet);
                }
            }
            case ROUTING -> problem(packet, ip, Icmp6.ERRONEOUS_FIELD, Reason.IPV6_EXTENSION);
            case OPTION -> {
                if (headers.isSilent()) {
                    output.end(packet, Reason.IPV6_EXTENSION);
                } else {
                    problem(packet, ip, Icmp6.UNKNOWN_OPTION, Reason.IPV6_EXTENSION);
                }
            }
            case UPPER -> {
                if (mayCome(packet, ip, headers.protocol())) {
                    upper(packet, ip);
                }
            }
        }
    }

    /// RFC 5082; each fragment for itself. If not, the packet has come to its end.
    private boolean mayCome(Packet packet, int ip, int protocol) {
        int smallest = state.ports()[packet.inPort].policy().ttlSecurity();
        if (protocol == Ipv6.ICMP || Ipv6.hopLimit(packet.memory, ip) >= smallest) {
            return true;
        }
        output.end(packet, Reason.TTL_SECURITY);
        return false;
    }

    private void fragment(Packet packet) {
        if (reassembly.add6(packet, headers, slow.now())) {
            receive(packet);
        }
    }

    private void upper(Packet packet, int ip) {
        if (headers.isFragment()) {
            fragment(packet);
            return;
        }
        if (headers.protocol() != Ipv6.ICMP && isForHost(packet, ip)) {
            return;
        }
        switch (headers.protocol()) {
            case Ipv6.ICMP -> icmp(packet, ip);
            case Ipv4.UDP -> udp(packet, ip);
            case Ipv4.TCP -> resets.receive6(packet, headers.at(), state.ports()[packet.inPort]);
            case Ipv6.NO_NEXT_HEADER -> output.end(packet, Reason.PROTOCOL_UNREACHABLE);
            default -> problem(packet, ip, Icmp6.UNKNOWN_NEXT_HEADER, Reason.PROTOCOL_UNREACHABLE);
        }
    }

    /// Whether the host takes a datagram that [#headers] has walked; then it has come to its end.
    private boolean isForHost(Packet packet, int ip) {
        MemorySegment m = packet.memory;
        return punt.up6(
                packet,
                Ipv6.destinationHigh(m, ip),
                Ipv6.destinationLow(m, ip),
                headers.protocol(),
                headers.at(),
                upperLength(m, ip));
    }

    /// The same of a datagram for a group that the router does not listen to.
    boolean isForHost(Packet packet, long high, long low) {
        if (!HostTraffic.hasListeners6(high, low)) {
            return false;
        }
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        boolean upper = headers.walk(m, ip) == Ipv6Headers.End.UPPER;
        int length = upper ? upperLength(m, ip) : 0;
        int protocol = headers.protocol();
        return punt.up6(packet, high, low, protocol, headers.at(), length);
    }

    private void problem(Packet packet, int ip, int code, Reason reason) {
        errors.send(packet, Icmp6.PARAMETER_PROBLEM, code, headers.pointer() - ip);
        output.end(packet, reason);
    }

    private int upperLength(MemorySegment m, int ip) {
        return ip + Ipv6.HEADER + Ipv6.payloadLength(m, ip) - headers.at();
    }

    private void udp(Packet packet, int ip) {
        if (upperLength(packet.memory, ip) < Udp.HEADER) {
            output.end(packet, Reason.LOCAL_MALFORMED);
        } else {
            errors.send(packet, Icmp6.UNREACHABLE, Icmp6.PORT_UNREACHABLE, 0);
            output.end(packet, Reason.PORT_UNREACHABLE);
        }
    }

    private void icmp(Packet packet, int ip) {
        MemorySegment m = packet.memory;
        int icmp = headers.at();
        int length = upperLength(m, ip);
        if (length < Icmp6.HEADER || !Icmp6.isIntact(m, ip, icmp, length)) {
            output.end(packet, Reason.LOCAL_MALFORMED);
            return;
        }
        switch (Icmp6.type(m, icmp)) {
            case Icmp6.ECHO -> echo(packet, ip, icmp, length);
            case Icmp6.ROUTER_SOLICITATION,
                    Icmp6.ROUTER_ADVERTISEMENT,
                    Icmp6.NEIGHBOR_SOLICITATION,
                    Icmp6.NEIGHBOR_ADVERTISEMENT,
                    Icmp6.REDIRECT,
                    Icmp6.LISTENER_QUERY ->
                    neighbors.receive(packet, ip, icmp, length);
            default -> {
                if (!isForHost(packet, ip)) {
                    output.end(packet, Reason.ICMP_HEARD);
                }
            }
        }
    }

    /// Answers from the address that was asked, or, to a group, from one of the port's (RFC 4443
    /// section 4.2). Turns the request into its reply, in place; extension headers are not
    /// repeated.
    private void echo(Packet packet, int ip, int icmp, int length) {
        MemorySegment m = packet.memory;
        PortState port = state.ports()[packet.inPort];
        long high = Ipv6.sourceHigh(m, ip);
        long low = Ipv6.sourceLow(m, ip);
        boolean group = Ipv6.isMulticast(Ipv6.destinationHigh(m, ip));
        PortState.Address6 own = group ? port.source6(high, low) : null;
        if (group && own == null || Ipv6.isUnspecified(high, low)) {
            output.end(packet, Reason.MARTIAN_SOURCE);
            return;
        }
        if (!echoes.take(packet.inPort, slow.now())) {
            output.end(packet, Reason.ECHO_LIMIT);
            return;
        }
        if (own == null) {
            Ipv6.writeSource(m, ip, Ipv6.destinationHigh(m, ip), Ipv6.destinationLow(m, ip));
        } else {
            Ipv6.writeSource(m, ip, own.high(), own.low());
        }
        Ipv6.writeDestination(m, ip, high, low);
        Ipv6.write(m, ip, Ipv6.trafficClass(m, ip), length, Ipv6.ICMP, HOP_LIMIT);
        int to = ip + Ipv6.HEADER;
        if (icmp != to) {
            MemorySegment.copy(m, icmp, m, to, length);
        }
        Bytes.put16(m, to, Icmp6.ECHO_REPLY << 8);
        Icmp6.writeChecksum(m, ip, to, length);
        packet.length = Ethernet.HEADER + Ipv6.HEADER + length;
        packet.clearOffload();
        packet.ending = Reason.ECHO_ANSWERED;
        if (Ipv6.isLinkLocal(high)) {
            slow.sendBack(packet, port, Ethernet.source(m, packet.start));
        } else {
            slow.answer(packet);
        }
    }
}
