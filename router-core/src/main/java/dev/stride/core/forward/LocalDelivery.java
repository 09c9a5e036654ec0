package dev.stride.core.forward;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Udp;
import java.lang.foreign.MemorySegment;

/// Datagrams for the router's own addresses (RFC 1122, RFC 1812 section 4.3.3.6): echo is answered,
/// the rest goes to the host behind the port where there is one, and is refused otherwise. Belongs
/// to its worker.
final class LocalDelivery {
    private static final int TTL = 64;

    private final SlowPath slow;
    private final ForwardingState state;
    private final OptionsInput options;
    private final IcmpErrors errors;
    private final TcpResets resets;
    private final Reassembly reassembly;
    private final Punt punt;
    private final Output output;
    private final PortBuckets echoes;

    LocalDelivery(
            SlowPath slow,
            ForwardingState state,
            OptionsInput options,
            IcmpErrors errors,
            TcpResets resets,
            Reassembly reassembly,
            Punt punt,
            Output output,
            SlowPath.Limits limits) {
        this.slow = slow;
        this.state = state;
        this.options = options;
        this.errors = errors;
        this.resets = resets;
        this.reassembly = reassembly;
        this.punt = punt;
        this.output = output;
        this.echoes = new PortBuckets(limits.echoesPerSecond(), limits.echoBurst());
    }

    void limit(SlowPath.Limits limits) {
        echoes.limit(limits.echoesPerSecond(), limits.echoBurst());
    }

    /// Takes a valid datagram for one of our addresses to its end.
    void receive(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        if ((Ethernet.destination(m, packet.start) >>> 40 & 1) != 0) {
            output.end(packet, Reason.LINK_BROADCAST); // RFC 1122 section 3.3.6
        } else if (Ipv4.protocol(m, ip) != Ipv4.ICMP
                && Ipv4.ttl(m, ip) < state.ports()[packet.inPort].policy().ttlSecurity()) {
            output.end(packet, Reason.TTL_SECURITY); // each fragment for itself
        } else if (Ipv4.isFragment(m, ip)) {
            if (reassembly.add4(packet, slow.now())) {
                deliver(packet);
            }
        } else {
            deliver(packet);
        }
    }

    /// A datagram that is no fragment, or not any more.
    private void deliver(Packet packet) {
        int protocol = Ipv4.protocol(packet.memory, packet.start + Ethernet.HEADER);
        if (protocol != Ipv4.ICMP && isForHost(packet)) {
            return;
        }
        switch (protocol) {
            case Ipv4.ICMP -> icmp(packet);
            case Ipv4.UDP -> udp(packet);
            case Ipv4.TCP -> resets.receive4(packet);
            default -> unreachable(packet, Icmp4.PROTOCOL_UNREACHABLE, Reason.PROTOCOL_UNREACHABLE);
        }
    }

    /// Whether the host takes it; then it has come to its end.
    private boolean isForHost(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int header = Ipv4.headerLength(m, ip);
        int length = Ipv4.totalLength(m, ip) - header;
        int to = Ipv4.destination(m, ip);
        return punt.up4(packet, to, Ipv4.protocol(m, ip), ip + header, length);
    }

    private void unreachable(Packet packet, int code, Reason reason) {
        errors.send(packet, Icmp4.UNREACHABLE, code, 0);
        output.end(packet, reason);
    }

    private void udp(Packet packet) {
        int ip = packet.start + Ethernet.HEADER;
        int header = Ipv4.headerLength(packet.memory, ip);
        if (Ipv4.totalLength(packet.memory, ip) < header + Udp.HEADER) {
            output.end(packet, Reason.LOCAL_MALFORMED);
        } else {
            unreachable(packet, Icmp4.PORT_UNREACHABLE, Reason.PORT_UNREACHABLE);
        }
    }

    private void icmp(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int icmp = ip + Ipv4.headerLength(m, ip);
        int length = Ipv4.totalLength(m, ip) - Ipv4.headerLength(m, ip);
        if (length < Icmp4.HEADER || Checksum.of(m, icmp, length) != 0) {
            output.end(packet, Reason.LOCAL_MALFORMED);
        } else if (Icmp4.isObsoleteRequest(Icmp4.type(m, icmp))) {
            output.end(packet, Reason.ICMP_UNANSWERED);
        } else if (Icmp4.type(m, icmp) != Icmp4.ECHO) {
            if (!isForHost(packet)) {
                output.end(packet, Reason.ICMP_HEARD);
            }
        } else if (!echoes.take(packet.inPort, slow.now())) {
            output.end(packet, Reason.ECHO_LIMIT);
        } else {
            echo(packet, ip, icmp);
        }
    }

    /// Turns the request into its reply, in place, options included (RFC 1122 section 3.2.2.6).
    private void echo(Packet packet, int ip, int icmp) {
        MemorySegment m = packet.memory;
        int word = Bytes.u16(m, icmp);
        Bytes.put16(m, icmp, Icmp4.ECHO_REPLY << 8);
        Bytes.put16(m, icmp + 2, Checksum.update(Bytes.u16(m, icmp + 2), word, 0));
        int source = Ipv4.source(m, ip);
        Bytes.put32(m, ip + 12, Ipv4.destination(m, ip));
        Ipv4.writeDestination(m, ip, source);
        Bytes.put8(m, ip + 8, TTL);
        if (Ipv4.headerLength(m, ip) != Ipv4.HEADER) {
            options.answer(packet);
        }
        Ipv4.writeChecksum(m, ip);
        packet.ending = Reason.ECHO_ANSWERED;
        slow.answer(packet);
    }
}
