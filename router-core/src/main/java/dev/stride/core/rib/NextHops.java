package dev.stride.core.rib;

import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The numbers that groups have in the [NextHopTable].
///
/// A number that nothing uses keeps its next hop until [#recycle], which is called after a grace
/// period: a worker may have read the number from the FIB before the route went away.
final class NextHops {
    /// Shares that weights are spread over, at most; with 4 equal paths each gets exactly a
    /// quarter.
    private static final int MAX_SHARES = 256;

    private static final int MIN_SHARES = 64;

    private final NextHopTable table;

    /// Numbers that fit into the smallest slots of the FIB. They go to groups that many routes may
    /// have, not to the hosts on our links.
    private static final int SMALL = 254;

    private final NavigableSet<Integer> free = new TreeSet<>();
    private final List<NextHopGroup> retired = new ArrayList<>();
    private int last = SMALL;

    NextHops(NextHopTable table) {
        this.table = table;
        for (int number = 1; number <= SMALL; number++) {
            free.add(number);
        }
    }

    /// A number that nobody uses.
    ///
    /// @param host for the route of a single host
    int take(boolean host) {
        Integer number = host ? free.higher(SMALL) : free.isEmpty() ? null : free.first();
        if (number == null) {
            return ++last;
        }
        free.remove(number);
        return number;
    }

    /// Publishes what a number leads to: one store, whatever the number of routes behind it.
    void publish(int number, List<NextHopGroup.Path> paths) {
        table.set(number, new NextHop(spread(paths)));
    }

    /// No route has this group any more, and the FIB does not show its number.
    void retire(NextHopGroup group) {
        group.retired++;
        retired.add(group);
    }

    /// Numbers that wait for a grace period.
    int retired() {
        return retired.size();
    }

    /// Every worker has passed a quiescent point since the first `count` groups retired: the
    /// numbers of those that did not come back are free.
    ///
    /// @param gone is told which those are
    void recycle(int count, Consumer<NextHopGroup> gone) {
        for (NextHopGroup group : retired.subList(0, count)) {
            if (--group.retired == 0 && group.users == 0) {
                gone.accept(group);
                table.set(group.number, null);
                free.add(group.number);
            }
        }
        retired.subList(0, count).clear();
    }

    private static Adjacency[] spread(List<NextHopGroup.Path> paths) {
        if (paths.size() == 1) {
            return new Adjacency[] {paths.getFirst().adjacency()};
        }
        int total = paths.stream().mapToInt(NextHopGroup.Path::weight).sum();
        int wanted = Math.max(MIN_SHARES, Integer.highestOneBit(total) * 2);
        Adjacency[] spread = new Adjacency[Math.min(MAX_SHARES, wanted)];
        long done = 0;
        int at = 0;
        for (NextHopGroup.Path path : paths) {
            done += path.weight();
            for (int end = (int) (done * spread.length / total); at < end; at++) {
                spread[at] = path.adjacency();
            }
        }
        return spread;
    }
}
