package dev.stride.daemon;

import dev.stride.core.rib.Destination;
import dev.stride.core.rib.FibAudit;

/// Looks whether the FIBs show what the RIB has, one routing table after the other, a few prefixes
/// at a time; what differs is mended and logged. The control thread only.
final class RouteAudit {
    private static final System.Logger LOG = System.getLogger("control");

    /// Prefixes of a step: less than a millisecond's work, a full table in minutes.
    private static final int PREFIXES = 512;

    private final LiveTables tables;
    private final PortTable ports;
    private int next; // index of the routing table that is being audited, or the next one
    private long found; // differences that the log knows of

    RouteAudit(LiveTables tables, PortTable ports) {
        this.tables = tables;
        this.ports = ports;
    }

    void step() {
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
        long now =
                tables.all().stream().mapToLong(each -> each.audit().differences()).sum()
                        + ports.connectedDifferences();
        if (now > found) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "the audit of routes mended {0} differences; please report it",
                    now - found);
            found = now;
        }
    }
}
