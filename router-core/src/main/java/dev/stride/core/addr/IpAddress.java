package dev.stride.core.addr;

import java.util.Comparator;

/// An address of either family, for configuration, screens and control; the data path uses bare
/// bits.
public sealed interface IpAddress permits Ip4Address, Ip6Address {
    /// IPv4 before IPv6, then by value.
    Comparator<IpAddress> ORDER =
            (one, other) ->
                    one instanceof Ip4Address a && other instanceof Ip4Address b
                            ? a.compareTo(b)
                            : one instanceof Ip6Address a && other instanceof Ip6Address b
                                    ? a.compareTo(b)
                                    : Integer.compare(one.width(), other.width());

    /// Reads either family.
    ///
    /// @throws IllegalArgumentException with a sentence for people, when `text` is no address
    static IpAddress parse(String text) {
        return text.indexOf(':') >= 0 ? Ip6Address.parse(text) : Ip4Address.parse(text);
    }

    /// Width in bits: 32 or 128.
    int width();

    /// The prefix of `length` bits that holds this address.
    IpPrefix prefix(int length);
}
