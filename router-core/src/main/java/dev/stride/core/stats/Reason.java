package dev.stride.core.stats;

import java.util.Locale;

/// What became of a packet: the closed list of endings, one for each packet that enters. The label
/// in metrics and on screens is the constant's name in lower case.
///
/// For each port: received = sum over all endings, once nothing is held or in flight.
public enum Reason {
    /// IPv4, sent on by the routing table.
    FORWARDED(Kind.FORWARDED),
    /// IPv6, sent on by the routing table.
    FORWARDED_IPV6(Kind.FORWARDED),

    /// An echo request for one of our addresses, answered.
    ECHO_ANSWERED(Kind.ANSWERED),
    /// An ARP request for one of our addresses, answered.
    ARP_ANSWERED(Kind.ANSWERED),
    /// An ARP reply or announcement, taken note of.
    ARP_HEARD(Kind.ANSWERED),
    /// An ICMP message to one of our addresses that asks for no answer.
    ICMP_HEARD(Kind.ANSWERED),
    /// A neighbor or router solicitation, answered.
    ND_ANSWERED(Kind.ANSWERED),
    /// A neighbor discovery message, or a query for multicast listeners, taken note of.
    ND_HEARD(Kind.ANSWERED),
    /// A fragment to one of our addresses that others completed; the last one ends as their
    /// datagram does.
    FRAGMENT_REASSEMBLED(Kind.ANSWERED),
    /// A PFIL hook took the packet for itself.
    HOOK_CONSUMED(Kind.PUNTED),
    /// For the host behind the port's companion, and handed to it.
    PUNTED(Kind.PUNTED),
    /// A frame of the host's, taken from a companion and sent from its port as it is. Counted by
    /// the companion.
    COMPANION_SENT(Kind.PUNTED),
    /// A tagged frame, handed on to the VLAN port that it belongs to, which counts it as received.
    VLAN_PORT(Kind.PUNTED),

    /// Datagram from an address that is none of the tunnel's remotes.
    TUNNEL_SENDER(Kind.POLICY),
    /// Datagram shorter than the tunnel's header.
    TUNNEL_TRUNCATED(Kind.MALFORMED),
    /// VXLAN header without the I flag (RFC 7348 section 5).
    VXLAN_FLAGS(Kind.MALFORMED),
    /// VXLAN header of another network than the port's.
    VXLAN_NETWORK(Kind.POLICY),

    /// Longer than the port's MTU lets a frame be, by so much that it did not fit into its buffers.
    FRAME_TOO_LONG(Kind.MTU),
    /// Shorter than an Ethernet header.
    FRAME_TRUNCATED(Kind.MALFORMED),
    /// Frame for another station's MAC address, seen in promiscuous mode.
    NOT_OUR_MAC(Kind.POLICY),
    /// Source MAC address is a group address.
    SOURCE_MAC(Kind.MALFORMED),
    /// A VLAN tag that no port has.
    VLAN_UNKNOWN(Kind.POLICY),
    /// EtherType that Stride does not speak.
    ETHERTYPE(Kind.UNSUPPORTED),
    /// IPv6 on a port that has no IPv6 address.
    IPV6_OFF(Kind.POLICY),
    /// Offload metadata that contradicts the frame.
    OFFLOAD_METADATA(Kind.MALFORMED),

    /// ARP that is not for IPv4 over Ethernet, or too short.
    ARP_MALFORMED(Kind.MALFORMED),
    /// ARP that asks for somebody else, or tells what we did not ask.
    ARP_NOT_FOR_US(Kind.POLICY),
    /// ARP that claims one of our addresses (RFC 5227).
    ARP_CONFLICT(Kind.POLICY),

    /// Fewer bytes than the IPv4 header or its total length asks for.
    IPV4_TRUNCATED(Kind.MALFORMED),
    /// Wrong IPv4 header checksum.
    IPV4_CHECKSUM(Kind.MALFORMED),
    /// IP version is not 4 behind EtherType 0x0800.
    IPV4_VERSION(Kind.MALFORMED),
    /// IPv4 header length below 20 bytes.
    IPV4_HEADER_LENGTH(Kind.MALFORMED),
    /// IPv4 total length below the header's.
    IPV4_TOTAL_LENGTH(Kind.MALFORMED),
    /// IPv4 options that are broken, or without room for what they ask for (RFC 1812 section
    /// 4.3.3.5): the sender is told where.
    IPV4_OPTIONS(Kind.MALFORMED),
    /// IPv4 source route by a port that does not allow them.
    SOURCE_ROUTE(Kind.POLICY),
    /// Strict IPv4 source route to a station that is not on our links, or that does not lead here.
    SOURCE_ROUTE_FAILED(Kind.NO_ROUTE),
    /// Fewer bytes than the IPv6 header or its payload length asks for.
    IPV6_TRUNCATED(Kind.MALFORMED),
    /// IP version is not 6 behind EtherType 0x86dd.
    IPV6_VERSION(Kind.MALFORMED),
    /// Extension headers to one of our addresses that are broken, too many, or must be known and
    /// are not (RFC 8200 section 4).
    IPV6_EXTENSION(Kind.MALFORMED),
    /// Link-local source or destination that would leave its link (RFC 4291 section 2.5.6).
    IPV6_SCOPE(Kind.POLICY),
    /// Neighbor discovery that RFC 4861 sections 6.1 and 7.1 tell to discard.
    ND_MALFORMED(Kind.MALFORMED),
    /// Neighbor discovery about somebody else, or that we do not take part in.
    ND_NOT_FOR_US(Kind.POLICY),
    /// Neighbor discovery that claims one of our addresses (RFC 4862 section 5.4).
    ND_CONFLICT(Kind.POLICY),
    /// Source of no station: 0/8, 127/8, 224/3, `::`, `::1`, multicast, or one of our own (RFC 1812
    /// section 5.3.7).
    MARTIAN_SOURCE(Kind.POLICY),
    /// Destination of no station: 0/8, 127/8, 240/4, `::`, `::1` (RFC 1812 section 5.3.7).
    MARTIAN_DESTINATION(Kind.POLICY),
    /// Multicast, which this version does not forward.
    MULTICAST(Kind.UNSUPPORTED),
    /// Broadcast for this link that nothing here wants, or a directed broadcast (RFC 2644).
    BROADCAST(Kind.POLICY),
    /// Unicast destination in a link-layer broadcast or multicast (RFC 1812 section 5.3.4).
    LINK_BROADCAST(Kind.POLICY),

    /// No route, or none through the arriving port, leads back to the source (RFC 3704).
    REVERSE_PATH(Kind.POLICY),
    /// A PFIL hook said so.
    FILTERED(Kind.POLICY),

    /// To one of our addresses: from further away than the port's `ttl-security` lets (RFC 5082).
    TTL_SECURITY(Kind.POLICY),
    /// To one of our addresses: an ICMP request for the time, the address mask or other
    /// information, which is not answered.
    ICMP_UNANSWERED(Kind.LOCAL),
    /// To one of our addresses: no such UDP port.
    PORT_UNREACHABLE(Kind.LOCAL),
    /// To one of our addresses: no such protocol.
    PROTOCOL_UNREACHABLE(Kind.LOCAL),
    /// To one of our addresses: TCP, with nothing that listens; a reset says so.
    TCP_CLOSED(Kind.LOCAL),
    /// To one of our addresses: a fragment without data, or not of whole 8 bytes though more
    /// follow.
    FRAGMENT_MALFORMED(Kind.MALFORMED),
    /// To one of our addresses: fragments that overlap or disagree on their end (RFC 5722).
    FRAGMENT_OVERLAP(Kind.MALFORMED),
    /// To one of our addresses: fragments of more than 65,535 bytes together.
    FRAGMENT_TOO_LONG(Kind.MALFORMED),
    /// To one of our addresses: a fragment that has come before.
    FRAGMENT_DUPLICATE(Kind.LOCAL),
    /// To one of our addresses: fragments of which others did not come in time.
    FRAGMENT_TIMEOUT(Kind.LOCAL),
    /// To one of our addresses: fragments that made room for those of newer datagrams, or came to a
    /// full queue.
    FRAGMENT_TABLE_FULL(Kind.OVERLOAD),
    /// To one of our addresses: truncated or with a wrong checksum.
    LOCAL_MALFORMED(Kind.MALFORMED),
    /// An echo request beyond the rate limit.
    ECHO_LIMIT(Kind.OVERLOAD),

    /// For the host behind the port's companion, beyond the rate of its class.
    PUNT_LIMIT(Kind.OVERLOAD),

    /// TTL or hop limit would become zero.
    TTL_EXPIRED(Kind.TTL),
    /// No route covers the destination.
    NO_ROUTE(Kind.NO_ROUTE),
    /// A route says to drop silently.
    BLACKHOLE(Kind.NO_ROUTE),
    /// A route says unreachable.
    UNREACHABLE(Kind.NO_ROUTE),
    /// A route says prohibited.
    PROHIBITED(Kind.NO_ROUTE),
    /// Longer than the egress's MTU with DF set, or IPv6.
    MTU_EXCEEDED(Kind.MTU),
    /// Longer than the egress's MTU in a form that cannot be fragmented.
    NOT_FRAGMENTABLE(Kind.MTU),

    /// The next hop did not answer ARP or neighbor discovery in time.
    NEIGHBOR_UNRESOLVED(Kind.NEIGHBOR),
    /// Too many packets wait for this next hop.
    HOLD_QUEUE_FULL(Kind.NEIGHBOR),
    /// Too many next hops are being resolved: the oldest question gave way.
    NEIGHBOR_TABLE_FULL(Kind.NEIGHBOR),
    /// ARP or neighbor discovery, more at a time than a port is listened to.
    NEIGHBOR_FLOOD(Kind.OVERLOAD),

    /// The egress port is down.
    PORT_DOWN(Kind.PORT),
    /// The egress port did not take the frame in time.
    TRANSMIT_FULL(Kind.OVERLOAD),
    /// The egress port refused the frame.
    TRANSMIT_ERROR(Kind.PORT),
    /// No packet memory left to work with.
    NO_MEMORY(Kind.OVERLOAD),
    /// A bug in Stride; the log says more.
    INTERNAL(Kind.INTERNAL);

    /// What a reason belongs to: the `class` label of drops, and whether it is a drop at all.
    public enum Kind {
        FORWARDED,
        ANSWERED,
        PUNTED,
        MALFORMED,
        UNSUPPORTED,
        POLICY,
        LOCAL,
        TTL,
        NO_ROUTE,
        MTU,
        NEIGHBOR,
        PORT,
        OVERLOAD,
        INTERNAL;

        private final String label = name().toLowerCase(Locale.ROOT);

        /// The value of the `class` label.
        public String label() {
            return label;
        }
    }

    private final Kind kind;
    private final String label = name().toLowerCase(Locale.ROOT);

    Reason(Kind kind) {
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /// The value of the `reason` label.
    public String label() {
        return label;
    }

    /// Whether the packet ended here against its sender's wish.
    public boolean isDrop() {
        return kind.ordinal() > Kind.PUNTED.ordinal();
    }
}
