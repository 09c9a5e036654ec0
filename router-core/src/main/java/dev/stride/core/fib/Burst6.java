package dev.stride.core.fib;

import java.util.Arrays;

/// The steps of a burst of lookups in a [Fib6], with the memory that they need: of one thread, so
/// that a lookup allocates nothing.
///
/// Each step is several loops over the burst. Those that load from the table do nothing else: they
/// are so short that the processor has some fifty loads under way at a time, where one loop for all
/// of a step has a dozen. The compiler makes vectors of the others. On the table of June 2026 this
/// is 1.5 to 3 times as fast as one loop a step.
final class Burst6 extends Padded {
    // Each with room behind it, so that what the collector puts there is on other cache lines.
    private int[] tops = new int[0]; // bits 0-31 of the addresses
    private int[] places = tops; // what to load next, then what was loaded
    private int[] done = tops; // next hops found so far
    private int[] active = tops; // which addresses are not done
    private int[] slots = tops;
    private int[] bits = tops;
    private int[] counts = tops;
    private boolean gathers;

    /// Makes ready for `count` addresses.
    ///
    /// @param gathers whether to load by vectors
    void start(int count, boolean gathers) {
        this.gathers = gathers;
        if (tops.length < count + INTS) {
            tops = new int[count + INTS];
            places = new int[count + INTS];
            done = new int[count + INTS];
            active = new int[count + INTS];
            slots = new int[count + INTS];
            bits = new int[count + INTS];
            counts = new int[count + INTS];
        }
    }

    /// The root: writes what its slots hold to the places.
    void root(int[] root, long[] highs, int from, int count) {
        int[] t = tops;
        int[] p = places;
        for (int i = 0; i < count; i++) {
            t[i] = (int) (highs[from + i] >>> 32);
        }
        int loaded = gathers ? Lanes.roots(root, t, 0, p, count) : 0;
        for (int i = loaded; i < count; i++) {
            p[i] = root[t[i] >>> 16];
        }
        Arrays.fill(done, 0, count, 0);
    }

    /// A stride of dense buckets, for all addresses; one that is done loads word 0, which is 0.
    ///
    /// @param shift where the stride is in the first 32 bits
    void dense(int[] words, int shift, int count) {
        int[] t = tops;
        int[] p = places;
        int[] d = done;
        int first = Slots.LANES ? Lanes.dense(t, p, d, shift, count) : 0;
        for (int i = first; i < count; i++) {
            int value = p[i] | d[i];
            int deeper = value >> 31; // all ones, or none
            d[i] = value & ~deeper;
            p[i] = (value & ~Slots.DEEPER) + 1 + (t[i] >>> shift & 0xff) & deeper;
        }
        load(words, p, count);
    }

    private void load(int[] words, int[] p, int count) {
        int first = gathers ? Lanes.gather(words, p, p, count) : 0;
        for (int i = first; i < count; i++) {
            p[i] = words[p[i]];
        }
    }

    /// Writes what was found to `nextHops` and notes which addresses are not done; returns how
    /// many.
    int collect(int[] nextHops, int count) {
        int[] p = places;
        int[] d = done;
        int[] a = active;
        int first = Slots.LANES ? Lanes.bound(count) : 0;
        int left = Slots.LANES ? Lanes.collect(p, d, nextHops, a, first) : 0;
        for (int i = first; i < count; i++) {
            int value = p[i] | d[i];
            nextHops[i] = value;
            a[left] = i;
            left += value >>> 31;
        }
        return left;
    }

    /// A stride of buckets of runs ([Buckets6#inRuns]), for the `count` addresses that are not
    /// done; returns how many are left.
    int runs(int[] words, long[] halves, int from, int level, int[] nextHops, int count) {
        int[] a = active;
        int[] p = places;
        int[] s = slots;
        int[] b = bits;
        int[] c = counts;
        for (int k = 0; k < count; k++) {
            int i = a[k];
            p[k] = nextHops[i] & ~Slots.DEEPER;
            s[k] = Fib6.slot(halves[from + i], level);
        }
        int loaded = gathers ? Lanes.heads(words, p, s, b, c, count) : 0;
        for (int k = loaded; k < count; k++) {
            b[k] = words[p[k] + Buckets6.BITS + (s[k] >>> 5)];
        }
        for (int k = loaded; k < count; k++) {
            c[k] = words[p[k] + Buckets6.COUNTS + (s[k] >>> 7)];
        }
        int first = Slots.LANES ? Lanes.runs(p, b, c, s, count) : 0;
        for (int k = first; k < count; k++) {
            p[k] += Buckets6.run(b[k], c[k], s[k]);
        }
        load(words, p, count);
        int left = 0;
        for (int k = 0; k < count; k++) {
            int i = a[k];
            nextHops[i] = p[k];
            a[left] = i;
            left += p[k] >>> 31;
        }
        return left;
    }
}
