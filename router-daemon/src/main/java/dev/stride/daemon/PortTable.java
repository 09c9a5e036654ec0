package dev.stride.daemon;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.InterfaceAddress;
import dev.stride.daemon.config.PortConfig;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortQueue;
import dev.stride.io.worker.Worker;
import dev.stride.io.worker.WorkerCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The ports of the running router: how they come, go, and follow their devices. The control thread
/// only, but [#all].
///
/// Order of publication: a port is published as down, comes up when every worker has its queue, and
/// is published as gone before the workers let go of it; then its device is closed. So no worker
/// meets a port without a state, nor sends to one without a queue.
final class PortTable {
    private static final System.Logger LOG = System.getLogger("control");

    private final ForwardingState state;
    private final Rib rib;
    private final NeighborTable neighbors;
    private final LongSupplier clock; // nanoseconds
    private List<Worker> workers = List.of();
    private volatile List<LivePort> all = List.of(); // control: rw, others: ro; by index

    PortTable(ForwardingState state, Rib rib, NeighborTable neighbors, LongSupplier clock) {
        this.clock = clock;
        this.state = state;
        this.rib = rib;
        this.neighbors = neighbors;
    }

    /// Before the workers run.
    void attach(List<Worker> every) {
        workers = every;
    }

    /// All ports. Any thread.
    List<LivePort> all() {
        return all;
    }

    /// The port of that name. Any thread.
    @Nullable LivePort named(String name) {
        return all.stream()
                .filter(live -> live.config().name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /// Takes on a port that was opened, before the workers run.
    void install(PortConfig config, Port port) {
        LivePort live = live(config, port);
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
    /// @throws dev.stride.io.port.PortException when a queue cannot be opened
    void add(PortConfig config, Port port, Consumer<LivePort> attached) {
        LivePort live = live(config, port);
        replace(live.index(), live); // takes its index
        state.publishPort(shown(live, false, List.of())); // a worker may be faster than we are
        attach(live, () -> attached.accept(live));
    }

    private LivePort live(PortConfig config, Port port) {
        int index = freeIndex();
        List<PortQueue> queues = new ArrayList<>();
        for (Worker worker : workers) {
            queues.add(
                    port.queue(LivePort.receives(config, index, worker.index(), workers.size())));
        }
        return new LivePort(index, config, port, queues, true);
    }

    private int freeIndex() {
        int index = 0;
        for (LivePort live : all) { // by index
            index += live.index() == index ? 1 : 0;
        }
        return index;
    }

    private boolean receives(LivePort live, Worker worker) {
        return LivePort.receives(live.config(), live.index(), worker.index(), workers.size());
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
        List<PortState.Address> addresses =
                live.config().addresses4().stream().map(PortTable::address).toList();
        PortState shown = shown(live, live.enabled() && live.port().isUp(), addresses);
        state.publishPort(shown);
        rib.portChanged(shown.index(), shown.up());
        for (PortState.Address address : shown.addresses()) {
            if (address.length() < 32) {
                rib.put(Route.link(address.prefix(), shown.index()));
            }
        }
    }

    private static PortState shown(LivePort live, boolean up, List<PortState.Address> addresses) {
        PortConfig config = live.config();
        Port port = live.port();
        return new PortState(
                live.index(),
                config.name(),
                config.mac() == null ? port.mac() : config.mac().bits(),
                config.mtu() == 0 ? port.mtu() : config.mtu(),
                up,
                addresses);
    }

    private static PortState.Address address(InterfaceAddress address) {
        return new PortState.Address(((Ip4Address) address.address()).bits(), address.length());
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
        withdrawConnected(live);
        publish(live.with(config));
    }

    private void withdrawConnected(LivePort live) {
        for (PortState.Address address : state.ports()[live.index()].addresses()) {
            rib.remove(address.prefix(), RouteSource.CONNECTED);
        }
    }

    /// Takes a port away; `done` runs on a worker's thread when no worker has it any more: then
    /// [#close] is due.
    void remove(LivePort live, Runnable done) {
        rib.portChanged(live.index(), false);
        rib.removePort(live.index());
        neighbors.forget(live.index());
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

    /// Looks whether devices went down or came up.
    void poll() {
        all.forEach(this::follow);
    }

    private void follow(LivePort live) {
        PortState was = state.ports()[live.index()];
        boolean up = live.enabled() && live.port().isUp();
        if (!was.isPresent() || was.up() == up) {
            return;
        }
        state.publishPort(was.withUp(up));
        rib.portChanged(live.index(), up);
        if (!up) {
            neighbors.flush(live.index(), clock.getAsLong());
        }
        LOG.log(System.Logger.Level.INFO, "port {0} is {1}", was.name(), up ? "up" : "down");
    }
}
