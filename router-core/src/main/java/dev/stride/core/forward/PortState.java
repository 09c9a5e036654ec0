package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.wire.Ipv6;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the data path knows of a port. Immutable; the control thread publishes a new one for each
/// change.
///
/// @param index its number on the data path
/// @param table the routing table that decides on packets which come by it
/// @param mac the router's address on it, in the lower 48 bits
/// @param mtu bytes of the largest IP datagram
/// @param addresses the router's IPv4 addresses on it, the preferred one first
/// @param addresses6 the router's IPv6 addresses on it; none means that the port speaks no IPv6
/// @param policy what it is set to beyond that
public record PortState(
        int index,
        String name,
        RoutingTable table,
        long mac,
        int mtu,
        boolean up,
        List<Address> addresses,
        List<Address6> addresses6,
        PortPolicy policy) {
    /// What a router that has no address of its own says in ICMP.
    public static final int NO_ADDRESS = 0xc0000008;

    private static final long SITE_GROUPS = 0xff05L << 48;

    /// A port without IPv6 and policy.
    public PortState(
            int index,
            String name,
            RoutingTable table,
            long mac,
            int mtu,
            boolean up,
            List<Address> addresses) {
        this(index, name, table, mac, mtu, up, addresses, List.of(), PortPolicy.NONE);
    }

    /// What stands at an index that no port has.
    static PortState absent(int index, RoutingTable table) {
        return new PortState(index, "", table, 0, 0, false, List.of());
    }

    /// Whether there is a port of this index.
    public boolean isPresent() {
        return !name.isEmpty();
    }

    /// The same port, up or down.
    public PortState withUp(boolean now) {
        return new PortState(index, name, table, mac, mtu, now, addresses, addresses6, policy);
    }

    /// The same port with other IPv4 addresses.
    public PortState withAddresses4(List<Address> now) {
        return new PortState(index, name, table, mac, mtu, up, now, addresses6, policy);
    }

    /// The same port with other IPv6 addresses.
    public PortState withAddresses6(List<Address6> now) {
        return new PortState(index, name, table, mac, mtu, up, addresses, now, policy);
    }

    /// The same port with another policy.
    public PortState withPolicy(PortPolicy now) {
        return new PortState(index, name, table, mac, mtu, up, addresses, addresses6, now);
    }

    /// An address of the router and the prefix of its link.
    ///
    /// @param state what is known of its uniqueness; it is used only when valid
    public record Address(int bits, int length, AddressState state) {
        /// One that is used.
        public Address(int bits, int length) {
            this(bits, length, AddressState.VALID);
        }

        public boolean isValid() {
            return state == AddressState.VALID;
        }

        /// The same address in another state.
        public Address in(AddressState other) {
            return new Address(bits, length, other);
        }

        private boolean covers(int other) {
            return ((bits ^ other) & Ip4Prefix.mask(length)) == 0;
        }

        /// The connected prefix.
        public Ip4Prefix prefix() {
            return Ip4Prefix.of(bits, length);
        }

        /// Whether its link has a broadcast address: a /31 has none (RFC 3021).
        boolean hasBroadcast() {
            return length < 31;
        }

        /// All stations of its link: the prefix, then ones.
        int broadcast() {
            return bits | ~Ip4Prefix.mask(length);
        }
    }

    /// The same of IPv6.
    ///
    /// @param state what is known of its uniqueness; it is used only when valid
    public record Address6(long high, long low, int length, AddressState state) {
        /// The connected prefix.
        public Ip6Prefix prefix() {
            return Ip6Prefix.of(high, low, length);
        }

        public boolean isValid() {
            return state == AddressState.VALID;
        }

        public boolean isLinkLocal() {
            return Ipv6.isLinkLocal(high);
        }

        /// The same address in another state.
        public Address6 in(AddressState other) {
            return new Address6(high, low, length, other);
        }

        boolean is(long otherHigh, long otherLow) {
            return high == otherHigh && low == otherLow;
        }

        private boolean covers(long otherHigh, long otherLow) {
            return ((high ^ otherHigh) & Ip6Prefix.highMask(length)) == 0
                    && ((low ^ otherLow) & Ip6Prefix.lowMask(length)) == 0;
        }
    }

    /// Whether an address means all stations of one of its networks.
    boolean hasBroadcast(int address) {
        return addresses.stream().anyMatch(a -> a.hasBroadcast() && a.broadcast() == address);
    }

    /// The router's address on this link to speak with to `neighbor`: of those that share a prefix
    /// with it, the one with the longest; 0 when none does.
    public int addressFacing(int neighbor) {
        int facing = 0;
        int longest = -1;
        for (int i = 0; i < addresses.size(); i++) {
            Address address = addresses.get(i);
            if (address.isValid() && address.length() > longest && address.covers(neighbor)) {
                facing = address.bits();
                longest = address.length();
            }
        }
        return facing;
    }

    /// Whether a station with this address may be on the link: it is in a prefix of ours.
    public boolean isOnLink(int station) {
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.get(i).covers(station)) {
                return true;
            }
        }
        return false;
    }

    /// The router's address on this port that is this one, in whatever state, or null.
    public @Nullable Address own(int address) {
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.get(i).bits() == address) {
                return addresses.get(i);
            }
        }
        return null;
    }

    /// What is known of an address of either family, or null where it is not the router's on this
    /// port.
    public @Nullable AddressState stateOf(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> {
                Address own = own(four.bits());
                yield own == null ? null : own.state();
            }
            case Ip6Address six -> {
                Address6 own = own6(six.high(), six.low());
                yield own == null ? null : own.state();
            }
        };
    }

    /// The address to speak with to `station`, on the link or beyond: one that shares a prefix with
    /// it, else the preferred one, else 192.0.0.8 (RFC 7600 section 4.8).
    public int sourceAddress(int station) {
        int facing = addressFacing(station);
        for (int i = 0; facing == 0 && i < addresses.size(); i++) {
            facing = addresses.get(i).isValid() ? addresses.get(i).bits() : 0;
        }
        return facing == 0 ? NO_ADDRESS : facing;
    }

    /// Whether the port speaks IPv6.
    public boolean speaks6() {
        return !addresses6.isEmpty();
    }

    /// The router's IPv6 address on this port that is this one, in whatever state, or null.
    public @Nullable Address6 own6(long high, long low) {
        for (int i = 0; i < addresses6.size(); i++) {
            if (addresses6.get(i).is(high, low)) {
                return addresses6.get(i);
            }
        }
        return null;
    }

    /// Whether a station with this address may be on the link: it is link-local or in a prefix of
    /// ours.
    public boolean isOnLink6(long high, long low) {
        if (Ipv6.isLinkLocal(high)) {
            return true;
        }
        for (int i = 0; i < addresses6.size(); i++) {
            if (addresses6.get(i).covers(high, low)) {
                return true;
            }
        }
        return false;
    }

    /// The router's address to speak with to `destination` from here: link-local to link-local,
    /// else a global one of the same prefix or any; null when there is none (RFC 6724).
    public @Nullable Address6 source6(long destinationHigh, long destinationLow) {
        boolean near = Ipv6.isLinkLocal(destinationHigh);
        Address6 best = null;
        for (int i = 0; i < addresses6.size(); i++) {
            Address6 address = addresses6.get(i);
            if (!address.isValid() || near && !address.isLinkLocal()) {
                continue;
            }
            boolean better = best == null || best.isLinkLocal() && !near;
            if (better || !near && address.covers(destinationHigh, destinationLow)) {
                best = address;
            }
        }
        return best;
    }

    /// Whether the router listens to a multicast group on this port: all nodes, all routers, and
    /// the solicited-node groups of its addresses (RFC 4291 section 2.8).
    public boolean joined6(long high, long low) {
        if (high == Ipv6.LINK_GROUPS && (low == Ipv6.ALL_NODES || low == Ipv6.ALL_ROUTERS)
                || high == SITE_GROUPS && low == Ipv6.ALL_ROUTERS) {
            return true;
        }
        for (int i = 0; i < addresses6.size(); i++) {
            if (high == Ipv6.LINK_GROUPS && low == Ipv6.solicitedNodeLow(addresses6.get(i).low())) {
                return true;
            }
        }
        return false;
    }
}
