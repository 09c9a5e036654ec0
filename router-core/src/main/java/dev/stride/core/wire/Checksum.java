package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit
/// words.
public final class Checksum {
    private Checksum() {}

    /// Adds `length` bytes from `at` to the running sum `sum`, an odd last byte padded with zero.
    /// Not folded.
    public static long add(long sum, MemorySegment m, long at, long length) {
        long end = at + length;
        long p = at;
        for (; p + 4 <= end; p += 4) {
            sum += Bytes.i32(m, p) & 0xffff_ffffL;
        }
        if (p + 2 <= end) {
            sum += Bytes.u16(m, p);
            p += 2;
        }
        return p < end ? sum + (Bytes.u8(m, p) << 8) : sum;
    }

    /// Folds a running sum to 16 bits, without the final complement.
    public static int fold(long sum) {
        sum = (sum & 0xffff_ffffL) + (sum >>> 32);
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return (int) ((sum & 0xffff) + (sum >>> 16));
    }

    /// The value for the checksum field of a running sum.
    public static int finish(long sum) {
        return ~fold(sum) & 0xffff;
    }

    /// The checksum over `length` bytes; 0 over data that holds its own right checksum.
    public static int of(MemorySegment m, long at, long length) {
        return finish(add(0, m, at, length));
    }

    /// The pseudo-header sum of TCP and UDP over IPv4 (RFC 9293 section 3.1, RFC 768).
    public static long pseudo4(int source, int destination, int protocol, int length) {
        return (source & 0xffff_ffffL) + (destination & 0xffff_ffffL) + protocol + length;
    }

    /// The same over IPv6 (RFC 8200 section 8.1).
    ///
    /// @param at the IPv6 header, whose destination is the final one
    public static long pseudo6(MemorySegment m, long at, int protocol, int length) {
        return add((long) protocol + length, m, at + 8, 32); // both addresses
    }

    /// The checksum `old` after a 16-bit word under it changed from `from` to `to` (RFC 1624,
    /// equation 3).
    public static int update(int old, int from, int to) {
        int sum = (~old & 0xffff) + (~from & 0xffff) + to;
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum & 0xffff;
    }
}
