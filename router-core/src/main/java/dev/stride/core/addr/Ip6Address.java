package dev.stride.core.addr;

/// An IPv6 address; `high` and `low` are its two halves in network order (RFC 4291).
public record Ip6Address(long high, long low) implements IpAddress, Comparable<Ip6Address> {
    /// Reads the forms of RFC 4291 section 2.2, the one with a dotted quad at its end included.
    ///
    /// @throws IllegalArgumentException when `text` is anything else
    public static Ip6Address parse(String text) {
        int gap = text.indexOf("::");
        String front = gap < 0 ? text : text.substring(0, gap);
        String back = gap < 0 ? "" : text.substring(gap + 2);
        int[] groups = new int[8];
        int before = fill(text, front, groups, gap < 0);
        int[] tail = new int[8];
        int after = gap < 0 ? 0 : fill(text, back, tail, true);
        if (gap < 0 ? before != 8 : before + after > 7) {
            throw notAnAddress(text);
        }
        System.arraycopy(tail, 0, groups, 8 - after, after);
        return new Ip6Address(join(groups, 0), join(groups, 4));
    }

    /// Writes the groups of `part` into `groups` and returns their number.
    private static int fill(String text, String part, int[] groups, boolean last) {
        if (part.isEmpty()) {
            return 0;
        }
        String[] words = part.split(":", -1);
        int count = 0;
        for (int i = 0; i < words.length; i++) {
            String word = words[i];
            boolean quad = last && i == words.length - 1 && word.indexOf('.') >= 0;
            if (count + (quad ? 2 : 1) > 8) {
                throw notAnAddress(text);
            }
            if (quad) {
                int bits = Ip4Address.parse(word).bits();
                groups[count++] = bits >>> 16;
                groups[count++] = bits & 0xffff;
            } else {
                groups[count++] = group(text, word);
            }
        }
        return count;
    }

    private static int group(String text, String word) {
        if (word.isEmpty() || word.length() > 4) {
            throw notAnAddress(text);
        }
        int value = 0;
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw notAnAddress(text);
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static long join(int[] groups, int from) {
        return (long) groups[from] << 48
                | (long) groups[from + 1] << 32
                | (long) groups[from + 2] << 16
                | groups[from + 3];
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException(
                "\"" + text + "\" is not an IPv6 address such as 2001:db8::1");
    }

    @Override
    public int width() {
        return 128;
    }

    @Override
    public Ip6Prefix prefix(int length) {
        return Ip6Prefix.of(high, low, length);
    }

    @Override
    public int compareTo(Ip6Address other) {
        int order = Long.compareUnsigned(high, other.high);
        return order != 0 ? order : Long.compareUnsigned(low, other.low);
    }

    private int groupAt(int i) {
        return (int) ((i < 4 ? high : low) >>> 48 - 16 * (i & 3)) & 0xffff;
    }

    /// The canonical text of RFC 5952: lower case, the longest run of zero groups as `::`.
    @Override
    public String toString() {
        int best = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groupAt(end) == 0) {
                end++;
            }
            if (end - i > bestLength) {
                best = i;
                bestLength = end - i;
            }
            i = Math.max(i, end - 1);
        }
        StringBuilder out = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == best) {
                out.append("::");
                i += bestLength - 1;
                continue;
            }
            if (i > 0 && out.charAt(out.length() - 1) != ':') {
                out.append(':');
            }
            out.append(Integer.toHexString(groupAt(i)));
        }
        return out.toString();
    }
}
