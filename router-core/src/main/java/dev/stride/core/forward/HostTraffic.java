package dev.stride.core.forward;

import dev.stride.core.stats.PuntClass;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Udp;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What of the frames on a link is for routing daemons on the host, and of which class it is.
final class HostTraffic {
    /// Protocols (IANA) beside those that [Ipv4] and [Ipv6] name.
    private static final int IGMP = 2;

    private static final int EIGRP = 88;
    private static final int OSPF = 89;
    private static final int PIM = 103;
    private static final int VRRP = 112;

    /// ff02::1:0/112 without solicited nodes.
    private static final long MORE_GROUPS = 0x1_0000L;

    private static final long LINK_ADDRESSES = 0x0180_c200_0000L; // IEEE 802.1D: 16 of them
    private static final long ISIS_LEVEL_1 = 0x0180_c200_0014L; // ISO 10589 section 8.4.8
    private static final long ISIS_LEVEL_2 = 0x0180_c200_0015L;
    private static final long ISIS_ALL = 0x0900_2b00_0005L; // RFC 5309 links

    private HostTraffic() {}

    /// The class of a datagram.
    ///
    /// @param protocol behind all IPv6 extension headers
    /// @param at where its header is, of which `length` bytes are there
    static PuntClass of(int protocol, MemorySegment m, int at, int length) {
        return switch (protocol) {
            case OSPF, EIGRP -> PuntClass.IGP;
            case PIM, VRRP, IGMP -> PuntClass.GROUP;
            case Ipv4.ICMP, Ipv6.ICMP -> PuntClass.ICMP;
            case Ipv4.TCP -> length < 4 ? PuntClass.OTHER : tcp(m, at);
            case Ipv4.UDP -> length < 4 ? PuntClass.OTHER : udp(Udp.destinationPort(m, at));
            default -> PuntClass.OTHER;
        };
    }

    /// Whoever connected, one of the ports is the daemon's.
    private static PuntClass tcp(MemorySegment m, int at) {
        int source = Udp.sourcePort(m, at); // where TCP has it, too
        int destination = Udp.destinationPort(m, at);
        if (source == 179 || destination == 179) {
            return PuntClass.BGP;
        }
        return source == 646 || destination == 646 ? PuntClass.IGP : PuntClass.TCP;
    }

    private static PuntClass udp(int port) {
        return switch (port) {
            case 3784, 3785, 4784, 6784 -> PuntClass.BFD;
            case 520, 521, 646, 6696 -> PuntClass.IGP; // RIP, RIPng, LDP, Babel
            default -> PuntClass.OTHER;
        };
    }

    /// Whether daemons listen to a group of IPv4: all systems (IGMP), all routers, OSPF, RIP 2,
    /// EIGRP, PIM, VRRP, IGMPv3, Babel.
    static boolean hasListeners4(int group) {
        return switch (group - 0xe000_0000) {
            case 1, 2, 5, 6, 9, 10, 13, 18, 22, 111 -> true;
            default -> false;
        };
    }

    /// The same of IPv6, of groups that the router itself does not listen to.
    static boolean hasListeners6(long high, long low) {
        if (high != Ipv6.LINK_GROUPS) {
            return false;
        }
        return low == 5
                || low == 6
                || low == 9
                || low == 0xa
                || low == 0xd
                || low == 0x12
                || low == 0x16
                || low == MORE_GROUPS + 6; // Babel
    }

    /// The class of a frame that is neither IP nor ARP by its destination; null for none.
    static @Nullable PuntClass ofLink(long destination) {
        if (destination == ISIS_LEVEL_1 || destination == ISIS_LEVEL_2 || destination == ISIS_ALL) {
            return PuntClass.IGP;
        }
        return (destination & ~0xfL) == LINK_ADDRESSES ? PuntClass.LINK : null;
    }
}
