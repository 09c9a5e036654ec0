package dev.stride.daemon.live;

import dev.stride.core.rib.Destination;
import dev.stride.core.rib.FibAudit;
import java.util.concurrent.TimeUnit;

/// Looks whether the FIBs show what the RIB has, one routing table after the other, a few prefixes
/// at a time; what differs is mended and logged. The control thread only.
final class RouteAudit {
    private static final System.Logger LOG = System.getLogger("control");

    /// Prefixes of a step: about a millisecond's work.
    private static final int PREFIXES = 1024;

    /// How often a step is due, whatever else goes on: a full table takes forty minutes, and costs
    /// next to nothing meanwhile.
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(2);

    private final LiveTables tables;
    private final PortTable ports;
    private int next; // index of the routing table that is being audited, or the next one
    private long found; // differences that the log knows of
    private long due; // when the next step is

    RouteAudit(LiveTables tables, PortTable ports, long now) {
        this.tables = tables;
        this.ports = ports;
        due = now;
    }

    void tick(long now) {
        if (now - due >= 0) {
            due = now + PERIOD;
            step();
        }
    }

    private void step() {
        LiveTable table = tables.from(next);
        FibAudit audit = table.audit();
        long rounds = audit.rounds();
        audit.step(PREFIXES);
        if (audit.rounds() != rounds) {
            next = table.index() + 1;
            if (table.index() == Destination.MAIN) {
                ports.auditConnected();
            }
        }
        long all =
                tables.all().stream().mapToLong(each -> each.audit().differences()).sum()
                        + ports.connectedDifferences();
        if (all > found) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "the audit of routes mended {0} differences; please report it",
                    all - found);
            found = all;
        }
    }
}
