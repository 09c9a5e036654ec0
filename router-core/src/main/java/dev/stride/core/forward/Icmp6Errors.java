package dev.stride.core.forward;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Ipv6Headers;
import java.lang.foreign.MemorySegment;

/// Makes ICMPv6 errors (RFC 4443). Belongs to its worker.
final class Icmp6Errors {
    private final SlowPath slow;
    private final ForwardingState state;
    private final Output output;
    private final PortBuckets bucket;
    private final Ipv6Headers headers = new Ipv6Headers();

    Icmp6Errors(SlowPath slow, ForwardingState state, Output output, SlowPath.Limits limits) {
        this.slow = slow;
        this.state = state;
        this.output = output;
        this.bucket = new PortBuckets(limits.errorsPerSecond(), limits.errorBurst());
    }

    void limit(SlowPath.Limits limits) {
        bucket.limit(limits.errorsPerSecond(), limits.errorBurst());
    }

    /// Tells the sender of a packet that cannot go on, where RFC 4443 has a word for the reason.
    void refused(Packet packet, Reason reason) {
        switch (reason) {
            case TTL_EXPIRED -> send(packet, Icmp6.TIME_EXCEEDED, 0, 0);
            case NO_ROUTE -> send(packet, Icmp6.UNREACHABLE, Icmp6.NO_ROUTE, 0);
            case PROHIBITED -> send(packet, Icmp6.UNREACHABLE, Icmp6.PROHIBITED, 0);
            case IPV6_SCOPE -> send(packet, Icmp6.UNREACHABLE, Icmp6.BEYOND_SCOPE, 0);
            case PORT_DOWN, UNREACHABLE, NEIGHBOR_UNRESOLVED ->
                    send(packet, Icmp6.UNREACHABLE, Icmp6.ADDRESS_UNREACHABLE, 0);
            default -> {} // silence
        }
    }

    /// Tells the sender of `cause`, which stays as it is, unless RFC 4443 section 2.4 (e) forbids
    /// that, the rate limit (f) is reached, or memory is short.
    ///
    /// @param word the second word of the ICMPv6 header: the MTU, or the offset of what is wrong
    void send(Packet cause, int type, int code, int word) {
        if (!mayTell(cause, type, code) || !bucket.take(cause.inPort, slow.now())) {
            return;
        }
        PortState port = state.ports()[cause.inPort];
        Packet error = output.take();
        if (error == null) {
            return;
        }
        MemorySegment from = cause.memory;
        int offending = cause.start + Ethernet.HEADER;
        if (!writeSource(error, from, offending, port)) {
            output.release(error);
            return;
        }
        write(error, from, offending, type, code, word);
        if (Ipv6.isLinkLocal(Ipv6.sourceHigh(from, offending))) {
            slow.sendBack(error, port, Ethernet.source(from, cause.start));
        } else {
            slow.originate(error, port);
        }
    }

    private static void write(
            Packet error, MemorySegment from, int offending, int type, int code, int word) {
        int length = Ipv6.HEADER + Ipv6.payloadLength(from, offending);
        int quoted = Math.min(length, Ipv6.MIN_MTU - Ipv6.HEADER - Icmp6.HEADER);
        MemorySegment m = error.memory;
        int ip = error.start + Ethernet.HEADER;
        int icmp = ip + Ipv6.HEADER;
        error.length = Ethernet.HEADER + Ipv6.HEADER + Icmp6.HEADER + quoted;
        Bytes.put16(m, error.start + 12, Ethernet.IPV6);
        Ipv6.write(m, ip, 0, Icmp6.HEADER + quoted, Ipv6.ICMP, Ipv6.MAX_HOP_LIMIT);
        Ipv6.writeDestination(
                m, ip, Ipv6.sourceHigh(from, offending), Ipv6.sourceLow(from, offending));
        Bytes.put16(m, icmp, type << 8 | code);
        Bytes.put32(m, icmp + 4, word);
        MemorySegment.copy(from, offending, m, icmp + Icmp6.HEADER, quoted);
        Icmp6.writeChecksum(m, ip, icmp, Icmp6.HEADER + quoted);
    }

    /// The address that was asked where it is ours, so that traceroute knows its target; else one
    /// of the arriving port (RFC 4443 section 2.2).
    ///
    /// @return whether there is one
    private static boolean writeSource(
            Packet error, MemorySegment from, int offending, PortState port) {
        long high = Ipv6.destinationHigh(from, offending);
        long low = Ipv6.destinationLow(from, offending);
        if (!port.table().local6().contains(high, low)) {
            PortState.Address6 own =
                    port.source6(Ipv6.sourceHigh(from, offending), Ipv6.sourceLow(from, offending));
            if (own == null) {
                return false;
            }
            high = own.high();
            low = own.low();
        }
        Ipv6.writeSource(error.memory, error.start + Ethernet.HEADER, high, low);
        return true;
    }

    /// Whether RFC 4443 section 2.4 (e) allows a message of that kind about `cause`.
    boolean mayTell(Packet cause, int type, int code) {
        MemorySegment m = cause.memory;
        int ip = cause.start + Ethernet.HEADER;
        boolean ours = cause.inPort == Packet.ORIGINATED || cause.ending != Reason.FORWARDED_IPV6;
        boolean group =
                Ipv6.isMulticast(Ipv6.destinationHigh(m, ip))
                        || Forwarder.isGroup(Ethernet.destination(m, cause.start));
        boolean evenToGroups =
                type == Icmp6.TOO_BIG
                        || type == Icmp6.PARAMETER_PROBLEM && code == Icmp6.UNKNOWN_OPTION;
        long high = Ipv6.sourceHigh(m, ip);
        return !ours
                && (!group || evenToGroups)
                && !Ipv6.isUnspecified(high, Ipv6.sourceLow(m, ip))
                && !isSilent(m, ip);
    }

    private boolean isSilent(MemorySegment m, int ip) {
        if (headers.walk(m, ip) != Ipv6Headers.End.UPPER || headers.protocol() != Ipv6.ICMP) {
            return false;
        }
        int end = ip + Ipv6.HEADER + Ipv6.payloadLength(m, ip);
        return headers.at() >= end || Icmp6.isSilent(Icmp6.type(m, headers.at()));
    }
}
