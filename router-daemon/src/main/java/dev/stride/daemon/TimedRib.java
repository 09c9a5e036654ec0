package dev.stride.daemon;

import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;

/// Changes routes and takes the time of it. The control thread only, but [#changes].
final class TimedRib {
    private final Rib rib;
    private final ChangeTimes four = new ChangeTimes();
    private final ChangeTimes six = new ChangeTimes();

    TimedRib(Rib rib) {
        this.rib = rib;
    }

    void put(Route route) {
        changes(route.prefix().width()).time(() -> rib.put(route));
    }

    /// Whether the source had said anything about the prefix.
    boolean remove(IpPrefix prefix, RouteSource source) {
        if (rib.get(prefix) == null) {
            return false;
        }
        boolean[] was = {false};
        changes(prefix.width()).time(() -> was[0] = rib.remove(prefix, source));
        return was[0];
    }

    /// How long changes of a family took. Any thread.
    ///
    /// @param width of its addresses: 32 or 128
    ChangeTimes changes(int width) {
        return width == 32 ? four : six;
    }
}
