package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Prefix;
import java.util.List;

/// What the data path knows of a port. Immutable; the control thread publishes a new one for each
/// change.
///
/// @param index its number on the data path
/// @param mac the router's address on it, in the lower 48 bits
/// @param mtu bytes of the largest IP datagram
/// @param addresses the router's IPv4 addresses on it, the preferred one first
public record PortState(
        int index, String name, long mac, int mtu, boolean up, List<Address> addresses) {
    /// What stands at an index that no port has.
    static PortState absent(int index) {
        return new PortState(index, "", 0, 0, false, List.of());
    }

    /// Whether there is a port of this index.
    public boolean isPresent() {
        return !name.isEmpty();
    }

    /// The same port, up or down.
    public PortState withUp(boolean now) {
        return new PortState(index, name, mac, mtu, now, addresses);
    }

    /// An address of the router and the prefix of its link.
    public record Address(int bits, int length) {
        /// The connected prefix.
        public Ip4Prefix prefix() {
            return Ip4Prefix.of(bits, length);
        }
    }

    /// The router's address on this link that `neighbor` shares a prefix with, or 0.
    public int addressFacing(int neighbor) {
        for (int i = 0; i < addresses.size(); i++) {
            Address address = addresses.get(i);
            if (((address.bits() ^ neighbor) & Ip4Prefix.mask(address.length())) == 0) {
                return address.bits();
            }
        }
        return 0;
    }

    /// Whether `address` is one of the router's on this port.
    public boolean owns(int address) {
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.get(i).bits() == address) {
                return true;
            }
        }
        return false;
    }

    /// The preferred address, or 192.0.0.8 where there is none (RFC 7600 section 4.8).
    public int sourceAddress() {
        return addresses.isEmpty() ? 0xc0000008 : addresses.getFirst().bits();
    }
}
