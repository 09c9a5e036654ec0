package dev.stride.core.fib;

import java.util.Arrays;

/// Which prefixes end in each node of 8 bits, one bit each: what the writer asks when it decides
/// which slots a change reaches. The control thread only.
///
/// A prefix that covers `length` (0-8) bits of the node's octet has the base index `1 << length |
/// octet >>> (8 - length)`: a complete binary tree in an array, as in the allotment routing table.
/// Parent and children are a shift away, and the last 256 indexes are the slots:
///
/// ```
/// */0 -> 1    0/1 -> 2    128/1 -> 3    0/2 -> 4    64/2 -> 5  ...  0/8 -> 256  ...  255/8 -> 511
/// 160/3: 1 << 3 | 160 >>> 5 = 8 | 5 = 13;  its slots 160-191 are the indexes 416-447
/// ```
///
/// The */0 of a node is the last bit of its parent's octet and is kept there.
final class StridePrefixes {
    static final int SLOTS = 256;

    private static final int WORDS = 2 * SLOTS / Long.SIZE;

    private long[] words;

    StridePrefixes(int nodes) {
        words = new long[nodes * WORDS];
    }

    /// The base index of the last 1-8 bits of a prefix of `length` 1-32, of which `bits` are the
    /// address bits, left-aligned.
    static int index(int bits, int length) {
        int shift = (length - 1) & ~7; // where the last octet begins
        int within = length - shift;
        return 1 << within | (bits << shift) >>> (Integer.SIZE - within);
    }

    /// How many bits of its octet a base index covers; 0 for index 0, which is none.
    static int length(int index) {
        return index == 0 ? 0 : 31 - Integer.numberOfLeadingZeros(index);
    }

    void grow(int nodes) {
        words = Copies.of(words, nodes * WORDS);
    }

    boolean has(int node, int index) {
        return (words[node * WORDS + (index >>> 6)] & 1L << index) != 0;
    }

    void add(int node, int index) {
        words[node * WORDS + (index >>> 6)] |= 1L << index;
    }

    void remove(int node, int index) {
        words[node * WORDS + (index >>> 6)] &= ~(1L << index);
    }

    boolean isEmpty(int node) {
        long any = 0;
        for (int i = node * WORDS; i < (node + 1) * WORDS; i++) {
            any |= words[i];
        }
        return any == 0;
    }

    void clear(int node) {
        Arrays.fill(words, node * WORDS, (node + 1) * WORDS, 0);
    }

    void copy(int from, int to) {
        System.arraycopy(words, from * WORDS, words, to * WORDS, WORDS);
    }

    /// The base index of the most specific prefix at or above `index`, 0 where there is none.
    int longest(int node, int index) {
        int i = index;
        while (i > 0 && !has(node, i)) {
            i >>>= 1;
        }
        return i;
    }

    /// Writes the slots below `index` that no more specific prefix covers to `slots` from position
    /// `count` on; returns the new count.
    int uncovered(int node, int index, int[] slots, int count) {
        if (index >= SLOTS) {
            slots[count] = index - SLOTS;
            return count + 1;
        }
        int n = count;
        for (int child = 2 * index; child <= 2 * index + 1; child++) {
            if (!has(node, child)) {
                n = uncovered(node, child, slots, n);
            }
        }
        return n;
    }
}
