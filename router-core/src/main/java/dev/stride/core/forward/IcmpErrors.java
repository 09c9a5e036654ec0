package dev.stride.core.forward;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv4Options;
import java.lang.foreign.MemorySegment;

/// Makes ICMP errors (RFC 792, RFC 1812 section 4.3). Belongs to its worker.
final class IcmpErrors {
    /// The error datagram is at most this long, so that it gets through everywhere (RFC 1812
    /// section 4.3.2.3).
    private static final int MAX_LENGTH = 576;

    /// Internetwork control (RFC 1812 section 4.3.2.5).
    private static final int TOS = 6 << 5;

    private final SlowPath slow;
    private final ForwardingState state;
    private final Output output;
    private final PortBuckets bucket;
    private final Ipv4Options options = new Ipv4Options();
    private int identification;

    IcmpErrors(SlowPath slow, ForwardingState state, Output output, SlowPath.Limits limits) {
        this.slow = slow;
        this.state = state;
        this.output = output;
        this.bucket = new PortBuckets(limits.errorsPerSecond(), limits.errorBurst());
    }

    void limit(SlowPath.Limits limits) {
        bucket.limit(limits.errorsPerSecond(), limits.errorBurst());
    }

    /// Tells the sender of `cause`, which stays as it is, unless RFC 1812 section 4.3.2.7 forbids
    /// that, the rate limit is reached, or memory is short.
    ///
    /// @param word the second word of the ICMP header: the MTU for "fragmentation needed",
    ///   otherwise 0
    void send(Packet cause, int type, int code, int word) {
        if (!mayTell(cause) || !bucket.take(cause.inPort, slow.now())) {
            return;
        }
        int offending = cause.start + Ethernet.HEADER;
        int own = source(state.ports()[cause.inPort], cause.memory, offending);
        tell(cause, type, code, word, own);
    }

    /// Sends a message about `cause`, which [#mayTell] allows, from an address of ours.
    void tell(Packet cause, int type, int code, int word, int own) {
        Packet error = output.take();
        if (error == null) {
            return;
        }
        PortState port = state.ports()[cause.inPort];
        MemorySegment from = cause.memory;
        int offending = cause.start + Ethernet.HEADER;
        int stations = stationsBack(from, offending, port);
        int header = Ipv4.HEADER + Ipv4Options.lengthBack(stations);
        int quoted =
                Math.min(Ipv4.totalLength(from, offending), MAX_LENGTH - header - Icmp4.HEADER);
        MemorySegment m = error.memory;
        int ip = error.start + Ethernet.HEADER;
        int icmp = ip + header;
        error.length = Ethernet.HEADER + header + Icmp4.HEADER + quoted;
        Bytes.put16(m, error.start + 12, Ethernet.IPV4);
        MemorySegment.copy(from, offending, m, icmp + Icmp4.HEADER, quoted);
        Icmp4.write(m, icmp, type, code, word, Icmp4.HEADER + quoted);
        Ipv4.write(
                m,
                ip,
                TOS,
                error.length - Ethernet.HEADER,
                identification++,
                0,
                Ipv4.MAX_TTL, // for who asks with RFC 5082
                Ipv4.ICMP,
                own,
                Ipv4.source(from, offending));
        if (stations != 0) {
            options.writeBack(m, ip, from, offending, stations);
        }
        slow.originate(error, port);
    }

    /// By how many stations of its source route an error about a packet goes back (RFC 1812 section
    /// 4.3.2.6): by none, straight to its sender, where the packet has no such route, its options
    /// are what is wrong, the port does not take source routes, which we may take for the link's
    /// policy, or the last station is none that could be sent to. Those at the end that are
    /// addresses of ours it has left behind.
    private int stationsBack(MemorySegment from, int offending, PortState port) {
        if (Ipv4.headerLength(from, offending) == Ipv4.HEADER
                || !port.policy().allows(PortPolicy.Allowed.SOURCE_ROUTES)
                || options.walk(from, offending) != Ipv4Options.FINE) {
            return 0;
        }
        LocalAddresses local = port.table().local();
        for (int count = options.stations(from, offending); count > 0; count--) {
            int last = options.station(from, offending, count - 1);
            int kind = local.kindOf(last);
            if (kind != LocalAddresses.OWN) {
                return kind == LocalAddresses.NONE && !Forwarder.isNoStation(last) ? count : 0;
            }
        }
        return 0;
    }

    /// The address that was asked where it is ours, so that traceroute knows its target; else one
    /// of the arriving port, in the sender's prefix where there is such.
    private static int source(PortState port, MemorySegment from, int offending) {
        int destination = Ipv4.destination(from, offending);
        return port.table().local().kindOf(destination) == LocalAddresses.OWN
                ? destination
                : port.sourceAddress(Ipv4.source(from, offending));
    }

    /// No error about our own packets, answers, ICMP errors, later fragments, broadcasts and
    /// multicasts of either layer.
    boolean mayTell(Packet cause) {
        MemorySegment m = cause.memory;
        int ip = cause.start + Ethernet.HEADER;
        boolean ours = cause.inPort == Packet.ORIGINATED || cause.ending == Reason.ECHO_ANSWERED;
        return !ours
                && Ipv4.fragmentOffset(m, ip) == 0
                && (Ethernet.destination(m, cause.start) >>> 40 & 1) == 0
                && Ipv4.destination(m, ip) >>> 28 < 0xe
                && !isBroadcast(cause.inPort, Ipv4.destination(m, ip))
                && Ipv4.source(m, ip) != 0
                && !isIcmpError(m, ip);
    }

    private boolean isBroadcast(int port, int destination) {
        LocalAddresses local = state.ports()[port].table().local();
        return local.kindOf(destination) == LocalAddresses.BROADCAST;
    }

    private static boolean isIcmpError(MemorySegment m, int ip) {
        int header = Ipv4.headerLength(m, ip);
        return Ipv4.protocol(m, ip) == Ipv4.ICMP
                && (Ipv4.totalLength(m, ip) == header || Icmp4.isError(Icmp4.type(m, ip + header)));
    }
}
