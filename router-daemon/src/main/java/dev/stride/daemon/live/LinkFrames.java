package dev.stride.daemon.live;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortState;
import dev.stride.core.wire.Arp;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Nd;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Frames of the router's own making that stay on a link: ARP, neighbor discovery, multicast
/// listener reports. Whole frames without padding.
final class LinkFrames {
    static final int ICMP = Ethernet.HEADER + Ipv6.HEADER;

    private static final long ALL_LISTENERS =
            0x16; // MLDv2-capable routers, RFC 3810 section 5.2.14
    private static final int HOP_LIMIT = 255; // RFC 4861
    private static final int HOP_BY_HOP = 8; // bytes of the header with a router alert
    private static final int RECORD = 20; // bytes of a multicast address record
    private static final int TO_EXCLUDE = 4; // "change to exclude mode": listens from now on

    private LinkFrames() {}

    /// An ARP request.
    ///
    /// @param sender our address, or 0 in a probe
    /// @param to whom to ask; null for everybody
    static byte[] arpRequest(PortState from, int sender, @Nullable MacAddress to, int target) {
        byte[] frame = new byte[Ethernet.HEADER + Arp.LENGTH];
        MemorySegment m = MemorySegment.ofArray(frame);
        long mac = to == null ? MacAddress.BROADCAST : to.bits();
        Ethernet.write(m, 0, mac, from.mac(), Ethernet.ARP);
        long inside = to == null ? 0 : mac; // unknown: zero
        Arp.write(m, Ethernet.HEADER, Arp.REQUEST, from.mac(), sender, inside, target);
        return frame;
    }

    /// A neighbor solicitation (RFC 4861 section 4.3).
    ///
    /// @param sender our address; null in a probe for a duplicate
    /// @param to whom to ask; null for the target's solicited-node group
    static byte[] solicitation(
            PortState from,
            PortState.@Nullable Address6 sender,
            Ip6Address target,
            @Nullable MacAddress to) {
        int option = sender == null ? 0 : Nd.ADDRESS_OPTION;
        byte[] frame = new byte[ICMP + Nd.LENGTH + Nd.ADDRESS_OPTION];
        MemorySegment m = MemorySegment.ofArray(frame);
        long group = Ipv6.solicitedNodeLow(target.low());
        long mac = to == null ? Ipv6.multicastMac(group) : to.bits();
        Ethernet.write(m, 0, mac, from.mac(), Ethernet.IPV6);
        source(m, sender);
        if (to == null) {
            Ipv6.writeDestination(m, Ethernet.HEADER, Ipv6.LINK_GROUPS, group);
        } else {
            Ipv6.writeDestination(m, Ethernet.HEADER, target.high(), target.low());
        }
        Nd.write(
                m,
                ICMP,
                Icmp6.NEIGHBOR_SOLICITATION,
                0,
                target.high(),
                target.low(),
                Nd.SOURCE_ADDRESS,
                from.mac());
        return finish(frame, Nd.LENGTH + option);
    }

    /// An advertisement that nobody asked for (RFC 4861 section 7.2.6).
    static byte[] advertisement(PortState from, PortState.Address6 own) {
        byte[] frame = new byte[ICMP + Nd.LENGTH + Nd.ADDRESS_OPTION];
        MemorySegment m = MemorySegment.ofArray(frame);
        toAllNodes(m, from, own);
        Nd.write(
                m,
                ICMP,
                Icmp6.NEIGHBOR_ADVERTISEMENT,
                Nd.ROUTER | Nd.OVERRIDE,
                own.high(),
                own.low(),
                Nd.TARGET_ADDRESS,
                from.mac());
        return finish(frame, Nd.LENGTH + Nd.ADDRESS_OPTION);
    }

    /// Ethernet header and addresses of a message from `own` to all nodes.
    static void toAllNodes(MemorySegment m, PortState from, PortState.Address6 own) {
        long mac = Ipv6.multicastMac(Ipv6.ALL_NODES);
        Ethernet.write(m, 0, mac, from.mac(), Ethernet.IPV6);
        source(m, own);
        Ipv6.writeDestination(m, Ethernet.HEADER, Ipv6.LINK_GROUPS, Ipv6.ALL_NODES);
    }

    private static void source(MemorySegment m, PortState.@Nullable Address6 own) {
        if (own != null) { // else the unspecified address
            Ipv6.writeSource(m, Ethernet.HEADER, own.high(), own.low());
        }
    }

    /// Writes what is left of the IPv6 header of a message whose ICMPv6 part has `length` bytes,
    /// and its checksum; cuts what is behind.
    static byte[] finish(byte[] frame, int length) {
        MemorySegment m = MemorySegment.ofArray(frame);
        Ipv6.write(m, Ethernet.HEADER, 0, length, Ipv6.ICMP, HOP_LIMIT);
        Icmp6.writeChecksum(m, Ethernet.HEADER, ICMP, length);
        return frame.length == ICMP + length ? frame : Arrays.copyOf(frame, ICMP + length);
    }

    /// Tells switches that watch which groups the port listens to: those of its addresses (RFC 3810
    /// section 5.2; all nodes needs no report).
    ///
    /// @param sender a link-local address; null while there is none (RFC 3590)
    static byte[] listenerReport(PortState from, PortState.@Nullable Address6 sender) {
        List<Long> groups =
                from.addresses6().stream()
                        .map(address -> Ipv6.solicitedNodeLow(address.low()))
                        .distinct()
                        .toList();
        int length = Icmp6.HEADER + RECORD * groups.size();
        byte[] frame = new byte[ICMP + HOP_BY_HOP + length];
        MemorySegment m = MemorySegment.ofArray(frame);
        long mac = Ipv6.multicastMac(ALL_LISTENERS);
        Ethernet.write(m, 0, mac, from.mac(), Ethernet.IPV6);
        source(m, sender);
        Ipv6.writeDestination(m, Ethernet.HEADER, Ipv6.LINK_GROUPS, ALL_LISTENERS);
        Ipv6.write(m, Ethernet.HEADER, 0, HOP_BY_HOP + length, /* hop-by-hop= */ 0, 1);
        Bytes.put64(m, ICMP, (long) Ipv6.ICMP << 56 | 0x0502_0000_0100L); // router alert: MLD; PadN
        int icmp = ICMP + HOP_BY_HOP;
        Bytes.put8(m, icmp, Icmp6.LISTENER_REPORT_2);
        Bytes.put16(m, icmp + 6, groups.size());
        for (int i = 0; i < groups.size(); i++) {
            int at = icmp + Icmp6.HEADER + RECORD * i;
            Bytes.put8(m, at, TO_EXCLUDE);
            Bytes.put64(m, at + 4, Ipv6.LINK_GROUPS);
            Bytes.put64(m, at + 12, groups.get(i));
        }
        Icmp6.writeChecksum(m, Ethernet.HEADER, icmp, length);
        return frame;
    }
}
