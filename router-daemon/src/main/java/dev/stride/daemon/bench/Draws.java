package dev.stride.daemon.bench;

/// Seeded draws (xorshift, G. Marsaglia 2003): the same on every machine and JDK.
final class Draws {
    private long state;

    Draws(long seed) {
        state = seed;
    }

    long next() {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return state;
    }

    /// From 0 to `bound` - 1.
    int below(int bound) {
        return (int) Long.remainderUnsigned(next() >>> 9, bound);
    }

    /// From 0 to 1, without 1.
    double unit() {
        return (next() >>> 11) * 0x1p-53;
    }
}
