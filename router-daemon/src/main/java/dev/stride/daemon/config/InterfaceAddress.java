package dev.stride.daemon.config;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import java.util.Optional;

/// An address of a port and the length of the prefix that is connected through it, such as
/// 192.0.2.1/24.
///
/// @param length from 1; /31 is a point-to-point link whose two addresses are both hosts (RFC
///   3021), /32 connects nothing but itself
public record InterfaceAddress(IpAddress address, int length) {
    /// @throws IllegalArgumentException with a sentence for people, when no station may have the
    ///   address: out of range, not unicast, the prefix's own or its broadcast address
    public InterfaceAddress {
        if (length < 1 || length > address.width()) {
            throw new IllegalArgumentException(
                    "prefix length " + length + " is not 1 to " + address.width());
        }
        String special = SpecialAddress.whyNotUnicast(address);
        if (special != null) {
            throw new IllegalArgumentException(
                    address + " " + special + "; give the port an address of a host");
        }
        if (address instanceof Ip4Address four && length < 31) {
            requireHost(four, length);
        }
    }

    private static void requireHost(Ip4Address address, int length) {
        int host = address.bits() & ~Ip4Prefix.mask(length);
        if (host == 0 || host == ~Ip4Prefix.mask(length)) {
            int other = (address.bits() & Ip4Prefix.mask(length)) + 1;
            throw new IllegalArgumentException(
                    address
                            + " is the "
                            + (host == 0 ? "network" : "broadcast")
                            + " address of its /"
                            + length
                            + "; use one in between, such as "
                            + Ip4Address.format(other)
                            + "/"
                            + length);
        }
    }

    /// Reads `ADDRESS/LENGTH`; the length is never guessed.
    ///
    /// @throws IllegalArgumentException as the constructor, or when `text` is anything else
    public static InterfaceAddress parse(String text) {
        IpAddress address = IpAddress.parse(IpPrefix.addressOf(text));
        if (text.indexOf('/') < 0) {
            throw new IllegalArgumentException(
                    text
                            + " has no prefix length; write it behind a slash, such as "
                            + text
                            + (address instanceof Ip4Address ? "/24" : "/64"));
        }
        return new InterfaceAddress(address, IpPrefix.lengthOf(text, address.width()));
    }

    /// The prefix that is reached directly through the port.
    public IpPrefix connected() {
        return covering(address, length);
    }

    /// The address of all stations on the link (RFC 919); /31 and /32 and IPv6 have none.
    public Optional<Ip4Address> broadcast() {
        return address instanceof Ip4Address four && length < 31
                ? Optional.of(new Ip4Address(four.bits() | ~Ip4Prefix.mask(length)))
                : Optional.empty();
    }

    /// Whether `other` lies in the connected prefix.
    public boolean covers(IpAddress other) {
        return other.width() == address.width() && covering(other, length).equals(connected());
    }

    /// Whether the connected prefixes of both have an address in common.
    boolean overlaps(InterfaceAddress other) {
        return length <= other.length ? covers(other.address) : other.covers(address);
    }

    /// Whether `other` could be a station on this link beside us: in the prefix, and neither its
    /// own nor its broadcast address.
    boolean couldBeStation(IpAddress other) {
        boolean network =
                length < 31
                        && other instanceof Ip4Address four
                        && (four.bits() & ~Ip4Prefix.mask(length)) == 0;
        return covers(other) && !network && !broadcast().equals(Optional.of(other));
    }

    /// The prefix of `length` around `address`.
    static IpPrefix covering(IpAddress address, int length) {
        return switch (address) {
            case Ip4Address four -> Ip4Prefix.of(four.bits(), length);
            case Ip6Address six -> Ip6Prefix.of(six.high(), six.low(), length);
        };
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
