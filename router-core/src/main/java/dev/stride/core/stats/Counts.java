package dev.stride.core.stats;

/// Numbers that one thread changes all the time, two cache lines from whatever the collector puts
/// beside them: were that something that another thread loads for each burst, it would have to
/// fetch the line each time. A reader of a table lost up to a quarter of its speed to a count of
/// routes that happened to lie beside it.
///
/// One thread.
public final class Counts {
    private static final int PAD = 16; // longs

    private final long[] values;

    /// So many numbers, all 0.
    public Counts(int size) {
        values = new long[PAD + size + PAD];
    }

    /// The number at an index.
    public long get(int index) {
        return values[PAD + index];
    }

    /// Adds to it.
    public void add(int index, long more) {
        values[PAD + index] += more;
    }
}
