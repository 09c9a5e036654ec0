package dev.stride.daemon.live;

import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.RoutingTable;
import dev.stride.core.rib.FibAudit;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.RibTable;
import dev.stride.daemon.config.TableConfig;
import dev.stride.daemon.control.Router.RefusedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The routing tables of the running router, by name, by index and by the id that routing daemons
/// know them by. The control thread changes them; any thread looks.
public final class LiveTables {
    private final ForwardingState state;
    private final Rib rib;
    private volatile List<LiveTable> all; // control: rw, others: ro; by index

    /// With the main table.
    LiveTables(ForwardingState state, Rib rib) {
        this.state = state;
        this.rib = rib;
        all = List.of(live(TableConfig.MAIN, state.main));
    }

    private LiveTable live(TableConfig config, RoutingTable table) {
        RibTable routes = rib.addTable(table.index, table.fib4, table.fib6);
        FibAudit audit = new FibAudit(routes, table.fib4, table.fib6);
        return new LiveTable(config, table, routes, audit, new ChangeTimes(), new ChangeTimes());
    }

    /// All tables. Any thread.
    public List<LiveTable> all() {
        return all;
    }

    /// The table of an index, or null when it has gone. Any thread.
    @Nullable LiveTable at(int index) {
        for (LiveTable live : all) {
            if (live.index() == index) {
                return live;
            }
        }
        return null;
    }

    /// The table of an index or, without one, the next; behind the last, the main one. Any thread.
    public LiveTable from(int index) {
        List<LiveTable> now = all;
        for (LiveTable live : now) {
            if (live.index() >= index) {
                return live;
            }
        }
        return now.getFirst();
    }

    /// The name of the table of an index. Any thread.
    public String name(int index) {
        LiveTable live = at(index);
        return live == null ? "a table that has gone" : live.name();
    }

    /// The table of a name. Any thread.
    ///
    /// @throws RefusedException when there is none
    public LiveTable named(String name) {
        for (LiveTable live : all) {
            if (live.name().equals(name)) {
                return live;
            }
        }
        throw new RefusedException(
                "no routing table is named "
                        + name
                        + "; there are "
                        + String.join(", ", all.stream().map(LiveTable::name).toList()));
    }

    /// The index of the table that routing daemons know by an id; -1 where there is none. Any
    /// thread.
    public int ofId(int id) {
        for (LiveTable live : all) {
            if (live.config().id() == id && id != 0) {
                return live.index();
            }
        }
        return -1;
    }

    /// Adds an empty table. The control thread only.
    public void add(TableConfig config) {
        List<LiveTable> more = new ArrayList<>(all);
        more.add(live(config, state.addTable(config.name())));
        all = List.copyOf(more);
    }

    /// Gives a table another id. The control thread only.
    void change(TableConfig config) {
        all =
                all.stream()
                        .map(live -> live.name().equals(config.name()) ? live.with(config) : live)
                        .toList();
    }

    /// Takes a table away with its routes and those that lead to it. No port may be in it. The
    /// control thread only.
    void remove(LiveTable gone) {
        all = all.stream().filter(live -> live.index() != gone.index()).toList();
        rib.removeTable(gone.index());
        state.removeTable(gone.shown());
    }
}
