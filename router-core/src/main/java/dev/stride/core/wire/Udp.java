package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// The UDP header (RFC 768): source port, destination port, length, checksum, 16 bits each.
public final class Udp {
    /// Bytes of the header.
    public static final int HEADER = 8;

    /// Offset of the checksum within the header.
    public static final int CHECKSUM = 6;

    private Udp() {}

    public static int sourcePort(MemorySegment m, long at) {
        return Bytes.u16(m, at);
    }

    public static int destinationPort(MemorySegment m, long at) {
        return Bytes.u16(m, at + 2);
    }

    /// Bytes of header and payload.
    public static int length(MemorySegment m, long at) {
        return Bytes.u16(m, at + 4);
    }
}
