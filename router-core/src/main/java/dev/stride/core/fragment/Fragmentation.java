package dev.stride.core.fragment;

import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv4Options;
import java.lang.foreign.MemorySegment;

/// Cuts datagrams into fragments: as few as can be, in order, each at most as long as the MTU.
///
/// IPv4 (RFC 791 section 3.2, RFC 1812 section 4.2.2.7): any datagram without DF. A fragment is cut
/// like a whole datagram; its parts keep their place in the original. IPv6: the router's own alone,
/// see [Fragmentation6].
///
/// Options whose copied flag is set are in every fragment, the others in the first only, so later
/// headers may be shorter. Pure functions over packet memory.
public final class Fragmentation {
    private static final int COPIED = 0x80; // flag in an option's type
    private static final int RESERVED = 0x8000; // bit beside DF and MF: goes on as it came
    private static final int UNIT = 8; // of fragment offsets, in bytes

    private Fragmentation() {}

    /// Whether a valid datagram that is longer than `mtu` may go on in fragments: IPv4 without DF,
    /// whose options can be told apart, whose parts have room for data and whose end no offset
    /// exceeds. Of a super-frame it is asked for the segments.
    public static boolean mayCut(Packet packet, int mtu) {
        if (isIpv6(packet)) {
            return Fragmentation6.mayCut(packet, mtu);
        }
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        if (Ipv4.dontFragment(m, ip)) {
            return false;
        }
        int header = Ipv4.headerLength(m, ip);
        int end = Ipv4.fragmentOffset(m, ip) + Ipv4.totalLength(m, ip) - header;
        boolean segmented = packet.gsoType != Packet.GSO_NONE;
        return mtu >= header + UNIT
                && laterHeader(m, ip, header) > 0
                && end <= Ipv4.MAX_LENGTH
                && !(segmented && Ipv4.isFragment(m, ip));
    }

    /// Into how many fragments `whole` is cut for its [Packet#fragmentMtu].
    public static int count(Packet whole) {
        if (isIpv6(whole)) {
            return Fragmentation6.count(whole);
        }
        MemorySegment m = whole.memory;
        int ip = whole.start + Ethernet.HEADER;
        int header = Ipv4.headerLength(m, ip);
        int room = whole.fragmentMtu - laterHeader(m, ip, header);
        int left = Ipv4.totalLength(m, ip) - header - inUnits(whole.fragmentMtu - header);
        int each = inUnits(room);
        // The last one need not end at a unit: what fits as it is needs no further cut.
        return left <= room ? 2 : 2 + (left - room + each - 1) / each;
    }

    /// Writes fragment `index` of `whole`, from 0, into `into`, finished. `whole` stays as it is;
    /// it needs no checksum completed.
    public static void cut(Packet whole, int index, Packet into) {
        into.inPort = whole.inPort;
        into.outPort = whole.outPort;
        into.ending = whole.ending;
        into.fragmentMtu = whole.fragmentMtu;
        into.clearOffload();
        if (isIpv6(whole)) {
            Fragmentation6.cut(whole, index, into);
        } else {
            cut4(whole, index, into);
        }
    }

    private static boolean isIpv6(Packet packet) {
        return Ethernet.type(packet.memory, packet.start) == Ethernet.IPV6;
    }

    private static void cut4(Packet whole, int index, Packet into) {
        MemorySegment from = whole.memory;
        MemorySegment m = into.memory;
        int source = whole.start + Ethernet.HEADER;
        int ip = into.start + Ethernet.HEADER;
        int header = Ipv4.headerLength(from, source);
        int payload = Ipv4.totalLength(from, source) - header;
        int first = inUnits(whole.fragmentMtu - header);
        int offset = 0;
        int length = first;
        int own = header;
        if (index == 0) {
            MemorySegment.copy(from, whole.start, m, into.start, Ethernet.HEADER + header);
        } else {
            own = laterHeader(from, source, header);
            int room = whole.fragmentMtu - own;
            offset = first + (index - 1) * inUnits(room);
            length = payload - offset <= room ? payload - offset : inUnits(room);
            MemorySegment.copy(from, whole.start, m, into.start, Ethernet.HEADER + Ipv4.HEADER);
            copyOptions(from, source, header, m, ip, own);
        }
        MemorySegment.copy(from, source + header + offset, m, ip + own, length);

        int word = Bytes.u16(from, source + 6);
        int more = offset + length < payload ? Ipv4.MF : word & Ipv4.MF;
        Bytes.put8(m, ip, 4 << 4 | own >> 2);
        Bytes.put16(m, ip + 2, own + length);
        Bytes.put16(m, ip + 6, word & RESERVED | more | (word & 0x1fff) + offset / UNIT);
        Ipv4.writeChecksum(m, ip);
        into.length = Ethernet.HEADER + own + length;
    }

    static int inUnits(int bytes) {
        return bytes & -UNIT;
    }

    /// Bytes of the header of all fragments but the first, or -1 when the options are malformed.
    private static int laterHeader(MemorySegment m, int ip, int header) {
        int length = Ipv4.HEADER;
        int option;
        for (int at = Ipv4.HEADER; at < header; at += option) {
            option = Ipv4Options.length(m, ip + at, header - at);
            if (option < 0) {
                return -1;
            }
            length += isCopied(m, ip + at) ? option : 0;
        }
        return length + 3 & -4;
    }

    private static void copyOptions(
            MemorySegment from, int source, int header, MemorySegment to, int ip, int own) {
        int end = Ipv4.HEADER;
        int option;
        for (int at = Ipv4.HEADER; at < header; at += option) {
            option = Ipv4Options.length(from, source + at, header - at);
            if (isCopied(from, source + at)) {
                MemorySegment.copy(from, source + at, to, ip + end, option);
                end += option;
            }
        }
        for (; end < own; end++) {
            Bytes.put8(to, ip + end, Ipv4Options.END);
        }
    }

    private static boolean isCopied(MemorySegment m, int at) {
        return (Bytes.u8(m, at) & COPIED) != 0;
    }
}
