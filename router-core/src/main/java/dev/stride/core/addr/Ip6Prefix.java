package dev.stride.core.addr;

/// An IPv6 prefix: `high` and `low` in network order with every bit beyond `length` zero.
public record Ip6Prefix(long high, long low, int length)
        implements IpPrefix, Comparable<Ip6Prefix> {
    /// @throws IllegalArgumentException when the length is not 0 to 128 or bits are set beyond it
    public Ip6Prefix {
        if (length < 0 || length > 128) {
            throw new IllegalArgumentException("prefix length " + length + " is not 0 to 128");
        }
        if ((high & ~highMask(length)) != 0 || (low & ~lowMask(length)) != 0) {
            throw new IllegalArgumentException(
                    new Ip6Address(high, low)
                            + "/"
                            + length
                            + " has bits set beyond its length; did you mean "
                            + of(high, low, length)
                            + "?");
        }
    }

    /// The prefix of `length` that covers the address.
    public static Ip6Prefix of(long high, long low, int length) {
        return new Ip6Prefix(high & highMask(length), low & lowMask(length), length);
    }

    /// Reads `2001:db8::/32`; a bare address is a /128.
    public static Ip6Prefix parse(String text) {
        Ip6Address address = Ip6Address.parse(IpPrefix.addressOf(text));
        return new Ip6Prefix(address.high(), address.low(), IpPrefix.lengthOf(text, 128));
    }

    /// The mask of `length` for the upper 64 bits.
    public static long highMask(int length) {
        return length == 0 ? 0 : length >= 64 ? -1L : -1L << 64 - length;
    }

    /// The mask of `length` for the lower 64 bits.
    public static long lowMask(int length) {
        return length <= 64 ? 0 : -1L << 128 - length;
    }

    @Override
    public Ip6Address first() {
        return new Ip6Address(high, low);
    }

    @Override
    public Ip6Address last() {
        return new Ip6Address(high | ~highMask(length), low | ~lowMask(length));
    }

    @Override
    public int compareTo(Ip6Prefix other) {
        int order = Long.compareUnsigned(high, other.high);
        order = order != 0 ? order : Long.compareUnsigned(low, other.low);
        return order != 0 ? order : Integer.compare(length, other.length);
    }

    @Override
    public String toString() {
        return new Ip6Address(high, low) + "/" + length;
    }
}
