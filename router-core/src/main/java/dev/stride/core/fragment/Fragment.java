package dev.stride.core.fragment;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Ipv6Headers;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What one fragment says of itself: which datagram it belongs to and which part of it it is. Used
/// again for each fragment; belongs to its worker.
public final class Fragment {
    private static final long IPV4 = 1L << 48; // sets its keys apart from those of IPv6

    // The datagram: addresses, an IPv4 one in the low half alone, and what else tells it apart.
    long sourceHigh;
    long sourceLow;
    long destinationHigh;
    long destinationLow;
    long identification;
    int table; // that its port is in

    int headers; // bytes from the frame's start to the data
    int offset; // of the data in the datagram's payload, in bytes
    int length; // of the data, in bytes
    int limit; // largest end of the payload with these headers, in bytes
    boolean more; // whether it is not the last part

    /// Reads a valid IPv4 fragment (RFC 791 section 3.2: source, destination, protocol and
    /// identification tell datagrams apart).
    ///
    /// @param inTable the routing table of the port that it came by
    /// @return why it can be part of no datagram, or null; its datagram is known in any case
    public @Nullable Reason read4(Packet packet, int inTable) {
        table = inTable;
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int header = Ipv4.headerLength(m, ip);
        sourceHigh = 0;
        sourceLow = Ipv4.source(m, ip);
        destinationHigh = 0;
        destinationLow = Ipv4.destination(m, ip);
        identification = IPV4 | (long) Ipv4.protocol(m, ip) << 16 | Ipv4.identification(m, ip);
        headers = Ethernet.HEADER + header;
        offset = Ipv4.fragmentOffset(m, ip);
        length = Ipv4.totalLength(m, ip) - header;
        limit = Ipv4.MAX_LENGTH - header;
        more = (Bytes.u16(m, ip + 6) & Ipv4.MF) != 0;
        return judge();
    }

    /// Reads a valid IPv6 fragment (RFC 8200 section 4.5: source, destination and identification
    /// tell datagrams apart, and the port where the source is one of its link alone).
    ///
    /// @param inTable the routing table of the port that it came by
    /// @param at the headers of `packet`, walked
    /// @return why it can be part of no datagram, or null; its datagram is known in any case
    public @Nullable Reason read6(Packet packet, int inTable, Ipv6Headers at) {
        table = inTable;
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int fragment = at.fragmentAt();
        int data = fragment + Ipv6.FRAGMENT_HEADER;
        sourceHigh = Ipv6.sourceHigh(m, ip);
        sourceLow = Ipv6.sourceLow(m, ip);
        destinationHigh = Ipv6.destinationHigh(m, ip);
        destinationLow = Ipv6.destinationLow(m, ip);
        long link = Ipv6.isLinkLocal(sourceHigh) ? packet.inPort + 1L : 0;
        identification = link << 32 | Bytes.i32(m, fragment + 4) & 0xffff_ffffL;
        headers = data - packet.start;
        offset = Bytes.u16(m, fragment + 2) & 0xfff8;
        length = ip + Ipv6.HEADER + Ipv6.payloadLength(m, ip) - data;
        limit = Ipv4.MAX_LENGTH - (fragment - ip - Ipv6.HEADER);
        more = (Bytes.u16(m, fragment + 2) & 1) != 0;
        if (headers > Datagram.HEADERS) {
            return Reason.IPV6_EXTENSION;
        }
        return judge();
    }

    private @Nullable Reason judge() {
        if (length == 0 || more && length % 8 != 0) {
            return Reason.FRAGMENT_MALFORMED;
        }
        return end() > limit ? Reason.FRAGMENT_TOO_LONG : null;
    }

    /// Takes the fragment header out of a whole datagram with the headers of its first fragment,
    /// and makes them its own.
    ///
    /// @param headers to walk with
    public static void join6(Packet whole, Ipv6Headers headers) {
        MemorySegment m = whole.memory;
        int ip = whole.start + Ethernet.HEADER;
        headers.walk(m, ip); // as when it came
        int fragment = headers.fragmentAt();
        int length = fragment - whole.start;
        Bytes.put8(m, headers.fragmentField(), Bytes.u8(m, fragment));
        whole.length -= Ipv6.FRAGMENT_HEADER;
        Bytes.put16(m, ip + 4, whole.length - Ethernet.HEADER - Ipv6.HEADER);
        MemorySegment.copy(m, whole.start, m, whole.start + Ipv6.FRAGMENT_HEADER, length);
        whole.start += Ipv6.FRAGMENT_HEADER;
    }

    /// Makes the header of the first fragment that of the whole datagram. DF goes: what came in
    /// fragments may leave in fragments.
    public static void join4(Packet whole) {
        int ip = whole.start + Ethernet.HEADER;
        Bytes.put16(whole.memory, ip + 2, whole.length - Ethernet.HEADER);
        Bytes.put16(whole.memory, ip + 6, 0);
        Ipv4.writeChecksum(whole.memory, ip);
    }

    /// The same for all fragments of a datagram.
    public int datagramHash() {
        long mixed = sourceHigh * 31 + sourceLow;
        mixed = (mixed * 31 + destinationHigh) * 31 + destinationLow;
        return Long.hashCode((mixed * 31 + identification) * 0x9e3779b97f4a7c15L);
    }

    /// Where the data ends in the datagram's payload, in bytes.
    int end() {
        return offset + length;
    }
}
