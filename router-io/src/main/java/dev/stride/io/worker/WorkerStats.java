package dev.stride.io.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What a worker has done so far. The worker alone writes (opaque stores); any thread reads.
public final class WorkerStats {
    private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int BURSTS = 8; // a cache line in, away from neighbors
    private static final int PACKETS = 9;
    private static final int BUSY = 10;
    private static final int ROUNDS = 11;

    private final long[] values = new long[24];

    void worked(int packets, long nanos) {
        bump(BURSTS, 1);
        bump(PACKETS, packets);
        bump(BUSY, nanos);
    }

    void round() {
        bump(ROUNDS, 1);
    }

    private void bump(int index, long amount) {
        VALUE.setOpaque(values, index, values[index] + amount);
    }

    /// Rounds of the loop, with work or without: a worker whose number stands still hangs.
    public long rounds() {
        return (long) VALUE.getOpaque(values, ROUNDS);
    }

    /// Rounds of the loop that found work.
    public long bursts() {
        return (long) VALUE.getOpaque(values, BURSTS);
    }

    /// Packets and commands taken.
    public long packets() {
        return (long) VALUE.getOpaque(values, PACKETS);
    }

    /// Nanoseconds spent on them.
    public long busyNanos() {
        return (long) VALUE.getOpaque(values, BUSY);
    }
}
