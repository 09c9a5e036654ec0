package dev.stride.core.wire;

import dev.stride.core.stats.Reason;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The IPv4 header (RFC 791 section 3.1).
///
/// ```
///  0       4       8              16    19            31
/// |version|  IHL  |     TOS      |     total length     |
/// |        identification        |flags| fragment offset|
/// |      TTL      |   protocol   |    header checksum   |
/// |                    source address                   |
/// |                 destination address                 |
/// |                 options, up to 40 bytes             |
/// ```
public final class Ipv4 {
    /// Bytes of a header without options.
    public static final int HEADER = 20;

    /// Largest total length, in bytes.
    public static final int MAX_LENGTH = 65535;

    /// What a packet has that no router has forwarded (RFC 5082).
    public static final int MAX_TTL = 255;

    public static final int DF = 0x4000;
    public static final int MF = 0x2000;

    public static final int ICMP = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;

    private Ipv4() {}

    /// The checks of RFC 1812 section 5.2.2, in its order. When it returns null no accessor of this
    /// class can fail and `headerLength <= totalLength <= available`.
    ///
    /// @param available bytes from `at` to the end of the frame
    /// @return why the header is no good, or null
    public static @Nullable Reason validate(MemorySegment m, long at, int available) {
        if (available < HEADER) { // (1) long enough for the smallest legal datagram
            return Reason.IPV4_TRUNCATED;
        }
        int versionAndLength = Bytes.u8(m, at);
        int headerLength = (versionAndLength & 0xf) << 2;
        if (headerLength > available) {
            return Reason.IPV4_TRUNCATED;
        }
        if (headerLength >= HEADER && Checksum.of(m, at, headerLength) != 0) { // (2)
            return Reason.IPV4_CHECKSUM;
        }
        if (versionAndLength >>> 4 != 4) { // (3)
            return Reason.IPV4_VERSION;
        }
        if (headerLength < HEADER) { // (4)
            return Reason.IPV4_HEADER_LENGTH;
        }
        int totalLength = totalLength(m, at);
        if (totalLength < headerLength) { // (5)
            return Reason.IPV4_TOTAL_LENGTH;
        }
        return totalLength > available ? Reason.IPV4_TRUNCATED : null;
    }

    /// Bytes of the header with its options.
    public static int headerLength(MemorySegment m, long at) {
        return (Bytes.u8(m, at) & 0xf) << 2;
    }

    /// Makes room for options, in bytes of the header with them. The checksum is left as it is.
    public static void writeHeaderLength(MemorySegment m, long at, int bytes) {
        Bytes.put8(m, at, 0x40 | bytes >> 2);
    }

    public static int tos(MemorySegment m, long at) {
        return Bytes.u8(m, at + 1);
    }

    /// Bytes of header and payload.
    public static int totalLength(MemorySegment m, long at) {
        return Bytes.u16(m, at + 2);
    }

    public static int identification(MemorySegment m, long at) {
        return Bytes.u16(m, at + 4);
    }

    public static boolean dontFragment(MemorySegment m, long at) {
        return (Bytes.u16(m, at + 6) & DF) != 0;
    }

    /// Offset of this fragment in the payload, in bytes.
    public static int fragmentOffset(MemorySegment m, long at) {
        return (Bytes.u16(m, at + 6) & 0x1fff) << 3;
    }

    /// Whether the datagram is one of several fragments.
    public static boolean isFragment(MemorySegment m, long at) {
        return (Bytes.u16(m, at + 6) & (MF | 0x1fff)) != 0;
    }

    public static int ttl(MemorySegment m, long at) {
        return Bytes.u8(m, at + 8);
    }

    public static int protocol(MemorySegment m, long at) {
        return Bytes.u8(m, at + 9);
    }

    public static int source(MemorySegment m, long at) {
        return Bytes.i32(m, at + 12);
    }

    public static int destination(MemorySegment m, long at) {
        return Bytes.i32(m, at + 16);
    }

    /// Takes one from the TTL and mends the checksum (RFC 1624).
    public static void decrementTtl(MemorySegment m, long at) {
        int word = Bytes.u16(m, at + 8);
        Bytes.put16(m, at + 8, word - 0x100);
        Bytes.put16(m, at + 10, Checksum.update(Bytes.u16(m, at + 10), word, word - 0x100));
    }

    /// Writes a header without options and its checksum. `flagsAndOffset` is the 16-bit word with
    /// DF, MF and the fragment offset in units of 8 bytes.
    public static void write(
            MemorySegment m,
            long at,
            int tos,
            int totalLength,
            int identification,
            int flagsAndOffset,
            int ttl,
            int protocol,
            int source,
            int destination) {
        Bytes.put8(m, at, 0x45);
        Bytes.put8(m, at + 1, tos);
        Bytes.put16(m, at + 2, totalLength);
        Bytes.put16(m, at + 4, identification);
        Bytes.put16(m, at + 6, flagsAndOffset);
        Bytes.put8(m, at + 8, ttl);
        Bytes.put8(m, at + 9, protocol);
        Bytes.put32(m, at + 12, source);
        Bytes.put32(m, at + 16, destination);
        writeChecksum(m, at);
    }

    public static void writeDestination(MemorySegment m, long at, int destination) {
        Bytes.put32(m, at + 16, destination);
    }

    /// Computes and stores the header's checksum.
    public static void writeChecksum(MemorySegment m, long at) {
        Bytes.put16(m, at + 10, 0);
        Bytes.put16(m, at + 10, Checksum.of(m, at, headerLength(m, at)));
    }

    /// A multicast address, 224.0.0.0/4 (RFC 5771).
    public static boolean isMulticast(int address) {
        return address >>> 28 == 0xe;
    }
}
