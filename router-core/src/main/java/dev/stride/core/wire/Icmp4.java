package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// ICMP for IPv4 (RFC 792): type, code, checksum, and four bytes whose meaning is the type's.
public final class Icmp4 {
    /// Bytes before the payload.
    public static final int HEADER = 8;

    public static final int ECHO_REPLY = 0;
    public static final int UNREACHABLE = 3;
    public static final int REDIRECT = 5;
    public static final int ECHO = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;
    public static final int TIMESTAMP = 13;
    public static final int INFORMATION = 15;
    public static final int ADDRESS_MASK = 17;

    /// Codes of type 3 (RFC 792, RFC 1812 section 5.2.7.1).
    public static final int NET_UNREACHABLE = 0;

    public static final int HOST_UNREACHABLE = 1;
    public static final int PROTOCOL_UNREACHABLE = 2;
    public static final int PORT_UNREACHABLE = 3;
    public static final int FRAGMENTATION_NEEDED = 4;
    public static final int SOURCE_ROUTE_FAILED = 5;
    public static final int PROHIBITED = 13;

    /// Code of type 5: for the host alone (RFC 792).
    public static final int REDIRECT_HOST = 1;

    /// Code of type 11: not all fragments came in time (RFC 792).
    public static final int REASSEMBLY_TIME = 1;

    private Icmp4() {}

    public static int type(MemorySegment m, long at) {
        return Bytes.u8(m, at);
    }

    /// Whether `type` is an error message, about which no error may be sent (RFC 1122 section
    /// 3.2.2).
    public static boolean isError(int type) {
        return type == UNREACHABLE
                || type == 4
                || type == REDIRECT
                || type == TIME_EXCEEDED
                || type == PARAMETER_PROBLEM;
    }

    /// Whether `type` asks for an answer that nobody should depend on any more: the time (RFC 1812
    /// section 4.3.3.8 leaves it to us), and what RFC 6918 has deprecated.
    public static boolean isObsoleteRequest(int type) {
        return type == TIMESTAMP || type == INFORMATION || type == ADDRESS_MASK;
    }

    /// Writes type, code and the second word, then the checksum over `length` bytes from `at`.
    public static void write(MemorySegment m, long at, int type, int code, int word, int length) {
        Bytes.put16(m, at, type << 8 | code);
        Bytes.put16(m, at + 2, 0);
        Bytes.put32(m, at + 4, word);
        Bytes.put16(m, at + 2, Checksum.of(m, at, length));
    }
}
