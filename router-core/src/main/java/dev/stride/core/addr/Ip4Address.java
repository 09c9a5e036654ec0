package dev.stride.core.addr;

/// An IPv4 address; `bits` is its value in network order, so 10.0.0.1 is `0x0a000001` (RFC 791).
public record Ip4Address(int bits) implements IpAddress, Comparable<Ip4Address> {
    /// Reads a dotted quad of four decimal numbers, without leading zeros (RFC 6943 section 3.1.1).
    ///
    /// @throws IllegalArgumentException when `text` is anything else
    public static Ip4Address parse(String text) {
        int bits = 0;
        int at = 0;
        for (int octet = 0; octet < 4; octet++) {
            int start = at;
            int value = 0;
            while (at < text.length() && at - start < 3 && isDigit(text.charAt(at))) {
                value = value * 10 + text.charAt(at++) - '0';
            }
            boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
            boolean separated = octet == 3 ? at == text.length() : at < text.length();
            if (at == start || value > 255 || leadingZero || !separated) {
                throw notAnAddress(text);
            }
            if (octet < 3 && text.charAt(at++) != '.') {
                throw notAnAddress(text);
            }
            bits = bits << 8 | value;
        }
        return new Ip4Address(bits);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException(
                "\"" + text + "\" is not an IPv4 address such as 192.0.2.1");
    }

    /// The dotted quad of `bits`.
    public static String format(int bits) {
        return (bits >>> 24)
                + "."
                + (bits >>> 16 & 0xff)
                + "."
                + (bits >>> 8 & 0xff)
                + "."
                + (bits & 0xff);
    }

    @Override
    public int width() {
        return 32;
    }

    @Override
    public Ip4Prefix prefix(int length) {
        return Ip4Prefix.of(bits, length);
    }

    @Override
    public int compareTo(Ip4Address other) {
        return Integer.compareUnsigned(bits, other.bits);
    }

    @Override
    public String toString() {
        return format(bits);
    }
}
