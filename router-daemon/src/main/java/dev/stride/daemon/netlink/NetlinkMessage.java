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

    /// The main table, `RT_TABLE_MAIN`.
    int MAIN_TABLE = 254;

    /// RTM_NEWROUTE or, when `gone`, RTM_DELROUTE, of IPv4 or IPv6.
    ///
    /// @param sourceLength length of the prefix that a packet's source must have; 0 for any
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
