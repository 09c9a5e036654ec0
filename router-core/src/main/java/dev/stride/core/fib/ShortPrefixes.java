package dev.stride.core.fib;

/// Which prefixes of 1 to 16 bits a table has: strides 1 and 2, which share a root of 65,536 slots.
/// The control thread only.
final class ShortPrefixes {
    private static final int FIRST = 0; // the node of stride 1; those of stride 2 follow

    private final StridePrefixes nodes = new StridePrefixes(1 + 256);

    private static int node(int bits, int length) {
        return length <= 8 ? FIRST : 1 + (bits >>> 24);
    }

    /// @param bits the address's first 32 bits
    /// @param length 1-16
    void set(int bits, int length, boolean present) {
        int index = StridePrefixes.index(bits, length);
        if (present) {
            nodes.add(node(bits, length), index);
        } else {
            nodes.remove(node(bits, length), index);
        }
    }

    /// The length of the most specific prefix that holds a root slot, 0 without one.
    int longest(int slot) {
        int found = nodes.longest(1 + (slot >>> 8), 256 | slot & 0xff);
        if (found != 0) {
            return 8 + StridePrefixes.length(found);
        }
        return StridePrefixes.length(nodes.longest(FIRST, 256 | slot >>> 8));
    }

    /// The length of the most specific prefix shorter than `length` that holds `bits`, 0 without
    /// one.
    int longestAbove(int bits, int length) {
        int above = StridePrefixes.index(bits, length) >>> 1;
        if (length <= 8) {
            return StridePrefixes.length(nodes.longest(FIRST, above));
        }
        int found = nodes.longest(1 + (bits >>> 24), above);
        return found != 0
                ? 8 + StridePrefixes.length(found)
                : StridePrefixes.length(nodes.longest(FIRST, 256 | bits >>> 24));
    }
}
