package dev.stride.core.rib;

import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Numbers for next hops: the same number for the same adjacencies and weights, counted by the
/// routes that use it.
///
/// A number that nothing uses keeps its next hop until [#recycle], which the caller calls after a
/// grace period: a worker may have read the number from the FIB before the route went away.
final class NextHops {
    /// One adjacency and its share.
    record Path(Adjacency adjacency, int weight) {}

    private static final class Entry {
        final int number;
        final List<Path> paths;
        int uses;

        Entry(int number, List<Path> paths) {
            this.number = number;
            this.paths = paths;
        }
    }

    /// Shares that weights are spread over, at most; enough for a spread within 2 % of 4 equal
    /// paths.
    private static final int MAX_SHARES = 256;

    private final NextHopTable table;
    private final Map<List<Path>, Entry> byPaths = new HashMap<>();
    private final Map<Integer, Entry> byNumber = new HashMap<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private final List<Entry> retired = new ArrayList<>();
    private int last;

    NextHops(NextHopTable table) {
        this.table = table;
    }

    /// The number of these paths, used once more. It is published before it is returned.
    int acquire(List<Path> paths) {
        Entry entry = byPaths.get(paths);
        if (entry == null) {
            int number = free.isEmpty() ? ++last : free.pop();
            entry = new Entry(number, List.copyOf(paths));
            byPaths.put(entry.paths, entry);
            byNumber.put(number, entry);
            table.set(number, new NextHop(spread(paths)));
        }
        entry.uses++;
        return entry.number;
    }

    /// A route does not use this number any more, and the FIB does not show it.
    void release(int number) {
        Entry entry = Objects.requireNonNull(byNumber.get(number));
        if (--entry.uses == 0) {
            byPaths.remove(entry.paths);
            byNumber.remove(number);
            retired.add(entry);
        }
    }

    /// Numbers that wait for a grace period.
    int retired() {
        return retired.size();
    }

    /// Gives the first `count` retired numbers free: every worker has passed a quiescent point
    /// since they retired.
    void recycle(int count) {
        for (Entry entry : retired.subList(0, count)) {
            table.set(entry.number, null);
            free.push(entry.number);
        }
        retired.subList(0, count).clear();
    }

    /// Next hops in use.
    int size() {
        return byNumber.size();
    }

    private static Adjacency[] spread(List<Path> paths) {
        if (paths.size() == 1) {
            return new Adjacency[] {paths.getFirst().adjacency};
        }
        int total = paths.stream().mapToInt(Path::weight).sum();
        int shares = Math.min(MAX_SHARES, Math.max(64, Integer.highestOneBit(total) * 2));
        Adjacency[] spread = new Adjacency[shares];
        long done = 0;
        int at = 0;
        for (Path path : paths) {
            done += path.weight;
            for (int end = (int) (done * shares / total); at < end; at++) {
                spread[at] = path.adjacency;
            }
        }
        return spread;
    }
}
