package dev.stride.daemon.netlink;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.daemon.netlink.NetlinkMessage.AddressMessage;
import dev.stride.daemon.netlink.NetlinkMessage.EndMessage;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import dev.stride.daemon.netlink.NetlinkMessage.LinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.MalformedMessage;
import dev.stride.daemon.netlink.NetlinkMessage.Member;
import dev.stride.daemon.netlink.NetlinkMessage.NeighborMessage;
import dev.stride.daemon.netlink.NetlinkMessage.NextHopMessage;
import dev.stride.daemon.netlink.NetlinkMessage.OtherMessage;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the messages of a buffer one after the other: linux/netlink.h, linux/rtnetlink.h,
/// linux/nexthop.h. No input makes it throw or read outside the buffer.
///
/// ```
/// | length 32 | type 16 | flags 16 | sequence 32 | sender 32 | body | attributes | padding to 4
/// ```
public final class MessageReader {
    private static final int HEADER = 16;
    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int NEWLINK = 16;
    private static final int DELLINK = 17;
    private static final int NEWADDR = 20;
    private static final int DELADDR = 21;
    private static final int NEWROUTE = 24;
    private static final int DELROUTE = 25;
    private static final int NEWNEIGH = 28;
    private static final int DELNEIGH = 29;
    private static final int NEWNEXTHOP = 104;
    private static final int DELNEXTHOP = 105;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private static final int ROUTE_BODY = 12; // struct rtmsg
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_TABLE = 15;
    private static final int RTA_VIA = 18;
    private static final int RTA_ENCAP_TYPE = 21;
    private static final int RTA_ENCAP = 22;
    private static final int RTA_NH_ID = 30;

    private static final int NEXT_HOP_BODY = 8; // struct nhmsg
    private static final int NHA_ID = 1;
    private static final int NHA_GROUP = 2;
    private static final int NHA_BLACKHOLE = 4;
    private static final int NHA_OIF = 5;
    private static final int NHA_GATEWAY = 6;
    private static final int NHA_ENCAP_TYPE = 7;
    private static final int NHA_ENCAP = 8;
    private static final int GROUP_ENTRY = 8; // struct nexthop_grp

    private static final int HOP_HEADER = 8; // struct rtnexthop
    private static final int RTM_F_CLONED = 0x200; // a cached copy of a route

    private static final int LINK_BODY = 16; // struct ifinfomsg
    private static final int IFLA_IFNAME = 3;
    private static final int IFF_UP = 1;

    private static final int ADDRESS_BODY = 8; // struct ifaddrmsg
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;

    private static final int NEIGHBOR_BODY = 12; // struct ndmsg
    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;

    private final ByteBuffer buffer;
    private final int limit;
    private int next; // where the next message starts
    private int flags;
    private int sequence;

    /// @param bytes the messages, from position to limit; set to this machine's byte order, which
    ///   they are in, and not moved
    public MessageReader(ByteBuffer bytes) {
        buffer = bytes.order(ByteOrder.nativeOrder());
        next = bytes.position();
        limit = bytes.limit();
    }

    /// The next message; null behind the last. A [MalformedMessage] is always the last.
    public @Nullable NetlinkMessage next() {
        if (next == limit) {
            return null;
        }
        try {
            return message();
        } catch (MalformedException e) {
            next = limit;
            return new MalformedMessage(e.problem());
        }
    }

    /// `nlmsg_flags` of the last message.
    public int flags() {
        return flags;
    }

    /// `nlmsg_seq` of the last message: that of the request that it answers.
    public int sequence() {
        return sequence;
    }

    private NetlinkMessage message() throws MalformedException {
        int at = next;
        if (limit - at < HEADER) {
            throw new MalformedException(Problem.HEADER);
        }
        int length = buffer.getInt(at);
        if (length < HEADER || length > limit - at) {
            throw new MalformedException(Problem.LENGTH);
        }
        next = at + Math.min(limit - at, AttributeReader.aligned(length));
        int type = buffer.getShort(at + 4) & 0xffff;
        flags = buffer.getShort(at + 6) & 0xffff;
        sequence = buffer.getInt(at + 8);
        int body = at + HEADER;
        int end = at + length;
        return switch (type) {
            case NEWROUTE, DELROUTE -> route(type, body, end);
            case NEWLINK, DELLINK -> link(type, body, end);
            case NEWADDR, DELADDR -> address(type, body, end);
            case NEWNEIGH, DELNEIGH -> neighbor(type, body, end);
            case ERROR, DONE -> new EndMessage(end - body < 4 ? 0 : -buffer.getInt(body));
            case NEWNEXTHOP, DELNEXTHOP -> nextHop(type, body, end);
            default -> new OtherMessage(type);
        };
    }

    private NetlinkMessage route(int type, int body, int end) throws MalformedException {
        need(ROUTE_BODY, body, end);
        int family = buffer.get(body);
        boolean cloned = (buffer.getInt(body + 8) & RTM_F_CLONED) != 0;
        if (family != AF_INET && family != AF_INET6 || cloned) {
            return new OtherMessage(type);
        }
        int table = buffer.get(body + 4) & 0xff;
        int priority = 0;
        int id = 0;
        boolean encapsulated = false;
        IpAddress destination = null;
        IpAddress gateway = null;
        int device = 0;
        List<Hop> hops = List.of();
        AttributeReader attributes = new AttributeReader(buffer, body + ROUTE_BODY, end);
        while (attributes.next()) {
            switch (attributes.type()) {
                case RTA_DST -> destination = attributes.address();
                case RTA_OIF -> device = attributes.number();
                case RTA_GATEWAY -> gateway = attributes.address();
                case RTA_VIA -> gateway = attributes.via();
                case RTA_PRIORITY -> priority = attributes.number();
                case RTA_TABLE -> table = attributes.number();
                case RTA_NH_ID -> id = attributes.number();
                case RTA_ENCAP, RTA_ENCAP_TYPE -> encapsulated = true;
                case RTA_MULTIPATH -> {
                    hops = new ArrayList<>();
                    encapsulated |= multipath(attributes, hops);
                }
                default -> {} // preferred source, metrics: of no use to a router
            }
        }
        if (hops.isEmpty() && (gateway != null || device != 0)) {
            hops = List.of(new Hop(gateway, device, 1));
        }
        return new RouteMessage(
                type == DELROUTE,
                prefix(family, destination, buffer.get(body + 1) & 0xff),
                buffer.get(body + 2) & 0xff,
                buffer.get(body + 3) & 0xff,
                table,
                buffer.get(body + 5) & 0xff,
                buffer.get(body + 7) & 0xff,
                priority,
                id,
                hops,
                encapsulated);
    }

    private static void need(int bytes, int from, int end) throws MalformedException {
        if (end - from < bytes) {
            throw new MalformedException(Problem.BODY);
        }
    }

    /// The default route may come without a destination.
    private static IpPrefix prefix(int family, @Nullable IpAddress destination, int length)
            throws MalformedException {
        IpAddress zero = family == AF_INET ? new Ip4Address(0) : new Ip6Address(0, 0);
        IpAddress address = destination == null && length == 0 ? zero : destination;
        if (address == null || address.width() != zero.width() || length > zero.width()) {
            throw new MalformedException(Problem.PREFIX);
        }
        return address.prefix(length);
    }

    /// Adds the hops of RTA_MULTIPATH, `{length16, flags8, weight - 1, device32, attributes}` each;
    /// returns whether any is encapsulated.
    private boolean multipath(AttributeReader multipath, List<Hop> hops) throws MalformedException {
        int at = multipath.start();
        int end = at + multipath.length();
        boolean encapsulated = false;
        while (end - at >= HOP_HEADER) {
            int length = buffer.getShort(at) & 0xffff;
            if (length < HOP_HEADER || length > end - at) {
                throw new MalformedException(Problem.NEXT_HOPS);
            }
            IpAddress gateway = null;
            AttributeReader attributes = new AttributeReader(buffer, at + HOP_HEADER, at + length);
            while (attributes.next()) {
                switch (attributes.type()) {
                    case RTA_GATEWAY -> gateway = attributes.address();
                    case RTA_VIA -> gateway = attributes.via();
                    case RTA_ENCAP, RTA_ENCAP_TYPE -> encapsulated = true;
                    default -> {}
                }
            }
            int weight = (buffer.get(at + 3) & 0xff) + 1;
            hops.add(new Hop(gateway, buffer.getInt(at + 4), weight));
            at += AttributeReader.aligned(length);
        }
        return encapsulated;
    }

    /// Messages of a family of its own are about something else: that a bridge lost a port, say.
    private NetlinkMessage link(int type, int body, int end) throws MalformedException {
        need(LINK_BODY, body, end);
        if (buffer.get(body) != 0) {
            return new OtherMessage(type);
        }
        String name = "";
        AttributeReader attributes = new AttributeReader(buffer, body + LINK_BODY, end);
        while (attributes.next()) {
            if (attributes.type() == IFLA_IFNAME) {
                name = attributes.text();
            }
        }
        boolean up = (buffer.getInt(body + 8) & IFF_UP) != 0;
        return new LinkMessage(type == DELLINK, buffer.getInt(body + 4), name, up);
    }

    /// The address that is ours: on a point-to-point link IFA_ADDRESS is the other end's.
    private NetlinkMessage address(int type, int body, int end) throws MalformedException {
        need(ADDRESS_BODY, body, end);
        IpAddress address = null;
        boolean local = false;
        AttributeReader attributes = new AttributeReader(buffer, body + ADDRESS_BODY, end);
        while (attributes.next()) {
            if (attributes.type() == IFA_LOCAL || attributes.type() == IFA_ADDRESS && !local) {
                address = attributes.address();
                local |= attributes.type() == IFA_LOCAL;
            }
        }
        return address == null
                ? new OtherMessage(type)
                : new AddressMessage(
                        type == DELADDR,
                        buffer.getInt(body + 4),
                        address,
                        buffer.get(body + 1) & 0xff);
    }

    private NetlinkMessage neighbor(int type, int body, int end) throws MalformedException {
        need(NEIGHBOR_BODY, body, end);
        int family = buffer.get(body);
        if (family != AF_INET && family != AF_INET6) {
            return new OtherMessage(type); // an entry of a bridge
        }
        IpAddress address = null;
        long mac = -1;
        AttributeReader attributes = new AttributeReader(buffer, body + NEIGHBOR_BODY, end);
        while (attributes.next()) {
            switch (attributes.type()) {
                case NDA_DST -> address = attributes.address();
                case NDA_LLADDR -> mac = attributes.mac();
                default -> {}
            }
        }
        int state = buffer.getShort(body + 8) & 0xffff;
        return address == null
                ? new OtherMessage(type)
                : new NeighborMessage(
                        type == DELNEIGH, buffer.getInt(body + 4), address, state, mac);
    }

    private NextHopMessage nextHop(int type, int body, int end) throws MalformedException {
        need(NEXT_HOP_BODY, body, end);
        int id = 0;
        boolean blackhole = false;
        boolean encapsulated = false;
        IpAddress gateway = null;
        int device = 0;
        List<Member> members = List.of();
        AttributeReader attributes = new AttributeReader(buffer, body + NEXT_HOP_BODY, end);
        while (attributes.next()) {
            switch (attributes.type()) {
                case NHA_ID -> id = attributes.number();
                case NHA_GROUP -> members = members(attributes);
                case NHA_BLACKHOLE -> blackhole = true;
                case NHA_OIF -> device = attributes.number();
                case NHA_GATEWAY -> gateway = attributes.address();
                case NHA_ENCAP, NHA_ENCAP_TYPE -> encapsulated = true;
                default -> {}
            }
        }
        if (id == 0) {
            throw new MalformedException(Problem.ID);
        }
        Hop hop = gateway == null && device == 0 ? null : new Hop(gateway, device, 1);
        return new NextHopMessage(type == DELNEXTHOP, id, blackhole, hop, members, encapsulated);
    }

    /// The entries of NHA_GROUP, `{id32, weight - 1, reserved 24}` each.
    private List<Member> members(AttributeReader group) throws MalformedException {
        if (group.length() % GROUP_ENTRY != 0) {
            throw new MalformedException(Problem.VALUE);
        }
        List<Member> members = new ArrayList<>(group.length() / GROUP_ENTRY);
        int end = group.start() + group.length();
        for (int at = group.start(); at < end; at += GROUP_ENTRY) {
            members.add(new Member(buffer.getInt(at), (buffer.get(at + 4) & 0xff) + 1));
        }
        return members;
    }
}
