package dev.stride.core.forward;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.pfil.Pfil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Everything that workers read and the control thread writes.
///
/// Publication: the routing tables, the next-hop table and the hook points publish their own
/// changes. `ports` and `tables` are immutable and replaced by one release store each; a worker
/// acquires the ports once a burst, and by them the routing tables. What belongs together may
/// differ by one change for the length of a burst, which is harmless: a packet is judged as if it
/// had come a little earlier or later.
public final class ForwardingState {
    private static final VarHandle PORTS;
    private static final VarHandle TABLES;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PORTS = lookup.findVarHandle(ForwardingState.class, "ports", PortState[].class);
            TABLES = lookup.findVarHandle(ForwardingState.class, "tables", RoutingTable[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// The routing table that is always there.
    public final RoutingTable main;

    public final NextHopTable nextHops = new NextHopTable();
    public final Pfil pfil = new Pfil();

    private final Quiescence readers;
    private @Nullable RoutingTable[] tables = {}; // by index; control: rw, workers: ro
    private PortState[] ports = {}; // control: rw, workers: ro

    /// Empty tables.
    ///
    /// @param readers the threads that look up
    public ForwardingState(Quiescence readers) {
        this.readers = readers;
        main = addTable("main");
    }

    /// Makes one more routing table. The control thread only.
    public RoutingTable addTable(String name) {
        RoutingTable table = new RoutingTable(tables.length, name, readers);
        @Nullable RoutingTable[] more = Arrays.copyOf(tables, tables.length + 1);
        more[table.index] = table;
        TABLES.setRelease(this, more);
        return table;
    }

    /// Takes a routing table away that no port is in. Its index stays unused: a next hop that a
    /// worker has just read may still lead there. The control thread only.
    public void removeTable(RoutingTable table) {
        @Nullable RoutingTable[] fewer = tables.clone();
        fewer[table.index] = null;
        TABLES.setRelease(this, fewer);
    }

    /// The routing table of an index; null where there is none any more.
    public @Nullable RoutingTable table(int index) {
        @Nullable RoutingTable[] now = (RoutingTable[]) TABLES.getAcquire(this);
        return now[index];
    }

    /// Whether an address is one of the router itself in a table, or a broadcast address of its
    /// links. Any thread.
    public boolean isOwn(int table, IpAddress address) {
        RoutingTable in = table(table);
        return in != null && in.isOwn(address);
    }

    /// Most ports at a time.
    public static final int MAX_PORTS = 256;

    /// Ports by index, of which some may not be [PortState#isPresent]; not to be changed.
    public PortState[] ports() {
        return (PortState[]) PORTS.getAcquire(this);
    }

    /// The next hop that a table's IPv4 FIB has for an address; a route to another table is
    /// followed once. Null where there is none. Any thread.
    @Nullable NextHop route4(RoutingTable table, int address) {
        NextHop next = NextHopTable.at(nextHops.slots(), table.fib4.lookup(address));
        RoutingTable other = other(next);
        return other == null ? next : NextHopTable.at(nextHops.slots(), other.fib4.lookup(address));
    }

    /// The same of IPv6.
    @Nullable NextHop route6(RoutingTable table, long high, long low) {
        NextHop next = NextHopTable.at(nextHops.slots(), table.fib6.lookup(high, low));
        RoutingTable other = other(next);
        return other == null
                ? next
                : NextHopTable.at(nextHops.slots(), other.fib6.lookup(high, low));
    }

    private @Nullable RoutingTable other(@Nullable NextHop next) {
        return next == null || next.table() < 0 ? null : table(next.table());
    }

    /// Whether a port's policy lets a source pass to which `back` leads. Workers.
    static boolean passesReversePath(PortState port, @Nullable NextHop back) {
        if (back == null || !back.isForwarding()) {
            return false;
        }
        return port.policy().reversePath() == PortPolicy.ReversePath.LOOSE
                || back.leavesBy(port.index());
    }

    /// Publishes new ports and what follows from them: local and broadcast addresses. The control
    /// thread only.
    public void publishPorts(PortState[] next) {
        PORTS.setRelease(this, next.clone());
        for (RoutingTable table : tables) {
            if (table != null) {
                table.publishLocal(next);
            }
        }
    }

    /// Publishes the state of one port, new or not. The control thread only.
    public void publishPort(PortState port) {
        PortState[] next = Arrays.copyOf(ports, Math.max(ports.length, port.index() + 1));
        for (int i = ports.length; i < next.length; i++) {
            next[i] = PortState.absent(i, main);
        }
        next[port.index()] = port;
        publishPorts(next);
    }

    /// Publishes that there is no port of this index. The control thread only.
    public void removePort(int index) {
        publishPort(PortState.absent(index, main));
    }
}
