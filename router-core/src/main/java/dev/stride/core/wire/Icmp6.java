package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// ICMPv6 (RFC 4443): type, code, checksum, and four bytes whose meaning is the type's.
public final class Icmp6 {
    /// Bytes before the payload.
    public static final int HEADER = 8;

    public static final int UNREACHABLE = 1;
    public static final int TOO_BIG = 2;
    public static final int TIME_EXCEEDED = 3;
    public static final int PARAMETER_PROBLEM = 4;
    public static final int ECHO = 128;
    public static final int ECHO_REPLY = 129;

    /// Multicast listener discovery (RFC 2710, RFC 3810).
    public static final int LISTENER_QUERY = 130;

    public static final int LISTENER_REPORT_2 = 143;

    /// Neighbor discovery (RFC 4861).
    public static final int ROUTER_SOLICITATION = 133;

    public static final int ROUTER_ADVERTISEMENT = 134;
    public static final int NEIGHBOR_SOLICITATION = 135;
    public static final int NEIGHBOR_ADVERTISEMENT = 136;
    public static final int REDIRECT = 137;

    /// Codes of type 1 (RFC 4443 section 3.1).
    public static final int NO_ROUTE = 0;

    public static final int PROHIBITED = 1;
    public static final int BEYOND_SCOPE = 2;
    public static final int ADDRESS_UNREACHABLE = 3;
    public static final int PORT_UNREACHABLE = 4;

    /// Codes of type 4 (RFC 4443 section 3.4).
    public static final int ERRONEOUS_FIELD = 0;

    public static final int UNKNOWN_NEXT_HEADER = 1;
    public static final int UNKNOWN_OPTION = 2;

    /// Code of type 3: not all fragments came in time (RFC 4443 section 3.3).
    public static final int REASSEMBLY_TIME = 1;

    private Icmp6() {}

    public static int type(MemorySegment m, long at) {
        return Bytes.u8(m, at);
    }

    public static int code(MemorySegment m, long at) {
        return Bytes.u8(m, at + 1);
    }

    /// Whether nobody may be told of a message of this type: errors and redirects (RFC 4443 section
    /// 2.4 e).
    public static boolean isSilent(int type) {
        return type < 128 || type == REDIRECT;
    }

    /// Whether the checksum over `length` bytes from `at` is right.
    ///
    /// @param ip the IPv6 header
    public static boolean isIntact(MemorySegment m, long ip, long at, int length) {
        long sum = Checksum.pseudo6(m, ip, Ipv6.ICMP, length);
        return Checksum.finish(Checksum.add(sum, m, at, length)) == 0;
    }

    /// Computes and stores the checksum over `length` bytes from `at`; the IPv6 header must have
    /// its addresses.
    public static void writeChecksum(MemorySegment m, long ip, long at, int length) {
        Bytes.put16(m, at + 2, 0);
        long sum = Checksum.pseudo6(m, ip, Ipv6.ICMP, length);
        Bytes.put16(m, at + 2, Checksum.finish(Checksum.add(sum, m, at, length)));
    }
}
