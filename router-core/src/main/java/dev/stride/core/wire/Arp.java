package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// An ARP packet for IPv4 over Ethernet (RFC 826).
///
/// ```
///  0        2          4    5    6         8            14          18           24
/// | hardware | protocol | 6 | 4 | operation | sender MAC | sender IP | target MAC | target IP |
/// ```
public final class Arp {
    /// Bytes of the packet.
    public static final int LENGTH = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

    private Arp() {}

    /// Whether `available` bytes from `at` hold ARP for IPv4 over Ethernet; then no accessor can
    /// fail.
    public static boolean check(MemorySegment m, long at, int available) {
        return available >= LENGTH && Bytes.u48(m, at) == ETHERNET_IPV4;
    }

    public static int operation(MemorySegment m, long at) {
        return Bytes.u16(m, at + 6);
    }

    public static long senderMac(MemorySegment m, long at) {
        return Bytes.u48(m, at + 8);
    }

    public static int senderAddress(MemorySegment m, long at) {
        return Bytes.i32(m, at + 14);
    }

    public static int targetAddress(MemorySegment m, long at) {
        return Bytes.i32(m, at + 24);
    }

    /// Writes the whole packet; a request carries zero as the target's MAC.
    public static void write(
            MemorySegment m,
            long at,
            int operation,
            long senderMac,
            int senderAddress,
            long targetMac,
            int targetAddress) {
        Bytes.put48(m, at, ETHERNET_IPV4);
        Bytes.put16(m, at + 6, operation);
        Bytes.put48(m, at + 8, senderMac);
        Bytes.put32(m, at + 14, senderAddress);
        Bytes.put48(m, at + 18, targetMac);
        Bytes.put32(m, at + 24, targetAddress);
    }
}
