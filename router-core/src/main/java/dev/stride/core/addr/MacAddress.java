package dev.stride.core.addr;

import java.util.HexFormat;

/// An EUI-48 address in the lower 48 bits of `bits`, first octet on the wire highest (IEEE 802).
public record MacAddress(long bits) {
    /// All ones.
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    /// Set in group (multicast and broadcast) addresses.
    public static final long GROUP_BIT = 0x0100_0000_0000L;

    /// @throws IllegalArgumentException when more than 48 bits are set
    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("more than 48 bits: " + Long.toHexString(bits));
        }
    }

    /// Reads six pairs of hexadecimal digits with colons between them.
    ///
    /// @throws IllegalArgumentException when `text` is anything else
    public static MacAddress parse(String text) {
        if (!text.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a MAC address such as 02:00:5e:10:00:01");
        }
        return new MacAddress(HexFormat.fromHexDigitsToLong(text.replace(":", "")));
    }

    /// Whether frames to it go to more than one station.
    public boolean isGroup() {
        return (bits & GROUP_BIT) != 0;
    }

    @Override
    public String toString() {
        String digits = HexFormat.of().toHexDigits(bits, 12);
        return digits.replaceAll("(..)(?!$)", "$1:");
    }
}
