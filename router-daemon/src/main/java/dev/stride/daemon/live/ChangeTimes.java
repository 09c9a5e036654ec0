package dev.stride.daemon.live;

import java.util.concurrent.atomic.AtomicLong;

/// How long changes of routes took, from the RIB to the published FIB. The control thread alone
/// writes; any thread reads.
public final class ChangeTimes {
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();

    /// Runs a change and takes its time.
    void time(Runnable change) {
        long start = System.nanoTime();
        change.run();
        nanos.setOpaque(nanos.getPlain() + System.nanoTime() - start); // one writer: no atomic add
        count.setOpaque(count.getPlain() + 1);
    }

    public long count() {
        return count.getOpaque();
    }

    public double seconds() {
        return nanos.getOpaque() / 1e9;
    }
}
