package dev.stride.io.worker;

/// What a worker does when nothing arrives, or little at a time.
///
/// @param spinNanos how long it goes on asking its ports before it sleeps; [Long#MAX_VALUE] for
///   ever
/// @param gatherNanos how long it lets packets gather where many come in small bursts, which is
///   interrupt moderation: fewer system calls a packet, for so much latency; 0 for not at all
public record IdlePolicy(long spinNanos, long gatherNanos) {
    /// Never sleeps: the lowest latency for a whole core.
    public static final IdlePolicy BUSY = new IdlePolicy(Long.MAX_VALUE, 0);

    /// Sleeps at once: the lowest CPU use.
    public static final IdlePolicy EPOLL = new IdlePolicy(0, 0);

    /// As in a configuration.
    @Override
    public String toString() {
        if (equals(BUSY)) {
            return "busy";
        }
        if (equals(EPOLL)) {
            return "epoll";
        }
        String gather = gatherNanos == 0 ? "" : ", gather = " + gatherNanos / 1000 + "us";
        return "{ spin = " + spinNanos / 1000 + "us" + gather + " }";
    }
}
