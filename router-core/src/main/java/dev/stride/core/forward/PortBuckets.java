package dev.stride.core.forward;

/// A [TokenBucket] for each port, so that what is asked by one leaves the others their answers.
/// Belongs to its worker.
final class PortBuckets {
    private final TokenBucket[] buckets = new TokenBucket[ForwardingState.MAX_PORTS];

    /// @param perSecond rate of each in the long run
    /// @param depth how many may leave at once, of each
    PortBuckets(double perSecond, double depth) {
        for (int port = 0; port < buckets.length; port++) {
            buckets[port] = new TokenBucket(perSecond, depth);
        }
    }

    /// Goes on with another rate and depth.
    void limit(double perSecond, double depth) {
        for (TokenBucket bucket : buckets) {
            bucket.limit(perSecond, depth);
        }
    }

    /// Takes a token of a port if there is one.
    boolean take(int port, long nowNanos) {
        return buckets[port].take(nowNanos);
    }
}
