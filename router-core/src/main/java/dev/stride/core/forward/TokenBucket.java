package dev.stride.core.forward;

/// Limits how often something happens. Belongs to one thread; time is given by the caller.
public final class TokenBucket {
    private double perNano;
    private double depth;
    private double tokens;
    private long lastNanos;
    private boolean started;

    /// @param perSecond rate in the long run; 0 for never, not even at first
    /// @param depth how many may happen at once
    public TokenBucket(double perSecond, double depth) {
        this.perNano = perSecond / 1e9;
        this.depth = perSecond == 0 ? 0 : depth;
        this.tokens = this.depth;
    }

    /// Goes on with another rate and depth.
    void limit(double perSecond, double atOnce) {
        perNano = perSecond / 1e9;
        depth = perSecond == 0 ? 0 : atOnce;
        tokens = Math.min(tokens, depth);
    }

    /// Takes a token if there is one.
    ///
    /// @param nowNanos a clock that does not go backwards, such as [System#nanoTime]
    public boolean take(long nowNanos) {
        if (started) {
            tokens = Math.min(depth, tokens + (nowNanos - lastNanos) * perNano);
        }
        started = true;
        lastNanos = nowNanos;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
