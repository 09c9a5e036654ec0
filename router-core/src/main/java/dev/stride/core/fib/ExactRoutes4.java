package dev.stride.core.fib;

import dev.stride.core.addr.PrefixMap;

/// The next hop of each prefix from /1 to /32, found by the prefix itself: a hash table in one
/// array, open addressing with linear probing. The control thread only.
///
/// An entry is a prefix and its next hop in one word, 0 where there is none:
///
/// ```
/// 63             32 31      27 26          0
/// +----------------+----------+-------------+
/// |  address bits  | length-1 |  next hop   |
/// +----------------+----------+-------------+
/// ```
final class ExactRoutes4 extends Padded {
    static final int MAX_NEXT_HOP = (1 << 27) - 1;

    private long[] entries = new long[64];
    private int count;

    int size() {
        return count;
    }

    /// Shows all prefixes, in no order, as a [PrefixMap] does.
    void visit(PrefixMap.Visitor visitor) {
        for (long entry : entries) {
            int length = 1 + (int) (entry >>> 27 & 31);
            if (entry != 0
                    && !visitor.visit(entry & -1L << 32, 0, length, (int) entry & MAX_NEXT_HOP)) {
                return;
            }
        }
    }

    /// The next hop of exactly this prefix, 0 where there is none.
    int get(int bits, int length) {
        return (int) entries[find(key(bits, length))] & MAX_NEXT_HOP;
    }

    /// Inserts or replaces; returns the next hop before, 0 where there was none.
    int put(int bits, int length, int nextHop) {
        if (count >= entries.length - (entries.length >>> 2)) {
            grow();
        }
        long key = key(bits, length);
        int i = find(key);
        int before = (int) entries[i] & MAX_NEXT_HOP;
        entries[i] = key | nextHop;
        count += before == 0 ? 1 : 0;
        return before;
    }

    /// Removes; returns the next hop before, 0 where there was none.
    int remove(int bits, int length) {
        int hole = find(key(bits, length));
        int before = (int) entries[hole] & MAX_NEXT_HOP;
        if (before != 0) {
            close(hole);
            count--;
        }
        return before;
    }

    /// Moves later entries of the run into the hole, so that probing never meets a gap.
    private void close(int start) {
        int mask = entries.length - 1;
        int hole = start;
        for (int i = (hole + 1) & mask; entries[i] != 0; i = (i + 1) & mask) {
            int distance = (i - home(entries[i])) & mask;
            if (distance >= ((i - hole) & mask)) {
                entries[hole] = entries[i];
                hole = i;
            }
        }
        entries[hole] = 0;
    }

    private static long key(int bits, int length) {
        return (long) bits << 32 | (long) (length - 1) << 27;
    }

    /// Where the prefix is, or the empty place where it would go.
    private int find(long key) {
        int mask = entries.length - 1;
        int i = home(key);
        while (entries[i] != 0 && (entries[i] ^ key) >>> 27 != 0) {
            i = (i + 1) & mask;
        }
        return i;
    }

    private int home(long entry) {
        long hash = (entry >>> 27) * 0x9e3779b97f4a7c15L;
        return (int) (hash >>> 32) & (entries.length - 1);
    }

    private void grow() {
        long[] before = entries;
        entries = new long[2 * before.length];
        for (long entry : before) {
            if (entry != 0) {
                entries[find(entry)] = entry;
            }
        }
    }
}
