package dev.stride.core.forward;

import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;

/// Which flow a packet belongs to, as a number that spreads flows evenly: the same for all packets
/// of a flow, so that each keeps its path (RFC 2992). Addresses, protocol, and the ports of TCP and
/// UDP; fragments go without ports, since only the first has them and all must stay together.
public final class FlowHash {
    private FlowHash() {}

    /// The hash of a valid IPv4 datagram at `ip`; all bits are good.
    public static int of(MemorySegment m, long ip) {
        long key = Bytes.i64(m, ip + 12); // both addresses
        int protocol = Ipv4.protocol(m, ip);
        long more = protocol;
        boolean ports = protocol == Ipv4.TCP || protocol == Ipv4.UDP;
        int header = Ipv4.headerLength(m, ip);
        if (ports && !Ipv4.isFragment(m, ip) && Ipv4.totalLength(m, ip) >= header + 4) {
            more |= (long) Bytes.i32(m, ip + header) << 8;
        }
        return mix(key ^ mix(more));
    }

    /// The hash of a valid IPv6 datagram at `ip`: with the ports where they follow at once, else
    /// with the flow label, which all packets of a flow share (RFC 6438).
    public static int of6(MemorySegment m, long ip) {
        long key = Bytes.i64(m, ip + 8) ^ Long.rotateLeft(Bytes.i64(m, ip + 16), 16);
        long to = Bytes.i64(m, ip + 24) ^ Long.rotateLeft(Bytes.i64(m, ip + 32), 16);
        int protocol = Ipv6.nextHeader(m, ip);
        boolean ports = protocol == Ipv4.TCP || protocol == Ipv4.UDP;
        long more =
                ports && Ipv6.payloadLength(m, ip) >= 4
                        ? (long) Bytes.i32(m, ip + Ipv6.HEADER) << 8
                        : (long) Ipv6.flowLabel(m, ip) << 8;
        return mix(key ^ mix(to ^ mix(more | protocol)));
    }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output
    /// bit.
    private static int mix(long z) {
        z += 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return (int) (z ^ z >>> 31);
    }
}
