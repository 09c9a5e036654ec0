package dev.stride.daemon.control;

import dev.stride.daemon.control.Router.ControlCounts;
import java.util.concurrent.atomic.AtomicLong;

/// What the control socket has seen. Any thread.
public final class ControlCounters {
    final AtomicLong connections = new AtomicLong();
    final AtomicLong slow = new AtomicLong();
    final AtomicLong forbidden = new AtomicLong();
    final AtomicLong malformed = new AtomicLong();

    /// How they stand.
    public ControlCounts counts() {
        return new ControlCounts(connections.get(), slow.get(), forbidden.get(), malformed.get());
    }
}
