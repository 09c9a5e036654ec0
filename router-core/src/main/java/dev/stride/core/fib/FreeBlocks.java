package dev.stride.core.fib;

import java.util.Arrays;

/// The free parts of an array of words. A block begins at a multiple of 8 words and is a number of
/// units of 8 words long. What is taken comes from the smallest block that holds it, and what is
/// given back joins the free blocks on either side of it, so that blocks of every length serve each
/// other however lengths change over time. The control thread only.
///
/// A free block keeps its own record; nobody else looks at its words:
///
/// ```
/// word 0     units
///      1-2   the blocks before and after it in the list of its length, 0 for none
///      last  units
/// ```
final class FreeBlocks extends Padded {
    static final int UNIT = 8; // words
    private static final int LISTS = Long.SIZE; // by units; the last is for longer ones, too
    private static final int BEFORE = 1;
    private static final int AFTER = 2;

    // Those of blocks that begin below the limit, and those of the others.
    private final int[] first = new int[2 * LISTS];
    private final long[] filled = new long[2]; // a bit for each list that is not empty
    private long[] edges = new long[64]; // a bit for each unit at either end of a free block
    private int limit = Integer.MAX_VALUE;
    private int words;

    /// How many words are free.
    int words() {
        return words;
    }

    /// Takes a block of up to 63 units, below the limit if it can; 0 if no free block is as long.
    int take(int[] memory, int units) {
        int place = takeBelow(memory, units);
        return place != 0 ? place : take(memory, units, 1);
    }

    /// Takes a block that begins below the limit; 0 if no such block is as long.
    int takeBelow(int[] memory, int units) {
        return take(memory, units, 0);
    }

    private int take(int[] memory, int units, int side) {
        long longEnough = filled[side] & -1L << units;
        if (longEnough == 0) {
            return 0;
        }
        int place = first[side * LISTS + Long.numberOfTrailingZeros(longEnough)];
        int rest = memory[place] - units;
        unlink(memory, place);
        if (rest > 0) {
            link(memory, place + units * UNIT, rest);
        }
        return place;
    }

    /// Sets the limit, to empty what lies above it.
    void limit(int[] memory, int place) {
        int all = 0;
        for (int list = 0; list < first.length; list++) {
            for (int block = first[list]; block != 0; block = first[list]) {
                unlink(memory, block);
                memory[block + AFTER] = all;
                all = block;
            }
        }
        limit = place;
        for (int block = all; block != 0; block = all) {
            all = memory[block + AFTER];
            link(memory, block, memory[block]);
        }
    }

    /// Where what is to be emptied begins.
    int limit() {
        return limit;
    }

    /// Takes what is free at the end of the array; returns where it begins.
    int takeEnd(int[] memory) {
        int end = memory.length;
        if (!isEdge(end - UNIT)) {
            return end;
        }
        int place = end - memory[end - 1] * UNIT;
        unlink(memory, place);
        return place;
    }

    /// Gives a block back, whether it was taken or is a part by which the array grew.
    void add(int[] memory, int place, int units) {
        int from = place;
        int to = place + units * UNIT;
        if (to < memory.length && isEdge(to)) {
            int after = to;
            to += memory[after] * UNIT;
            unlink(memory, after);
        }
        if (from > 0 && isEdge(from - UNIT)) {
            from -= memory[from - 1] * UNIT;
            unlink(memory, from);
        }
        link(memory, from, (to - from) / UNIT);
    }

    private void link(int[] memory, int place, int units) {
        int list = list(place, units);
        int next = first[list];
        int last = place + (units - 1) * UNIT;
        memory[place] = units;
        memory[last + UNIT - 1] = units;
        memory[place + BEFORE] = 0;
        memory[place + AFTER] = next;
        if (next != 0) {
            memory[next + BEFORE] = place;
        }
        first[list] = place;
        filled[list / LISTS] |= 1L << list;
        setEdge(place, true);
        setEdge(last, true);
        words += units * UNIT;
    }

    private void unlink(int[] memory, int place) {
        int units = memory[place];
        int before = memory[place + BEFORE];
        int after = memory[place + AFTER];
        if (after != 0) {
            memory[after + BEFORE] = before;
        }
        if (before != 0) {
            memory[before + AFTER] = after;
        } else {
            int list = list(place, units);
            first[list] = after;
            filled[list / LISTS] &= after == 0 ? ~(1L << list) : -1L;
        }
        setEdge(place, false);
        setEdge(place + (units - 1) * UNIT, false);
        words -= units * UNIT;
    }

    private int list(int place, int units) {
        return (place < limit ? 0 : LISTS) + Math.min(units, LISTS - 1);
    }

    private boolean isEdge(int place) {
        int unit = place / UNIT;
        return unit >>> 6 < edges.length && (edges[unit >>> 6] >>> unit & 1) != 0;
    }

    private void setEdge(int place, boolean edge) {
        int unit = place / UNIT;
        if (unit >>> 6 >= edges.length) {
            edges = Arrays.copyOf(edges, Math.max((unit >>> 6) + 1, 2 * edges.length));
        }
        edges[unit >>> 6] = edges[unit >>> 6] & ~(1L << unit) | (edge ? 1L : 0L) << unit;
    }
}
