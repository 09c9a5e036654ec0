package dev.stride.daemon;

import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Changes routes and takes the time of it. The control thread only, but [#changes].
final class TimedRib {
    private static final int PAGE = 1000; // prefixes of a walk between two other commands

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

    /// Does one page of a walk over the routes of a source.
    ///
    /// @return the rest of it; null when it is done, and says so
    ControlCommand.@Nullable ReviseRoutes revise(ControlCommand.ReviseRoutes walk) {
        int revised = walk.revised();
        if (rib.count(said -> isDue(said, walk)) == 0) {
            walk.done().complete(revised);
            return null;
        }
        List<Entry> page = rib.page(walk.from(), PAGE);
        for (Entry entry : page) {
            revised += revise(entry, walk);
        }
        IpPrefix from;
        if (page.size() == PAGE) {
            from = page.getLast().prefix(); // looks at it once more, with nothing to do
        } else if (walk.from().width() == 32) {
            from = new Ip6Prefix(0, 0, 0);
        } else {
            walk.done().complete(revised);
            return null;
        }
        return new ControlCommand.ReviseRoutes(
                walk.source(), walk.rule(), from, revised, walk.done());
    }

    private static boolean isDue(Attributes said, ControlCommand.ReviseRoutes walk) {
        return said.source() == walk.source() && !said.equals(walk.rule().apply(said));
    }

    /// Returns how many routes of a prefix changed.
    private int revise(Entry entry, ControlCommand.ReviseRoutes walk) {
        int revised = 0;
        for (Attributes said : entry.candidates()) {
            if (!isDue(said, walk)) {
                continue;
            }
            Attributes now = walk.rule().apply(said);
            if (now == null) {
                revised += remove(entry.prefix(), walk.source()) ? 1 : 0;
            } else {
                put(new Route(entry.prefix(), now));
                revised++;
            }
        }
        return revised;
    }

    /// How long changes of a family took. Any thread.
    ///
    /// @param width of its addresses: 32 or 128
    ChangeTimes changes(int width) {
        return width == 32 ? four : six;
    }
}
