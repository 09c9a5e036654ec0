package dev.stride.daemon.fpm;

import dev.stride.daemon.source.Skip;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// What the FPM server has seen. Written by its event loop, read by any thread.
public final class FpmCounters {
    private final AtomicLong routes = new AtomicLong();
    private final AtomicLong nextHops = new AtomicLong();
    private final AtomicLong pauses = new AtomicLong();
    private final AtomicLong swept = new AtomicLong();
    private final AtomicLongArray skipped = new AtomicLongArray(Skip.values().length);
    private final AtomicLongArray faults = new AtomicLongArray(Fault.values().length);
    private final AtomicInteger knownNextHops = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile int generation;
    private volatile @Nullable String peer;

    /// Messages about routes.
    public long routes() {
        return routes.get();
    }

    /// Messages about next hops.
    public long nextHops() {
        return nextHops.get();
    }

    /// How often reading stopped because the control thread was behind.
    public long pauses() {
        return pauses.get();
    }

    /// Routes that were withdrawn since no connection after their own said them again.
    public long swept() {
        return swept.get();
    }

    /// What was not taken, by [Skip#label].
    public Map<String, Long> skipped() {
        Map<String, Long> map = new LinkedHashMap<>();
        for (Skip skip : Skip.values()) {
            map.put(skip.label(), skipped.get(skip.ordinal()));
        }
        return map;
    }

    /// Connections that ended badly, by [Fault#label].
    public Map<String, Long> faults() {
        Map<String, Long> map = new LinkedHashMap<>();
        for (Fault fault : Fault.values()) {
            map.put(fault.label(), faults.get(fault.ordinal()));
        }
        return map;
    }

    /// Next-hop ids that the connection has defined.
    public int knownNextHops() {
        return knownNextHops.get();
    }

    /// Routes whose next-hop id is not known yet.
    public int waiting() {
        return waiting.get();
    }

    /// Number of the last connection, from 1; 0 before the first.
    public int generation() {
        return generation;
    }

    /// Who is connected; null for nobody.
    public @Nullable String peer() {
        return peer;
    }

    void addRoute() {
        routes.incrementAndGet();
    }

    void addNextHop() {
        nextHops.incrementAndGet();
    }

    void addPause() {
        pauses.incrementAndGet();
    }

    void addSwept(int more) {
        swept.addAndGet(more);
    }

    /// Returns how many it is now.
    long add(Skip skip) {
        return skipped.incrementAndGet(skip.ordinal());
    }

    void add(Fault fault) {
        faults.incrementAndGet(fault.ordinal());
    }

    void known(int ids, int waitingRoutes) {
        knownNextHops.set(ids);
        waiting.set(waitingRoutes);
    }

    void connected(int number, String who) {
        generation = number;
        peer = who;
    }

    void disconnected() {
        peer = null;
        known(0, 0);
    }
}
