package dev.stride.daemon.config;

import java.time.Duration;

/// What a worker does when no packet waits: latency against a core's time.
public sealed interface IdlePolicy {
    /// Looks again for `time`, then waits in epoll.
    record Spin(Duration time) implements IdlePolicy {}

    /// Looks again for ever: the lowest latency, for a whole core.
    record Busy() implements IdlePolicy {}

    /// Waits in epoll at once: the least CPU time.
    record Epoll() implements IdlePolicy {}
}
