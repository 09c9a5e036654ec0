package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// The Ethernet II header, without frame check sequence (IEEE 802.3).
///
/// ```
///  0        6        12     14
/// | destination | source | type |
/// ```
public final class Ethernet {
    /// Bytes before the payload.
    public static final int HEADER = 14;

    /// Type of IPv4 (RFC 894).
    public static final int IPV4 = 0x0800;

    /// Type of ARP (RFC 826).
    public static final int ARP = 0x0806;

    /// Type of IPv6 (RFC 2464).
    public static final int IPV6 = 0x86dd;

    private Ethernet() {}

    public static long destination(MemorySegment m, long at) {
        return Bytes.u48(m, at);
    }

    public static long source(MemorySegment m, long at) {
        return Bytes.u48(m, at + 6);
    }

    public static int type(MemorySegment m, long at) {
        return Bytes.u16(m, at + 12);
    }

    /// Writes the whole header.
    public static void write(MemorySegment m, long at, long destination, long source, int type) {
        rewrite(m, at, destination, source);
        Bytes.put16(m, at + 12, type);
    }

    /// Writes both addresses and leaves the type, as a router does on the way out.
    public static void rewrite(MemorySegment m, long at, long destination, long source) {
        Bytes.put64(m, at, destination << 16 | source >>> 32);
        Bytes.put32(m, at + 8, (int) source);
    }
}
