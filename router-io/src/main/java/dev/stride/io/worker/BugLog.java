package dev.stride.io.worker;

import dev.stride.core.packet.Packet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reports bugs of the data path, at most one a minute, so that a flood of packets that meet one
/// costs no more than their drops. Belongs to its worker.
final class BugLog {
    private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

    private final Consumer<BugReport> reports;
    private long last = System.nanoTime() - PAUSE;
    private long unsaid;

    /// @param reports takes them; must not block
    BugLog(Consumer<BugReport> reports) {
        this.reports = reports;
    }

    /// Work has ended by an exception.
    ///
    /// @param packet that was worked on; null where that is not known
    void report(Throwable bug, @Nullable Packet packet) {
        long now = System.nanoTime();
        if (now - last < PAUSE) {
            unsaid++;
            return;
        }
        last = now;
        reports.accept(BugReport.of(bug, packet, unsaid));
        unsaid = 0;
    }
}
