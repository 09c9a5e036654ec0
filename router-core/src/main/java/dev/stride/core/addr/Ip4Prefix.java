package dev.stride.core.addr;

/// An IPv4 prefix: `bits` in network order with every bit beyond `length` zero.
public record Ip4Prefix(int bits, int length) implements IpPrefix, Comparable<Ip4Prefix> {
    /// @throws IllegalArgumentException when the length is not 0 to 32 or bits are set beyond it
    public Ip4Prefix {
        if (length < 0 || length > 32) {
            throw new IllegalArgumentException("prefix length " + length + " is not 0 to 32");
        }
        if ((bits & ~mask(length)) != 0) {
            throw new IllegalArgumentException(
                    Ip4Address.format(bits)
                            + "/"
                            + length
                            + " has bits set beyond its length; did you mean "
                            + of(bits, length)
                            + "?");
        }
    }

    /// The prefix of `length` that covers the address `bits`.
    public static Ip4Prefix of(int bits, int length) {
        return new Ip4Prefix(bits & mask(length), length);
    }

    /// Reads `192.0.2.0/24`; a bare address is a /32.
    public static Ip4Prefix parse(String text) {
        int bits = Ip4Address.parse(IpPrefix.addressOf(text)).bits();
        return new Ip4Prefix(bits, IpPrefix.lengthOf(text, 32));
    }

    /// `length` leading ones: 24 gives `0xffffff00`.
    public static int mask(int length) {
        return length == 0 ? 0 : -1 << 32 - length;
    }

    /// Whether the address `address` lies within.
    public boolean contains(int address) {
        return (address & mask(length)) == bits;
    }

    @Override
    public Ip4Address first() {
        return new Ip4Address(bits);
    }

    @Override
    public Ip4Address last() {
        return new Ip4Address(bits | ~mask(length));
    }

    @Override
    public int compareTo(Ip4Prefix other) {
        int order = Integer.compareUnsigned(bits, other.bits);
        return order != 0 ? order : Integer.compare(length, other.length);
    }

    @Override
    public String toString() {
        return Ip4Address.format(bits) + "/" + length;
    }
}
