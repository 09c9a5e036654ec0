package dev.stride.core.fragment;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;

/// Cuts IPv6 datagrams that the router itself sends (RFC 8200 section 4.5): only sources may. They
/// have no extension headers. Fragments have at most 1280 bytes, since the router does not learn
/// the MTU of paths (section 5).
final class Fragmentation6 {
    private static final int HEADERS = Ipv6.HEADER + Ipv6.FRAGMENT_HEADER;
    private static final int ROOM = Ipv6.MIN_MTU - HEADERS; // a multiple of eight

    private Fragmentation6() {}

    /// Whether `packet` is of the router's own, by a port that may carry IPv6 at all.
    static boolean mayCut(Packet packet, int mtu) {
        int next = Ipv6.nextHeader(packet.memory, packet.start + Ethernet.HEADER);
        return packet.ending != Reason.FORWARDED_IPV6 && mtu >= Ipv6.MIN_MTU && next == Ipv6.ICMP;
    }

    static int count(Packet whole) {
        int payload = Ipv6.payloadLength(whole.memory, whole.start + Ethernet.HEADER);
        return (payload + ROOM - 1) / ROOM;
    }

    static void cut(Packet whole, int index, Packet into) {
        MemorySegment from = whole.memory;
        MemorySegment m = into.memory;
        int source = whole.start + Ethernet.HEADER;
        int ip = into.start + Ethernet.HEADER;
        int payload = Ipv6.payloadLength(from, source);
        int offset = index * ROOM;
        int length = Math.min(ROOM, payload - offset);
        int more = offset + length < payload ? 1 : 0;
        MemorySegment.copy(from, whole.start, m, into.start, Ethernet.HEADER + Ipv6.HEADER);
        Bytes.put16(m, ip + 4, Ipv6.FRAGMENT_HEADER + length);
        Bytes.put8(m, ip + 6, Ipv6.FRAGMENT);
        int fragment = ip + Ipv6.HEADER;
        Bytes.put16(m, fragment, Ipv6.nextHeader(from, source) << 8);
        Bytes.put16(m, fragment + 2, offset | more);
        Bytes.put32(m, fragment + 4, identification(from, source + Ipv6.HEADER));
        MemorySegment.copy(from, source + Ipv6.HEADER + offset, m, ip + HEADERS, length);
        into.length = Ethernet.HEADER + HEADERS + length;
    }

    /// Of what tells one message from the next: checksum, identifier and sequence number of an
    /// echo. Who does not see the messages cannot foresee it (RFC 7739).
    private static int identification(MemorySegment m, int message) {
        long z = Bytes.i64(m, message) * 0x9e3779b97f4a7c15L;
        return (int) (z ^ z >>> 32);
    }
}
