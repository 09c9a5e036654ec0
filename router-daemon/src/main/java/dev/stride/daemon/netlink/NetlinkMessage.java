package dev.stride.daemon.netlink;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message of rtnetlink(7), decoded.
public sealed interface NetlinkMessage {
    /// Kinds of routes, `rtm_type` of linux/rtnetlink.h, as far as they mean something here.
    int RTN_UNICAST = 1;

    int RTN_BLACKHOLE = 6;
    int RTN_UNREACHABLE = 7;
    int RTN_PROHIBIT = 8;

    /// Of `nlmsg_flags`, linux/netlink.h: a dump of which the tables changed meanwhile, and how a
    /// new object stands to older ones.
    int DUMP_INTERRUPTED = 0x10;

    int REPLACE = 0x100;
    int EXCLUSIVE = 0x200;
    int CREATE = 0x400;
    int APPEND = 0x800;

    /// The main table, `RT_TABLE_MAIN`.
    int MAIN_TABLE = 254;

    /// RTM_NEWROUTE or, when `gone`, RTM_DELROUTE, of IPv4 or IPv6.
    ///
    /// @param sourceLength length of the prefix that a packet's source must have; 0 for any
    /// @param tos type of service that a packet must have; 0 for any
    /// @param table unsigned
    /// @param protocol who made the route, `rtm_protocol`
    /// @param kind `rtm_type`; 0 where `gone`
    /// @param nextHopId of a [NextHopMessage]; 0 where the next hops are in `hops`
    /// @param hops where packets go; empty for a kind that needs none
    /// @param encapsulated whether any of them asks for a header around the packet (RTA_ENCAP)
    record RouteMessage(
            boolean gone,
            IpPrefix prefix,
            int sourceLength,
            int tos,
            int table,
            int protocol,
            int kind,
            int priority,
            int nextHopId,
            List<Hop> hops,
            boolean encapsulated)
            implements NetlinkMessage {
        public RouteMessage {
            hops = List.copyOf(hops);
        }
    }

    /// RTM_NEWNEXTHOP or, when `gone`, RTM_DELNEXTHOP: what an id stands for. Either a single next
    /// hop or a group of ids.
    ///
    /// @param hop null for a group and where nothing is said, as when `gone`
    /// @param members of a group, else empty
    record NextHopMessage(
            boolean gone,
            int id,
            boolean blackhole,
            @Nullable Hop hop,
            List<Member> members,
            boolean encapsulated)
            implements NetlinkMessage {
        public NextHopMessage {
            members = List.copyOf(members);
        }
    }

    /// RTM_NEWLINK or, when `gone`, RTM_DELLINK.
    ///
    /// @param index of the interface in the sender's namespace
    /// @param name empty where it is not said
    /// @param up whether it is administratively up
    record LinkMessage(boolean gone, int index, String name, boolean up)
            implements NetlinkMessage {}

    /// RTM_NEWADDR or, when `gone`, RTM_DELADDR: an address of the kernel's own.
    ///
    /// @param index of its interface
    record AddressMessage(boolean gone, int index, IpAddress address, int length)
            implements NetlinkMessage {}

    /// RTM_NEWNEIGH or, when `gone`, RTM_DELNEIGH, of an IPv4 or IPv6 neighbor.
    ///
    /// @param index of the interface that it is behind
    /// @param state `ndm_state`
    /// @param mac the lower 48 bits; -1 where it is not said
    record NeighborMessage(boolean gone, int index, IpAddress address, int state, long mac)
            implements NetlinkMessage {
        /// Set by somebody, to stay: NUD_PERMANENT.
        public boolean isPermanent() {
            return (state & 0x80) != 0;
        }
    }

    /// The end of what was asked for: NLMSG_DONE, or NLMSG_ERROR.
    ///
    /// @param errno why it failed; 0 when it did not
    record EndMessage(int errno) implements NetlinkMessage {}

    /// A message of another type or family.
    ///
    /// @param type `nlmsg_type`
    record OtherMessage(int type) implements NetlinkMessage {}

    /// Bytes that are no message. Nothing that follows them can be read.
    record MalformedMessage(Problem problem) implements NetlinkMessage {}

    /// @param gateway null where the interface alone is the next hop
    /// @param device index of the interface in the sender's namespace; 0 where none is said
    /// @param weight share of the flows, 1 to 256
    record Hop(@Nullable IpAddress gateway, int device, int weight) {}

    /// @param id of a single next hop
    /// @param weight share of the flows, 1 to 256
    record Member(int id, int weight) {}
}
