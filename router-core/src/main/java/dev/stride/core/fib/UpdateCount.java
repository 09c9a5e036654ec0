package dev.stride.core.fib;

/// How many changes were made to a table, apart from what readers load. The control thread only.
final class UpdateCount extends Padded {
    private long count;

    long get() {
        return count;
    }

    void increment() {
        count++;
    }
}
