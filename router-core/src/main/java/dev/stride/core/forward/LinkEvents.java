package dev.stride.core.forward;

/// What stations on a link say of themselves, on its way to the control thread: of each port so
/// much a second and no more, so that a flood on one link does not crowd out what others say.
/// Belongs to its worker.
final class LinkEvents {
    /// Enough for 65,536 neighbors of a port that are each confirmed once a minute.
    private static final double PER_SECOND = 2000;

    private static final double BURST = 1000;

    private final SlowPath slow;
    private final WorkerEvent.Sink control;
    private final TokenBucket[] buckets = new TokenBucket[ForwardingState.MAX_PORTS]; // by port

    /// @param slow tells the time
    LinkEvents(SlowPath slow, WorkerEvent.Sink control) {
        this.slow = slow;
        this.control = control;
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new TokenBucket(PER_SECOND, BURST);
        }
    }

    /// Passes on what was heard on a port.
    ///
    /// @return false when that was more than its share, or the control thread is swamped
    boolean tell(int port, WorkerEvent event) {
        return buckets[port].take(slow.now()) && control.offer(event);
    }
}
