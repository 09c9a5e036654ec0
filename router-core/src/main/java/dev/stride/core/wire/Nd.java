package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// Neighbor solicitations and advertisements (RFC 4861 sections 4.3 and 4.4) and the options of all
/// neighbor discovery messages.
///
/// ```
///  0    1    2        4                    8                24
/// |type|code|checksum|R S O, 29 reserved |target, 16 bytes| options
/// ```
public final class Nd {
    /// Bytes of a solicitation or advertisement without options.
    public static final int LENGTH = 24;

    /// Bytes of a router solicitation without options.
    public static final int ROUTER_SOLICITATION_LENGTH = 8;

    /// Bytes of a redirect without options (RFC 4861 section 4.5).
    public static final int REDIRECT_LENGTH = 40;

    /// Bytes of the option that quotes a packet, without the packet (RFC 4861 section 4.6.3).
    public static final int REDIRECTED_HEADER = 8;

    /// Bytes of an option with a link-layer address.
    public static final int ADDRESS_OPTION = 8;

    /// Options (RFC 4861 section 4.6, RFC 4191, RFC 8106).
    public static final int SOURCE_ADDRESS = 1;

    public static final int TARGET_ADDRESS = 2;
    public static final int PREFIX_INFORMATION = 3;
    public static final int REDIRECTED = 4;
    public static final int MTU = 5;
    public static final int ROUTE_INFORMATION = 24;
    public static final int RECURSIVE_DNS = 25;

    /// Flags of an advertisement.
    public static final int ROUTER = 1 << 31;

    public static final int SOLICITED = 1 << 30;
    public static final int OVERRIDE = 1 << 29;

    /// No such option.
    public static final long NONE = -1;

    /// Options are broken.
    public static final long BROKEN = -2;

    private Nd() {}

    public static int flags(MemorySegment m, long at) {
        return Bytes.i32(m, at + 4);
    }

    public static long targetHigh(MemorySegment m, long at) {
        return Bytes.i64(m, at + 8);
    }

    public static long targetLow(MemorySegment m, long at) {
        return Bytes.i64(m, at + 16);
    }

    /// The Ethernet address in the first option of a type, [#NONE], or [#BROKEN] when any option
    /// has length zero or reaches beyond `end`.
    public static long linkAddress(MemorySegment m, long at, long end, int option) {
        long found = NONE;
        while (at < end) {
            long length = at + 2 > end ? 0 : (long) Bytes.u8(m, at + 1) << 3;
            if (length == 0 || at + length > end) {
                return BROKEN;
            }
            if (Bytes.u8(m, at) == option && length == ADDRESS_OPTION && found == NONE) {
                found = Bytes.u48(m, at + 2);
            }
            at += length;
        }
        return found;
    }

    /// Writes a solicitation or advertisement with one link-layer address, but the checksum.
    public static void write(
            MemorySegment m,
            long at,
            int type,
            int flags,
            long targetHigh,
            long targetLow,
            int option,
            long mac) {
        Bytes.put32(m, at, type << 24);
        Bytes.put32(m, at + 4, flags);
        Bytes.put64(m, at + 8, targetHigh);
        Bytes.put64(m, at + 16, targetLow);
        writeLinkAddress(m, at + LENGTH, option, mac);
    }

    /// Writes the head of the option with the first bytes of a packet, a multiple of eight.
    public static void writeRedirectedHeader(MemorySegment m, long at, int bytes) {
        Bytes.put64(m, at, 0);
        Bytes.put16(m, at, REDIRECTED << 8 | (REDIRECTED_HEADER + bytes) >> 3);
    }

    /// Writes an option with an Ethernet address.
    public static void writeLinkAddress(MemorySegment m, long at, int option, long mac) {
        Bytes.put16(m, at, option << 8 | 1);
        Bytes.put48(m, at + 2, mac);
    }
}
