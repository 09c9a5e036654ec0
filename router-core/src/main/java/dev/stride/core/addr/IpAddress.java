package dev.stride.core.addr;

/// An address of either family, for configuration, screens and control; the data path uses bare
/// bits.
public sealed interface IpAddress permits Ip4Address, Ip6Address {
    /// Reads either family.
    ///
    /// @throws IllegalArgumentException with a sentence for people, when `text` is no address
    static IpAddress parse(String text) {
        return text.indexOf(':') >= 0 ? Ip6Address.parse(text) : Ip4Address.parse(text);
    }

    /// Width in bits: 32 or 128.
    int width();
}
