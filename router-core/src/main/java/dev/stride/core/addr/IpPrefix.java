package dev.stride.core.addr;

/// A prefix of either family in CIDR notation (RFC 4632).
public sealed interface IpPrefix permits Ip4Prefix, Ip6Prefix {
    /// Reads `ADDRESS/LENGTH`; a bare address is a host prefix.
    ///
    /// @throws IllegalArgumentException with a sentence for people, when `text` is no prefix or has
    ///   bits set beyond its length
    static IpPrefix parse(String text) {
        return text.indexOf(':') >= 0 ? Ip6Prefix.parse(text) : Ip4Prefix.parse(text);
    }

    /// Number of leading bits that count, 0 to 32 or 128.
    int length();

    /// Width of its addresses in bits: 32 or 128.
    default int width() {
        return first().width();
    }

    /// The lowest address within.
    IpAddress first();

    /// The highest address within.
    IpAddress last();

    /// Reads the number behind the slash of `text`, at most `width`; `width` itself where there is
    /// no slash.
    static int lengthOf(String text, int width) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return width;
        }
        int length = decimal(text, slash + 1);
        if (length < 0 || length > width) {
            throw new IllegalArgumentException(
                    "\"" + text + "\": the length behind the slash must be 0 to " + width);
        }
        return length;
    }

    /// The number of up to three digits that `text` ends with, without leading zeros; -1 where it
    /// is none. By hand, as a million routes have one.
    private static int decimal(String text, int from) {
        int digits = text.length() - from;
        if (digits < 1 || digits > 3 || digits > 1 && text.charAt(from) == '0') {
            return -1;
        }
        int number = 0;
        for (int i = from; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /// The part of `text` before the slash.
    static String addressOf(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
    }
}
