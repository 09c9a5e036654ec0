package dev.stride.core.wire;

import dev.stride.core.stats.Reason;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The IPv6 header (RFC 8200 section 3).
///
/// ```
///  0       4               12                          31
/// |version| traffic class |          flow label          |
/// |        payload length         | next header |hop limit|
/// |               source address, 16 bytes               |
/// |             destination address, 16 bytes            |
/// ```
public final class Ipv6 {
    /// Bytes of the header.
    public static final int HEADER = 40;

    /// Bytes that every link must carry (RFC 8200 section 5).
    public static final int MIN_MTU = 1280;

    /// What a packet has that no router has forwarded (RFC 4861 section 6.1, RFC 5082).
    public static final int MAX_HOP_LIMIT = 255;

    /// Next headers (IANA) beside [Ipv4#TCP] and [Ipv4#UDP].
    public static final int ICMP = 58;

    public static final int NO_NEXT_HEADER = 59;
    public static final int FRAGMENT = 44;

    /// Bytes of a fragment header (RFC 8200 section 4.5).
    public static final int FRAGMENT_HEADER = 8;

    /// Upper half of fe80::/64, the addresses of a link, and of ff02::/64, its groups (RFC 4291
    /// sections 2.5.6 and 2.7).
    public static final long LINK_LOCAL = 0xfe80L << 48;

    public static final long LINK_GROUPS = 0xff02L << 48;

    /// Lower halves of groups (RFC 4291 section 2.7.1).
    public static final long ALL_NODES = 1;

    public static final long ALL_ROUTERS = 2;

    private static final long IPV4_MAPPED = 0xffff_0000_0000L; // ::ffff:0:0/96

    private Ipv6() {}

    /// Checks version and length. When it returns null no accessor of this class can fail and
    /// `HEADER + payloadLength <= available`.
    ///
    /// @param available bytes from `at` to the end of the frame
    /// @return why the header is no good, or null
    public static @Nullable Reason validate(MemorySegment m, long at, int available) {
        if (available < HEADER) {
            return Reason.IPV6_TRUNCATED;
        }
        if (Bytes.u8(m, at) >>> 4 != 6) {
            return Reason.IPV6_VERSION;
        }
        return HEADER + payloadLength(m, at) > available ? Reason.IPV6_TRUNCATED : null;
    }

    public static int trafficClass(MemorySegment m, long at) {
        return Bytes.u16(m, at) >>> 4 & 0xff;
    }

    /// 20 bits (RFC 6437).
    public static int flowLabel(MemorySegment m, long at) {
        return Bytes.i32(m, at) & 0xfffff;
    }

    /// Bytes behind the header, extension headers included.
    public static int payloadLength(MemorySegment m, long at) {
        return Bytes.u16(m, at + 4);
    }

    public static int nextHeader(MemorySegment m, long at) {
        return Bytes.u8(m, at + 6);
    }

    public static int hopLimit(MemorySegment m, long at) {
        return Bytes.u8(m, at + 7);
    }

    public static long sourceHigh(MemorySegment m, long at) {
        return Bytes.i64(m, at + 8);
    }

    public static long sourceLow(MemorySegment m, long at) {
        return Bytes.i64(m, at + 16);
    }

    public static long destinationHigh(MemorySegment m, long at) {
        return Bytes.i64(m, at + 24);
    }

    public static long destinationLow(MemorySegment m, long at) {
        return Bytes.i64(m, at + 32);
    }

    /// Takes one from the hop limit; no checksum covers it.
    public static void decrementHopLimit(MemorySegment m, long at) {
        Bytes.put8(m, at + 7, hopLimit(m, at) - 1);
    }

    /// Writes a header without its addresses; flow label zero.
    public static void write(
            MemorySegment m,
            long at,
            int trafficClass,
            int payloadLength,
            int nextHeader,
            int hopLimit) {
        Bytes.put32(m, at, 6 << 28 | trafficClass << 20);
        Bytes.put16(m, at + 4, payloadLength);
        Bytes.put8(m, at + 6, nextHeader);
        Bytes.put8(m, at + 7, hopLimit);
    }

    public static void writeSource(MemorySegment m, long at, long high, long low) {
        Bytes.put64(m, at + 8, high);
        Bytes.put64(m, at + 16, low);
    }

    public static void writeDestination(MemorySegment m, long at, long high, long low) {
        Bytes.put64(m, at + 24, high);
        Bytes.put64(m, at + 32, low);
    }

    /// ff00::/8, RFC 4291 section 2.7.
    public static boolean isMulticast(long high) {
        return high >>> 56 == 0xff;
    }

    /// fe80::/10, RFC 4291 section 2.5.6.
    public static boolean isLinkLocal(long high) {
        return high >>> 54 == LINK_LOCAL >>> 54;
    }

    /// The address of nobody, `::` (RFC 4291 section 2.5.2).
    public static boolean isUnspecified(long high, long low) {
        return (high | low) == 0;
    }

    /// Addresses that never travel in a header as such: loopback (RFC 4291 section 2.5.3),
    /// IPv4-compatible (section 2.5.5.1, RFC 5156 section 2.3) and IPv4-mapped (section 2.5.5.2,
    /// RFC 4942 section 2.2): an IPv4 address in them would have passed no check of IPv4.
    public static boolean isMartian(long high, long low) {
        long prefix = low & ~0xffff_ffffL;
        return high == 0 && low != 0 && (prefix == 0 || prefix == IPV4_MAPPED);
    }

    /// The lower half of the solicited-node group of an address; the upper is that of
    /// ff02::1:ff00:0 (RFC 4291 section 2.7.1).
    public static long solicitedNodeLow(long low) {
        return 0x1_ff00_0000L | low & 0xff_ffff;
    }

    /// The MAC address of a multicast group (RFC 2464 section 7).
    public static long multicastMac(long low) {
        return 0x3333L << 32 | low & 0xffff_ffffL;
    }
}
