package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// Buckets of 256 slots that are kept as runs of slots with the same value, for tables whose
/// buckets have few different ones: most take one cache line. A value is a next hop, 0 for none, or
/// [Slots#DEEPER] and the place of a bucket of the next stride.
///
/// A bucket is a place in one array of words, a multiple of 8:
///
/// ```
/// word 0-7    a bit for each slot: set where a run begins. Slot 0 always begins one.
///      8-9    for each of the words 0-7 a byte: how many runs begin before it
///      10     which node of the writer this is
///      11...  the value of each run
///
/// slot 37: word 1, bit 5; runs = byte 1 of word 8 + bits set in word 1 up to bit 5;
/// value at word 10 + runs
/// ```
///
/// Threads: the control thread does everything here; readers take [#words] after the slot that
/// leads to a bucket, and look with [#get]. A bucket is written while no reader can reach it. After
/// that only single values change, each by one store, until [Limbo] hands the bucket back. The
/// array grows by a copy, which is published before anything in its new part is linked.
final class RunBuckets {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(int[][].class);
    private static final int PAD = 32; // references: two cache lines on either side
    private static final int COUNTS = 8;
    private static final int NODE = 10;
    private static final int VALUES = 11;
    private static final int SIZES = (VALUES + 256 + 7) / 8 + 1;

    private int[] words = new int[4096]; // what is published
    private final int[][] published = new int[2 * PAD + 1][]; // control: rw, readers: ro
    private int fresh = 8; // places from here on were never used; there is no bucket 0
    private final int[][] free = new int[SIZES][8]; // by size in units of 8 words
    private final int[] freeCount = new int[SIZES];
    private final Limbo limbo;
    private int used;
    private final int[] coded = new int[VALUES + 256];

    RunBuckets(Quiescence readers) {
        limbo = new Limbo(readers, this::free);
        published[PAD] = words;
    }

    /// All buckets, for [#get].
    int[] words() {
        return (int[]) CELL.getAcquire(published, PAD);
    }

    /// A slot's value in the bucket at `place`.
    static int get(int[] words, int place, int slot) {
        int word = slot >>> 5;
        int begun = words[place + word] & (2 << slot) - 1; // shifts count modulo 32
        int before = words[place + COUNTS + (word >>> 2)] >>> (word << 3) & 0xff;
        return words[place + NODE + before + Integer.bitCount(begun)];
    }

    /// A slot's value, for the writer.
    int get(int place, int slot) {
        return get(words, place, slot);
    }

    /// The writer's number of a bucket.
    int node(int place) {
        return words[place + NODE];
    }

    /// Writes the values of all 256 slots to `slots`.
    void decode(int place, int[] slots) {
        int run = place + NODE;
        for (int slot = 0; slot < 256; slot++) {
            run += words[place + (slot >>> 5)] >>> slot & 1;
            slots[slot] = words[run];
        }
    }

    /// A bucket with these values; no reader can reach it yet.
    int allocate(int[] slots, int node) {
        int length = encode(slots);
        int place = take((length + 7) >>> 3);
        System.arraycopy(coded, 0, words, place, length);
        words[place + NODE] = node;
        used++;
        return place;
    }

    /// Changes the values of a linked bucket: with one store where that is enough, else in a new
    /// bucket, and this one goes to limbo.
    ///
    /// @return the place of the bucket with the new values
    int replace(int place, int[] slots) {
        int length = encode(slots);
        int run = onlyChange(place, length);
        if (run == 0) {
            return place;
        }
        if (run > 0) {
            WORD.setRelease(words, place + run, coded[run]);
            return place;
        }
        return renew(place, slots);
    }

    /// The values in a new bucket; this one goes to limbo.
    int renew(int place, int[] slots) {
        int node = node(place);
        replaced(place);
        return allocate(slots, node);
    }

    /// Which word is the only one that differs from what was encoded last; 0 if none does, -1 if
    /// there are more.
    private int onlyChange(int place, int length) {
        if (Arrays.mismatch(words, place, place + COUNTS, coded, 0, COUNTS) >= 0) {
            return -1;
        }
        int from = place + VALUES;
        int to = place + length;
        int first = Arrays.mismatch(words, from, to, coded, VALUES, length);
        if (first < 0) {
            return 0;
        }
        int next = first + 1;
        int more = Arrays.mismatch(words, from + next, to, coded, VALUES + next, length);
        return more < 0 ? VALUES + first : -1;
    }

    /// Encodes all but the node into `coded`; returns the number of words.
    private int encode(int[] slots) {
        int runs = 0;
        coded[COUNTS] = 0;
        coded[COUNTS + 1] = 0;
        for (int word = 0; word < 8; word++) {
            coded[COUNTS + (word >>> 2)] |= runs << (word << 3);
            int bits = 0;
            for (int slot = word << 5; slot < (word + 1) << 5; slot++) {
                if (slot == 0 || slots[slot] != slots[slot - 1]) {
                    bits |= 1 << slot;
                    coded[VALUES + runs++] = slots[slot];
                }
            }
            coded[word] = bits;
        }
        return VALUES + runs;
    }

    private int take(int size) {
        if (freeCount[size] == 0 && limbo.size() > 64) {
            limbo.reclaim();
        }
        if (freeCount[size] > 0) {
            return free[size][--freeCount[size]];
        }
        int place = fresh;
        fresh += size << 3;
        if (fresh > words.length) {
            int more = Math.max(4096, words.length >>> 5);
            words = Arrays.copyOf(words, Math.max(fresh, words.length + more));
            CELL.setRelease(published, PAD, words);
        }
        return place;
    }

    private void free(int place) {
        int length = VALUES;
        for (int word = 0; word < 8; word++) {
            length += Integer.bitCount(words[place + word]);
        }
        int size = (length + 7) >>> 3;
        if (freeCount[size] == free[size].length) {
            free[size] = Arrays.copyOf(free[size], 2 * freeCount[size]);
        }
        free[size][freeCount[size]++] = place;
        used--;
    }

    /// A bucket is about to be unlinked: [#retire] must follow the store that does it.
    void replaced(int place) {
        limbo.add(place);
    }

    /// The buckets of [#replaced] have been unlinked.
    void retire() {
        limbo.retire();
    }

    /// How many buckets are linked.
    int used() {
        return used - limbo.size();
    }

    /// How many buckets wait for readers.
    int waiting() {
        return limbo.size();
    }

    /// The memory that lookups reach.
    long bytes() {
        return (long) words().length * Integer.BYTES;
    }
}
