package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// The TCP header (RFC 9293 section 3.1).
///
/// ```
///  0       4       8              16                  31
/// |      source port      |     destination port       |
/// |                  sequence number                   |
/// |               acknowledgment number                |
/// |offset |   -   | flags |          window            |
/// |       checksum        |      urgent pointer        |
/// ```
public final class Tcp {
    /// Bytes of a header without options.
    public static final int HEADER = 20;

    /// Offset of the checksum within the header.
    public static final int CHECKSUM = 16;

    /// Flags.
    public static final int FIN = 1;

    public static final int SYN = 2;
    public static final int RST = 4;
    public static final int ACK = 16;

    private Tcp() {}

    public static int flags(MemorySegment m, long at) {
        return Bytes.u8(m, at + 13);
    }

    /// Bytes of the header with its options, 0 to 60; below 20 it is malformed.
    public static int headerLength(MemorySegment m, long at) {
        return Bytes.u8(m, at + 12) >>> 4 << 2;
    }
}
