package dev.stride.io.worker;

/// What a worker does when nothing arrives.
///
/// @param spinNanos how long it goes on asking its ports before it sleeps; [Long#MAX_VALUE] for
///   ever
public record IdlePolicy(long spinNanos) {
    /// Never sleeps: the lowest latency for a whole core.
    public static final IdlePolicy BUSY = new IdlePolicy(Long.MAX_VALUE);

    /// Sleeps at once: the lowest CPU use.
    public static final IdlePolicy EPOLL = new IdlePolicy(0);

    /// As in a configuration.
    @Override
    public String toString() {
        if (spinNanos == BUSY.spinNanos) {
            return "busy";
        }
        return spinNanos == 0 ? "epoll" : "{ spin = " + spinNanos / 1000 + "us }";
    }
}
