package dev.stride.io.worker;

import dev.stride.core.packet.Burst;

/// Whether packets come so fast, and in so small bursts, that a pause makes bursts larger: by the
/// count of the last millisecond. One thread's.
final class Pace {
    private static final long WINDOW = 1_000_000; // nanoseconds
    private static final int WORTH = 20; // packets that a pause must be expected to gather
    private static final int SMALL = Burst.SIZE / 2;

    private final long pause; // nanoseconds; 0 for none
    private long since;
    private long packets;
    private boolean fast;

    Pace(long pause) {
        this.pause = pause;
    }

    /// Takes note of what a round brought.
    ///
    /// @param now in nanoseconds
    /// @return whether to pause before the next one
    boolean isPauseDue(int brought, long now) {
        if (pause == 0) {
            return false;
        }
        packets += brought;
        long elapsed = now - since;
        if (elapsed >= WINDOW) {
            fast = packets * pause >= WORTH * elapsed;
            since = now;
            packets = 0;
        }
        return fast && brought < SMALL;
    }
}
