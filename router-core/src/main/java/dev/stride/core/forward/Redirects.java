package dev.stride.core.forward;

import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv4Options;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Nd;
import java.lang.foreign.MemorySegment;

/// Tells hosts of a better first hop on their own link: RFC 1812 section 5.2.7.2, RFC 4861 section
/// 8.2. The packet that shows the need goes on as others do. Belongs to its worker.
///
/// A packet with a source route is not redirected. Over IPv6 another router is only named by its
/// link-local address, as section 8.2 asks: where the route has another one, nothing is said.
final class Redirects {
    private static final int IPV6_HEADERS = Ipv6.HEADER + Nd.REDIRECT_LENGTH + Nd.ADDRESS_OPTION;

    private final SlowPath slow;
    private final Output output;
    private final IcmpErrors errors;
    private final Icmp6Errors errors6;
    private final PortBuckets bucket;
    private final Ipv4Options options = new Ipv4Options();

    Redirects(
            SlowPath slow,
            Output output,
            IcmpErrors errors,
            Icmp6Errors errors6,
            SlowPath.Limits limits) {
        this.slow = slow;
        this.output = output;
        this.errors = errors;
        this.errors6 = errors6;
        this.bucket = new PortBuckets(limits.redirectsPerSecond(), limits.errorBurst());
    }

    void limit(SlowPath.Limits limits) {
        bucket.limit(limits.redirectsPerSecond(), limits.errorBurst());
    }

    /// Looks at a packet that leaves by the port that it came from, as it came.
    ///
    /// @param to resolved
    /// @param mac of the next hop
    void look(Packet packet, Adjacency to, long mac, PortState port, boolean v6) {
        if (!port.policy().allows(PortPolicy.Allowed.REDIRECTS)) {
            return;
        }
        if (v6) {
            look6(packet, to, mac, port);
        } else {
            look4(packet, to, port);
        }
    }

    private void look4(Packet cause, Adjacency to, PortState port) {
        MemorySegment m = cause.memory;
        int ip = cause.start + Ethernet.HEADER;
        int source = Ipv4.source(m, ip);
        int next = to.address == null ? Ipv4.destination(m, ip) : (int) to.keyLow;
        int own = port.addressFacing(source);
        boolean sameNetwork = own != 0 && own == port.addressFacing(next);
        boolean ofIpv4 = to.address == null || to.keyHigh == Adjacency.IPV4;
        if (sameNetwork
                && ofIpv4
                && next != source
                && !hasSourceRoute(m, ip)
                && errors.mayTell(cause)
                && bucket.take(port.index(), slow.now())) {
            errors.tell(cause, Icmp4.REDIRECT, Icmp4.REDIRECT_HOST, next, own);
        }
    }

    private boolean hasSourceRoute(MemorySegment m, int ip) {
        return Ipv4.headerLength(m, ip) != Ipv4.HEADER
                && (options.walk(m, ip) != Ipv4Options.FINE || options.hasSourceRoute());
    }

    private void look6(Packet cause, Adjacency to, long mac, PortState port) {
        MemorySegment m = cause.memory;
        int ip = cause.start + Ethernet.HEADER;
        long high = Ipv6.destinationHigh(m, ip);
        long low = Ipv6.destinationLow(m, ip);
        long targetHigh = to.address == null ? high : to.keyHigh;
        long targetLow = to.address == null ? low : to.keyLow;
        boolean known = Ipv6.isLinkLocal(targetHigh) || targetHigh == high && targetLow == low;
        long sourceHigh = Ipv6.sourceHigh(m, ip);
        long sourceLow = Ipv6.sourceLow(m, ip);
        boolean itself = targetHigh == sourceHigh && targetLow == sourceLow;
        PortState.Address6 own = port.source6(Ipv6.LINK_LOCAL, 0);
        if (own != null
                && known
                && !itself
                && port.isOnLink6(sourceHigh, sourceLow)
                && errors6.mayTell(cause, Icmp6.REDIRECT, 0)
                && bucket.take(port.index(), slow.now())) {
            tell6(cause, port, own, targetHigh, targetLow, mac);
        }
    }

    private void tell6(
            Packet cause,
            PortState port,
            PortState.Address6 own,
            long targetHigh,
            long targetLow,
            long mac) {
        Packet redirect = output.take();
        if (redirect == null) {
            return;
        }
        MemorySegment from = cause.memory;
        int offending = cause.start + Ethernet.HEADER;
        MemorySegment m = redirect.memory;
        int ip = redirect.start + Ethernet.HEADER;
        int icmp = ip + Ipv6.HEADER;
        int quote = ip + IPV6_HEADERS + Nd.REDIRECTED_HEADER;
        int room = Ipv6.MIN_MTU - IPV6_HEADERS - Nd.REDIRECTED_HEADER;
        int whole = Ipv6.HEADER + Ipv6.payloadLength(from, offending);
        int quoted = Math.min(whole, room) & -8; // options have whole units
        int length = quote + quoted - icmp;
        Bytes.put16(m, redirect.start + 12, Ethernet.IPV6);
        Ipv6.write(m, ip, 0, length, Ipv6.ICMP, Ipv6.MAX_HOP_LIMIT);
        Ipv6.writeSource(m, ip, own.high(), own.low());
        Ipv6.writeDestination(
                m, ip, Ipv6.sourceHigh(from, offending), Ipv6.sourceLow(from, offending));
        Nd.write(m, icmp, Icmp6.REDIRECT, 0, targetHigh, targetLow, 0, 0);
        Bytes.put64(m, icmp + 24, Ipv6.destinationHigh(from, offending));
        Bytes.put64(m, icmp + 32, Ipv6.destinationLow(from, offending));
        Nd.writeLinkAddress(m, icmp + Nd.REDIRECT_LENGTH, Nd.TARGET_ADDRESS, mac);
        Nd.writeRedirectedHeader(m, quote - Nd.REDIRECTED_HEADER, quoted);
        MemorySegment.copy(from, offending, m, quote, quoted);
        Icmp6.writeChecksum(m, ip, icmp, length);
        redirect.length = quote + quoted - redirect.start;
        slow.sendBack(redirect, port, Ethernet.source(from, cause.start));
    }
}
