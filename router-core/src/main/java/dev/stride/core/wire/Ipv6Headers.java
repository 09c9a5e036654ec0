package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// Finds what lies behind the extension headers of a datagram (RFC 8200 section 4). One for each
/// thread, used again and again, so that nothing is allocated.
public final class Ipv6Headers {
    /// How a walk ended.
    public enum End {
        /// At a header that is no extension, or at "no next header".
        UPPER,
        /// At a fragment that is not the first: no upper header in it.
        LATER_FRAGMENT,
        /// A header reaches beyond the datagram, or there are too many (RFC 8504 section 5.3).
        BROKEN,
        /// A routing header that wants to go on (type 0 is deprecated: RFC 5095).
        ROUTING,
        /// An option that must be known, and is not (RFC 8200 section 4.2).
        OPTION
    }

    private static final int MAX_HEADERS = 8;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int AUTHENTICATION = 51;
    private static final int DESTINATION_OPTIONS = 60;

    private static final int PAD1 = 0;
    private static final int PADN = 1;
    private static final int ROUTER_ALERT = 5;

    private int protocol;
    private int at;
    private int pointer;
    private boolean fragment;
    private int fragmentAt;
    private int fragmentField;
    private boolean silent;

    /// Walks from the header at `ip` of a valid datagram.
    public End walk(MemorySegment m, int ip) {
        int end = ip + Ipv6.HEADER + Ipv6.payloadLength(m, ip);
        protocol = Ipv6.nextHeader(m, ip);
        pointer = ip + 6;
        at = ip + Ipv6.HEADER;
        fragment = false;
        for (int i = 0; i <= MAX_HEADERS; i++) {
            if (!isExtension(protocol)) {
                return End.UPPER;
            }
            if (at + 8 > end) {
                return End.BROKEN;
            }
            int length = length(m);
            if (at + length > end) {
                return End.BROKEN;
            }
            End bad = look(m, length);
            if (bad != End.UPPER) {
                return bad;
            }
            protocol = Bytes.u8(m, at);
            pointer = at;
            at += length;
        }
        return End.BROKEN;
    }

    private static boolean isExtension(int header) {
        return header == HOP_BY_HOP
                || header == ROUTING
                || header == Ipv6.FRAGMENT
                || header == AUTHENTICATION
                || header == DESTINATION_OPTIONS;
    }

    private int length(MemorySegment m) {
        return switch (protocol) {
            case Ipv6.FRAGMENT -> Ipv6.FRAGMENT_HEADER;
            case AUTHENTICATION -> (Bytes.u8(m, at + 1) + 2) << 2;
            default -> (Bytes.u8(m, at + 1) + 1) << 3;
        };
    }

    /// [End#UPPER] where the walk may go on behind this header.
    private End look(MemorySegment m, int length) {
        return switch (protocol) {
            case Ipv6.FRAGMENT -> {
                int word = Bytes.u16(m, at + 2);
                if (!fragment && (word & 0xfff9) != 0) { // an atomic fragment is none (RFC 6946)
                    fragment = true;
                    fragmentAt = at;
                    fragmentField = pointer;
                }
                yield word >>> 3 != 0 ? End.LATER_FRAGMENT : End.UPPER;
            }
            case ROUTING -> {
                pointer = at + 2;
                yield Bytes.u8(m, at + 3) != 0 ? End.ROUTING : End.UPPER;
            }
            case HOP_BY_HOP, DESTINATION_OPTIONS -> options(m, at + 2, at + length);
            default -> End.UPPER;
        };
    }

    private End options(MemorySegment m, int from, int end) {
        for (int option = from; option < end; ) {
            int type = Bytes.u8(m, option);
            if (type == PAD1) {
                option++;
                continue;
            }
            if (option + 2 > end || option + 2 + Bytes.u8(m, option + 1) > end) {
                return End.BROKEN;
            }
            if (type != PADN && type != ROUTER_ALERT && type >>> 6 != 0) {
                pointer = option;
                silent = type >>> 6 == 1;
                return End.OPTION;
            }
            option += 2 + Bytes.u8(m, option + 1);
        }
        return End.UPPER;
    }

    /// The protocol of the upper header.
    public int protocol() {
        return protocol;
    }

    /// Where the upper header is.
    public int at() {
        return at;
    }

    /// Where the field is that the walk ended at: for "parameter problem".
    public int pointer() {
        return pointer;
    }

    /// Whether the datagram is one of several fragments.
    public boolean isFragment() {
        return fragment;
    }

    /// Where the fragment header of a fragment is.
    public int fragmentAt() {
        return fragmentAt;
    }

    /// Where the field is that says that the fragment header follows.
    public int fragmentField() {
        return fragmentField;
    }

    /// Whether nobody is to be told of the option that ended the walk.
    public boolean isSilent() {
        return silent;
    }
}
