package dev.stride.daemon.live;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.RibTable;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Changes routes and takes the time of it. The control thread only.
final class TimedRib {
    private static final int PAGE = 1000; // prefixes of a walk between two other commands

    private final Rib rib;
    private final LiveTables tables;

    TimedRib(Rib rib, LiveTables tables) {
        this.rib = rib;
        this.tables = tables;
    }

    /// Leaves it out where its table has just gone.
    void put(Route route) {
        LiveTable table = tables.at(route.to().table());
        if (table != null) {
            table.changes(route.prefix().width()).time(() -> rib.put(route));
        }
    }

    /// Whether the source had said anything about the destination.
    boolean remove(Destination to, RouteSource source) {
        LiveTable table = tables.at(to.table());
        if (table == null || table.routes().get(to.prefix()) == null) {
            return false;
        }
        boolean[] was = {false};
        table.changes(to.prefix().width()).time(() -> was[0] = rib.remove(to, source));
        return was[0];
    }

    /// Does one page of a walk over the routes of a source.
    ///
    /// @return the rest of it; null when it is done, and says so
    ControlCommand.@Nullable ReviseRoutes revise(ControlCommand.ReviseRoutes walk) {
        int revised = walk.revised();
        if (rib.count(said -> isDue(said, walk)) == 0) {
            walk.done().complete(revised);
            return null;
        }
        int table = walk.from().table();
        RibTable routes = rib.table(table);
        List<Entry> page = routes == null ? List.of() : routes.page(walk.from().prefix(), PAGE);
        for (Entry entry : page) {
            revised += revise(table, entry, walk);
        }
        Destination from = next(walk.from(), page);
        if (from == null) {
            walk.done().complete(revised);
            return null;
        }
        return new ControlCommand.ReviseRoutes(
                walk.source(), walk.rule(), from, revised, walk.done());
    }

    /// Where a walk goes on behind a page: in the same family, then the other one, then the next
    /// table; null behind the last.
    private @Nullable Destination next(Destination from, List<Entry> page) {
        if (page.size() == PAGE) { // looks at the last once more, with nothing to do
            return new Destination(from.table(), page.getLast().prefix());
        }
        if (from.prefix().width() == 32) {
            return new Destination(from.table(), new Ip6Prefix(0, 0, 0));
        }
        for (RibTable table : rib.tables()) {
            if (table.index() > from.table()) {
                return new Destination(table.index(), new Ip4Prefix(0, 0));
            }
        }
        return null;
    }

    private static boolean isDue(Attributes said, ControlCommand.ReviseRoutes walk) {
        return said.source() == walk.source() && !said.equals(walk.rule().apply(said));
    }

    /// Returns how many routes of a prefix changed.
    private int revise(int table, Entry entry, ControlCommand.ReviseRoutes walk) {
        Destination to = new Destination(table, entry.prefix());
        int revised = 0;
        for (Attributes said : entry.candidates()) {
            if (!isDue(said, walk)) {
                continue;
            }
            Attributes now = walk.rule().apply(said);
            if (now == null) {
                revised += remove(to, walk.source()) ? 1 : 0;
            } else {
                put(new Route(to, now));
                revised++;
            }
        }
        return revised;
    }
}
