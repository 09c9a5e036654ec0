package dev.stride.daemon.live;

import java.util.concurrent.TimeUnit;

/// When the control thread looks at what nobody tells it of: often while something goes on, seldom
/// otherwise, so that an idle router costs next to nothing. The control thread only.
final class ControlPace {
    static final long BUSY = TimeUnit.MILLISECONDS.toNanos(50);
    static final long IDLE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LATELY = TimeUnit.SECONDS.toNanos(5);

    private long lastWork;
    private long next;

    ControlPace(long now) {
        lastWork = now;
        next = now;
    }

    /// Something goes on.
    void worked(long now) {
        lastWork = now;
        next = now + Math.min(next - now, BUSY);
    }

    /// Whether the next look is due.
    boolean isDue(long now) {
        return now - next >= 0;
    }

    /// It looks now.
    void looks(long now) {
        next = now + (now - lastWork < LATELY ? BUSY : IDLE);
    }

    /// Something is due in `delay` nanoseconds: it looks then, though not more often than while
    /// something goes on.
    void lookWithin(long now, long delay) {
        next = now + Math.min(next - now, Math.max(delay, BUSY));
    }

    /// Nanoseconds to the next look.
    long pause(long now) {
        return Math.max(0, next - now);
    }
}
