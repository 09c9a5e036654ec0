package dev.stride.core.rib;

import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The numbers that groups have in the [NextHopTable].
///
/// A number that nothing uses keeps its next hop until [#recycle], which is called after a grace
/// period: a worker may have read the number from the FIB before the route went away.
final class NextHops {
    /// Shares that weights are spread over, at most; with 4 equal paths each gets exactly a
    /// quarter.
    private static final int MAX_SHARES = 256;

    private static final int MIN_SHARES = 64;

    /// Numbers that fit into the smallest slots of the FIB. They go to groups that many routes may
    /// have, not to the hosts on our links.
    private static final int SMALL = 254;

    private final NextHopTable table;
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
        NextHop before = number < table.slots().length ? table.slots()[number] : null;
        table.set(number, new NextHop(spread(paths, before)));
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

    /// The shares of paths by their weights, such that few flows move: each share that some path
    /// had before stays with it as long as the path is there and not above its weight.
    private static Adjacency[] spread(List<NextHopGroup.Path> paths, @Nullable NextHop before) {
        if (paths.size() == 1) {
            return new Adjacency[] {paths.getFirst().adjacency()};
        }
        int[] due = shares(paths, length(paths, before));
        Adjacency[] spread = new Adjacency[Arrays.stream(due).sum()];
        for (int i = 0; i < spread.length && before != null; i++) {
            int kept = indexOf(paths, before.select(i));
            if (kept >= 0 && due[kept] > 0) {
                due[kept]--;
                spread[i] = paths.get(kept).adjacency();
            }
        }
        int next = 0;
        for (int i = 0; i < spread.length; i++) {
            if (spread[i] == null) {
                while (due[next] == 0) {
                    next++;
                }
                due[next]--;
                spread[i] = paths.get(next).adjacency();
            }
        }
        return spread;
    }

    /// As many shares as before, where that is fine enough for the weights.
    private static int length(List<NextHopGroup.Path> paths, @Nullable NextHop before) {
        int total = paths.stream().mapToInt(NextHopGroup.Path::weight).sum();
        int wanted = Math.max(MIN_SHARES, Integer.highestOneBit(total) * 2);
        return Math.max(Math.min(MAX_SHARES, wanted), before == null ? 1 : before.shares());
    }

    /// How many of `length` shares each path gets.
    private static int[] shares(List<NextHopGroup.Path> paths, int length) {
        int total = paths.stream().mapToInt(NextHopGroup.Path::weight).sum();
        int[] shares = new int[paths.size()];
        long done = 0;
        int at = 0;
        for (int i = 0; i < shares.length; i++) {
            done += paths.get(i).weight();
            int end = (int) (done * length / total);
            shares[i] = end - at;
            at = end;
        }
        return shares;
    }

    private static int indexOf(List<NextHopGroup.Path> paths, Adjacency adjacency) {
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).adjacency() == adjacency) {
                return i;
            }
        }
        return -1;
    }
}
