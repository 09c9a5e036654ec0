package dev.stride.core.fib;

/// The routes withdrawn last from a [Strides6]: most that are withdrawn come back soon. As long as
/// the table keeps the bucket and the run that a route had, both changes are one store each: less
/// work for the writer, and one line that readers must fetch instead of those of a new bucket and
/// of the slot that leads to it. The control thread only.
final class Withdrawn extends Padded {
    /// How many to remember: if each was alone in a dense bucket, of 1 KB, those take 2 % of the
    /// memory of a full table.
    static final int MAX = 256;

    private static final int ROOM = 2 * MAX; // a power of two, more than MAX

    private final long[] highs = new long[ROOM];
    private final long[] lows = new long[ROOM];
    private final int[] lengths = new int[ROOM];
    private int first;
    private int count;

    int size() {
        return count;
    }

    void add(long high, long low, int length) {
        int at = (first + count++) & (ROOM - 1);
        highs[at] = high;
        lows[at] = low;
        lengths[at] = length;
    }

    /// The first half of the address of the one withdrawn first.
    long high() {
        return highs[first];
    }

    /// The second half.
    long low() {
        return lows[first];
    }

    /// Takes it; returns its length.
    int take() {
        int length = lengths[first];
        first = (first + 1) & (ROOM - 1);
        count--;
        return length;
    }
}
