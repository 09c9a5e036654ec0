package dev.stride.daemon.live;

import dev.stride.core.forward.RoutingTable;
import dev.stride.core.rib.FibAudit;
import dev.stride.core.rib.RibTable;
import dev.stride.daemon.config.TableConfig;

/// A routing table of the running router.
///
/// @param shown to the workers
/// @param routes what the control thread has for it
/// @param audit of its FIBs
/// @param changes4 times that changes of IPv4 routes took, `changes6` those of IPv6
public record LiveTable(
        TableConfig config,
        RoutingTable shown,
        RibTable routes,
        FibAudit audit,
        ChangeTimes changes4,
        ChangeTimes changes6) {
    /// The same with another id.
    LiveTable with(TableConfig now) {
        return new LiveTable(now, shown, routes, audit, changes4, changes6);
    }

    public int index() {
        return shown.index;
    }

    public String name() {
        return config.name();
    }

    /// @param width of addresses: 32 or 128
    ChangeTimes changes(int width) {
        return width == 32 ? changes4 : changes6;
    }

    /// Prefixes in both FIBs.
    public int fibRoutes() {
        return shown.fib4.routes() + shown.fib6.routes();
    }
}
