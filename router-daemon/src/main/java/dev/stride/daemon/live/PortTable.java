package dev.stride.daemon.live;

import dev.stride.core.addr.IpPrefix;
import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.PortConfig;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortQueue;
import dev.stride.io.vlan.VlanPort;
import dev.stride.io.worker.Worker;
import dev.stride.io.worker.WorkerCommand;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The ports of the running router: how they come, go, and follow their devices. The control thread
/// only, but [#all].
///
/// Order of publication: a port is published as down, comes up when every worker has its queue, and
/// is published as gone before the workers let go of it; then its device is closed. So no worker
/// meets a port without a state, nor sends to one without a queue.
public final class PortTable {
    private static final System.Logger LOG = System.getLogger("control");

    private final ForwardingState state;
    private final Rib rib;
    private final PortStates states;
    private final NeighborTable neighbors;
    private final LongSupplier clock; // nanoseconds
    private final IntConsumer started;
    private final BitSet taken = new BitSet(); // indexes of others
    private List<Worker> workers = List.of();
    private long connectedDifferences;
    private volatile List<LivePort> all = List.of(); // control: rw, others: ro; by index

    /// @param started is told of ports that came up or have other addresses
    PortTable(
            ForwardingState state,
            Rib rib,
            LiveTables tables,
            NeighborTable neighbors,
            LongSupplier clock,
            IntConsumer started) {
        this.clock = clock;
        this.started = started;
        this.state = state;
        this.rib = rib;
        this.states = new PortStates(state, tables);
        this.neighbors = neighbors;
    }

    /// Before the workers run.
    void attach(List<Worker> every) {
        workers = every;
    }

    /// All ports. Any thread.
    public List<LivePort> all() {
        return all;
    }

    /// The network namespaces that ports are in, empty for the daemon's own. Any thread.
    public Set<Optional<String>> namespaces() {
        return all.stream()
                .map(live -> Optional.ofNullable(live.config().netns()))
                .collect(Collectors.toSet());
    }

    /// The port of that name. Any thread.
    public @Nullable LivePort named(String name) {
        return all.stream()
                .filter(live -> live.config().name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /// Takes on a port that was opened, before the workers run.
    ///
    /// @param enabled whether it is switched on
    public void install(PortConfig config, Port port, boolean enabled) {
        LivePort live = live(config, port).with(enabled);
        for (Worker worker : workers) {
            worker.attach(
                    live.index(),
                    live.queues().get(worker.index()),
                    port.takesOffloads(),
                    receives(live, worker));
        }
        publish(live);
    }

    /// Takes on a port that was opened; `attached` runs on a worker's thread when every worker has
    /// its queue: then [#publish] is due.
    ///
    /// @param enabled whether it is switched on
    /// @throws dev.stride.io.port.PortException when a queue cannot be opened
    void add(PortConfig config, Port port, boolean enabled, Consumer<LivePort> attached) {
        LivePort live = live(config, port).with(enabled);
        replace(live.index(), live); // takes its index
        state.publishPort(states.announced(live)); // a worker may be faster than we are
        attach(live, () -> attached.accept(live));
    }

    private LivePort live(PortConfig config, Port port) {
        int index = freeIndex();
        if (port instanceof VlanPort vlan) {
            vlan.bind(parent(config));
        }
        List<PortQueue> queues = new ArrayList<>();
        for (Worker worker : workers) {
            queues.add(
                    port.queue(LivePort.receives(config, index, worker.index(), workers.size())));
        }
        return new LivePort(index, config, port, queues, true, new AtomicLong());
    }

    private VlanPort.Parent parent(PortConfig config) {
        LivePort live = named(String.valueOf(config.within()));
        if (live == null) {
            throw new PortException(config.name(), "there is no port " + config.within());
        }
        PortState shown = state.ports()[live.index()];
        return new VlanPort.Parent(
                live.index(),
                shown.mac(),
                shown.mtu(),
                live.port().takesOffloads(),
                live.queues(),
                () -> state.ports()[live.index()].up());
    }

    private int freeIndex() {
        BitSet used = (BitSet) taken.clone();
        all.forEach(live -> used.set(live.index()));
        return used.nextClearBit(0);
    }

    /// Takes an index for what is no port, such as a companion.
    int takeIndex() {
        int index = freeIndex();
        taken.set(index);
        return index;
    }

    /// The reverse.
    void giveBackIndex(int index) {
        taken.clear(index);
    }

    private boolean receives(LivePort live, Worker worker) {
        return live.enabled()
                && LivePort.receives(live.config(), live.index(), worker.index(), workers.size());
    }

    private void attach(LivePort live, Runnable done) {
        Runnable last = last(done);
        for (Worker worker : workers) {
            worker.post(
                    new WorkerCommand.Attach(
                            live.index(),
                            live.queues().get(worker.index()),
                            live.port().takesOffloads(),
                            receives(live, worker),
                            last));
        }
    }

    private void detach(LivePort live, boolean forget, Runnable done) {
        Runnable last = last(done);
        for (Worker worker : workers) {
            worker.post(new WorkerCommand.Detach(live.index(), forget, last));
        }
    }

    /// Runs `done` when every worker has run it.
    private Runnable last(Runnable done) {
        AtomicInteger left = new AtomicInteger(workers.size());
        return () -> {
            if (left.decrementAndGet() == 0) {
                done.run();
            }
        };
    }

    /// Shows a port to the data path, with its addresses and connected routes.
    void publish(LivePort live) {
        replace(live.index(), live);
        boolean up = live.enabled() && live.port().isUp();
        PortState shown = states.of(live, up);
        state.publishPort(shown);
        rib.portChanged(shown.index(), up);
        for (IpPrefix prefix : PortStates.connected(shown)) {
            rib.put(Route.link(prefix, shown.index()).in(shown.table().index));
        }
        if (up) {
            started.accept(shown.index());
        }
    }

    private void replace(int index, @Nullable LivePort with) {
        List<LivePort> next = new ArrayList<>(all);
        next.removeIf(live -> live.index() == index);
        if (with != null) {
            next.add(with);
        }
        next.sort((a, b) -> Integer.compare(a.index(), b.index()));
        all = List.copyOf(next);
    }

    /// Gives a port other settings that need no other device.
    void change(LivePort live, PortConfig config) {
        if (!config.table().equals(live.config().table())) {
            leave(live);
        }
        withdrawConnected(live);
        publish(live.with(config));
    }

    /// Looks whether the RIB has the prefixes of all ports, and says again what it has not.
    void auditConnected() {
        for (LivePort live : all) {
            PortState port = state.ports()[live.index()];
            for (IpPrefix prefix :
                    port.isPresent() ? PortStates.connected(port) : List.<IpPrefix>of()) {
                Destination to = new Destination(port.table().index, prefix);
                if (!rib.has(to, RouteSource.CONNECTED)) {
                    connectedDifferences++;
                    rib.put(Route.link(prefix, live.index()).in(to.table()));
                }
            }
        }
    }

    /// Prefixes of ports that the RIB had not.
    public long connectedDifferences() {
        return connectedDifferences;
    }

    /// A port goes from its routing table, with what names it and the neighbors on its link.
    private void leave(LivePort live) {
        rib.portChanged(live.index(), false);
        rib.removePort(live.index());
        neighbors.forget(live.index());
    }

    private void withdrawConnected(LivePort live) {
        PortState was = state.ports()[live.index()];
        for (IpPrefix prefix : PortStates.connected(was)) {
            rib.remove(new Destination(was.table().index, prefix), RouteSource.CONNECTED);
        }
    }

    /// Takes a port away; `done` runs on a worker's thread when no worker has it any more: then
    /// [#close] is due.
    void remove(LivePort live, Runnable done) {
        leave(live);
        state.removePort(live.index());
        detach(live, true, done);
    }

    /// Closes the device of a port that was taken away; its index may be used again.
    void close(LivePort live) {
        live.port().close();
        replace(live.index(), null);
    }

    /// Switches a port on or off; `done` runs on a worker's thread when every worker knows.
    void enable(LivePort live, boolean enabled, Runnable done) {
        LivePort now = live.with(enabled);
        replace(live.index(), now);
        if (enabled) {
            attach(now, done);
        } else {
            detach(now, false, done);
        }
        follow(now);
    }

    /// Looks whether devices went down or came up, and what got lost before it got in.
    void poll() {
        all.forEach(this::follow);
        all.forEach(live -> live.missed().set(live.port().missed()));
    }

    private void follow(LivePort live) {
        PortState was = state.ports()[live.index()];
        boolean up = live.enabled() && live.port().isUp();
        if (!was.isPresent() || was.up() == up) {
            return;
        }
        // It may be on another link now.
        state.publishPort(up ? PortStates.tentative(was.withUp(true)) : was.withUp(false));
        rib.portChanged(live.index(), up);
        if (up) {
            started.accept(live.index());
        } else {
            neighbors.flush(live.index(), clock.getAsLong());
        }
        LOG.log(System.Logger.Level.INFO, "port {0} is {1}", was.name(), up ? "up" : "down");
    }
}
