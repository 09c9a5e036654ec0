package dev.stride.core.fib;

/// How many changes were made to a table, on a pair of cache lines of its own: beside what readers
/// load, it would take their line from them at every change. The control thread only.
final class UpdateCount {
    private static final int PAD = 16; // longs: two cache lines on either side

    private final long[] cell = new long[2 * PAD + 1];

    long get() {
        return cell[PAD];
    }

    void increment() {
        cell[PAD]++;
    }
}
