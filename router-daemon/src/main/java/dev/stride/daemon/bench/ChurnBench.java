package dev.stride.daemon.bench;

import dev.stride.core.addr.IpPrefix;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/// What endless churn does to the memory that lookups reach, beside a thread that looks up. Each
/// change is one of three that a route goes through, some time apart: withdrawn, announced with
/// another next hop, back to what it was. Twenty times a session with a tenth of all routes goes
/// down and comes up again; after each the memory is noted, when all routes are back.
public final class ChurnBench {
    private static final int ROUNDS = 20;
    private static final int UNDER_WAY = 1 << 14; // routes in each of the two states in between

    private final BenchTable table;
    private final long changes;
    private final Tables tables = new Tables();
    private final Draws draws = new Draws(815);
    private final int[] withdrawn = new int[UNDER_WAY]; // routes, a ring; -1 for none
    private final int[] moved = new int[UNDER_WAY]; // routes with another next hop, likewise
    private final boolean[] busy; // by route: in one of the rings
    private long made;

    /// @param changes how many to make in all, at least
    public ChurnBench(BenchTable table, long changes) {
        this.table = table;
        this.changes = changes;
        busy = new boolean[table.size()];
    }

    /// Measures; hands each row on as it is ready.
    public void run(Consumer<BenchRow> rows) throws InterruptedException {
        for (int i = 0; i < table.size(); i++) {
            tables.change(table.prefix(i), table.nextHop(i));
        }
        String structure = "stride rib and fib" + (table.isFour() ? "4" : "6");
        rows.accept(BenchRow.of(structure, "load", "MB of lookup memory", tables.megabytes()));
        LookupLoop reader = new LookupLoop(table, tables);
        long start = System.nanoTime();
        for (int round = 1; round <= ROUNDS; round++) {
            churn(changes * round / ROUNDS);
            reset(round % 10);
            String after = String.format(Locale.ROOT, "MB after %.1f million changes", made / 1e6);
            rows.accept(BenchRow.of(structure, "churn", after, tables.megabytes()));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        rows.accept(BenchRow.of(structure, "churn", "updates", made / seconds / 1e6));
        rows.accept(BenchRow.of(structure, "prefix", "lookups, writer busy", reader.stop()));
    }

    /// Changes until so many were made in all, then lets every route return.
    private void churn(long until) {
        Arrays.fill(withdrawn, -1);
        Arrays.fill(moved, -1);
        for (int at = 0; made < until; at = (at + 1) & (UNDER_WAY - 1)) {
            step(at, draws.below(table.size()));
        }
        for (int at = 0; at < UNDER_WAY; at++) {
            step(at, -1);
            step(at, -1);
        }
    }

    /// A place in the rings: the route that was moved goes back, the one that was withdrawn moves,
    /// and another one is withdrawn unless it is under way or -1.
    private void step(int at, int route) {
        if (moved[at] >= 0) {
            change(moved[at], table.nextHop(moved[at]));
            busy[moved[at]] = false;
        }
        moved[at] = withdrawn[at];
        if (moved[at] >= 0) {
            change(moved[at], table.nextHop(moved[at]) + 1);
        }
        boolean free = route >= 0 && !busy[route];
        withdrawn[at] = free ? route : -1;
        if (free) {
            change(route, 0);
            busy[route] = true;
        }
    }

    /// A tenth of all routes goes, and comes back.
    private void reset(int tenth) {
        for (int i = tenth; i < table.size(); i += 10) {
            change(i, 0);
        }
        for (int i = tenth; i < table.size(); i += 10) {
            change(i, table.nextHop(i));
        }
    }

    private void change(int route, int nextHop) {
        IpPrefix prefix = table.prefix(route);
        tables.change(prefix, nextHop);
        made++;
    }
}
