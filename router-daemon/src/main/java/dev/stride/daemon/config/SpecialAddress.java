package dev.stride.daemon.config;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.wire.Ipv6;
import org.jspecify.annotations.Nullable;

/// Addresses that no station may have (RFC 1812 section 5.3.7, RFC 4291 section 2.4).
final class SpecialAddress {
    private SpecialAddress() {}

    /// Why no station may have `address`, as in "is a multicast address"; null when one may.
    static @Nullable String whyNotUnicast(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> whyNotUnicast(four.bits());
            case Ip6Address six -> whyNotUnicast(six);
        };
    }

    private static @Nullable String whyNotUnicast(int bits) {
        int first = bits >>> 24;
        if (first == 0) {
            return "is in 0.0.0.0/8, \"this network\"";
        }
        if (first == 127) {
            return "is a loopback address";
        }
        if (first >= 240) {
            return bits == -1 ? "is the broadcast address" : "is in 240.0.0.0/4, reserved";
        }
        return first >= 224 ? "is a multicast address" : null;
    }

    private static @Nullable String whyNotUnicast(Ip6Address address) {
        if (Ipv6.isMulticast(address.high())) {
            return "is a multicast address";
        }
        if (address.high() == 0 && address.low() == 0) {
            return "is the unspecified address";
        }
        return address.high() == 0 && address.low() == 1 ? "is the loopback address" : null;
    }

    /// Why packets to `prefix` are never looked up, as in "is multicast"; null when they are.
    static @Nullable String whyNeverRouted(IpPrefix prefix) {
        if (!(prefix instanceof Ip4Prefix four)) {
            return null;
        }
        if (four.length() >= 3 && four.bits() >>> 29 == 7) {
            return four.bits() >>> 28 == 14 ? "is multicast" : "is in 240.0.0.0/4, reserved";
        }
        return four.length() >= 8 ? whyNotUnicast(four.bits()) : null;
    }

    /// Reads the MAC address of one station.
    ///
    /// @throws IllegalArgumentException when `text` is no MAC address, a group's, or all zero
    static MacAddress parseStation(String text) {
        MacAddress mac = MacAddress.parse(text);
        if (mac.isGroup()) {
            throw new IllegalArgumentException(
                    mac
                            + " is a group address; a station's has an even first octet, such as"
                            + " 02:00:5e:10:00:01");
        }
        if (mac.bits() == 0) {
            throw new IllegalArgumentException(
                    "a station's MAC address is not all zero; use one such as 02:00:5e:10:00:01");
        }
        return mac;
    }
}
