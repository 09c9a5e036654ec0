package dev.stride.daemon.kernel;

import dev.stride.daemon.source.Skip;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/// What a kernel table's source has seen. Written by its thread, read by any.
public final class KernelCounters {
    /// Why a table was read as a whole.
    enum Cause {
        /// The socket is new.
        START,
        /// Notifications were lost.
        OVERRUN,
        /// The kernel may have removed routes without a word.
        DOUBT,
        /// It was time.
        AUDIT;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final AtomicLong notifications = new AtomicLong();
    private final AtomicLong malformed = new AtomicLong();
    private final AtomicLong overruns = new AtomicLong();
    private final AtomicLong differences = new AtomicLong();
    private final AtomicLong mended = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLongArray dumps = new AtomicLongArray(Cause.values().length);
    private volatile Map<String, Integer> skipped = labelled(Map.of());
    private volatile int prefixes;
    private volatile boolean connected;

    /// Notifications that were read.
    public long notifications() {
        return notifications.get();
    }

    /// Messages that could not be read.
    public long malformed() {
        return malformed.get();
    }

    /// How often the kernel said that notifications were lost.
    public long overruns() {
        return overruns.get();
    }

    /// Prefixes of which dumps showed that something had been missed, but for the first dump of a
    /// socket.
    public long differences() {
        return differences.get();
    }

    /// Prefixes that the RIB had otherwise than they were handed over.
    public long mended() {
        return mended.get();
    }

    /// How often the socket failed.
    public long failures() {
        return failures.get();
    }

    /// How often the table was read as a whole, by cause.
    public Map<String, Long> dumps() {
        Map<String, Long> map = new LinkedHashMap<>();
        for (Cause cause : Cause.values()) {
            map.put(cause.label(), dumps.get(cause.ordinal()));
        }
        return map;
    }

    /// Routes of the table that lead nowhere, by [Skip#label].
    public Map<String, Integer> skipped() {
        return skipped;
    }

    /// Prefixes in the table.
    public int prefixes() {
        return prefixes;
    }

    /// Whether the table is followed now.
    public boolean isConnected() {
        return connected;
    }

    void addNotification() {
        notifications.incrementAndGet();
    }

    /// Returns how many it is now.
    long addMalformed() {
        return malformed.incrementAndGet();
    }

    void addOverrun() {
        overruns.incrementAndGet();
    }

    void addMended(int prefixes) {
        mended.addAndGet(prefixes);
    }

    void addFailure() {
        failures.incrementAndGet();
    }

    void addDump(Cause cause, int different) {
        dumps.incrementAndGet(cause.ordinal());
        differences.addAndGet(cause == Cause.START ? 0 : different);
    }

    void connected(boolean now) {
        connected = now;
    }

    void table(int size, Map<Skip, Integer> leadNowhere) {
        prefixes = size;
        skipped = labelled(leadNowhere);
    }

    private static Map<String, Integer> labelled(Map<Skip, Integer> by) {
        Map<String, Integer> map = new LinkedHashMap<>();
        for (Skip skip : Skip.values()) {
            map.put(skip.label(), by.getOrDefault(skip, 0));
        }
        return map;
    }
}
