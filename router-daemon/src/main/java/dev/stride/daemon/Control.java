package dev.stride.daemon;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.WorkerEvent;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.core.wire.Arp;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.systemd.SdNotify;
import dev.stride.io.port.Port;
import dev.stride.io.worker.Worker;
import dev.stride.io.worker.WorkerCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// The control thread: the only writer of RIB, FIB, next hops, neighbors, ports and hook chains.
///
/// Other threads hand over [Command]s and [WorkerEvent]s through two bounded queues and never touch
/// a table. Nothing that happens here stops a worker: changes are published by single stores, and
/// what workers must do themselves is put into their inboxes.
public final class Control implements Runnable, WorkerEvent.Sink {
    /// What other threads may ask for. `done` completes on the control thread.
    public sealed interface Command {
        CompletableFuture<?> done();

        /// All at once: nothing else happens between them.
        record PutRoutes(List<Route> routes, CompletableFuture<Boolean> done) implements Command {}

        /// Withdraws a source's routes and puts others, all at once.
        record ReplaceRoutes(
                RouteSource source,
                List<IpPrefix> gone,
                List<Route> put,
                CompletableFuture<Boolean> done)
                implements Command {}

        record DeleteRoute(IpPrefix prefix, RouteSource source, CompletableFuture<Boolean> done)
                implements Command {}

        record PutNeighbor(
                int port, Ip4Address address, MacAddress mac, CompletableFuture<Boolean> done)
                implements Command {}

        record DeleteNeighbor(int port, Ip4Address address, CompletableFuture<Boolean> done)
                implements Command {}

        /// @param port -1 for all
        record FlushNeighbors(int port, CompletableFuture<Boolean> done) implements Command {}

        /// @param port opened; closed again if it cannot be taken on
        record AddPort(PortConfig config, Port port, CompletableFuture<Boolean> done)
                implements Command {}

        /// Completes when its device is closed.
        record RemovePort(LivePort port, CompletableFuture<Boolean> done) implements Command {}

        /// Other settings that need no other device.
        record ChangePort(LivePort port, PortConfig config, CompletableFuture<Boolean> done)
                implements Command {}

        record EnablePort(LivePort port, boolean enabled, CompletableFuture<Boolean> done)
                implements Command {}

        /// A look at the tables; `answer` must neither change nor keep them.
        record Read<T>(Function<Control, T> answer, CompletableFuture<T> done) implements Command {
            void run(Control control) {
                done.complete(answer.apply(control));
            }
        }
    }

    private static final System.Logger LOG = System.getLogger("control");
    private static final int QUEUE = 8192;
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long PORT_POLL = TimeUnit.MILLISECONDS.toNanos(250);

    private final ForwardingState state;
    private final LongSupplier clock; // nanoseconds
    private final Quiescence quiescence;
    private final PortTable ports;
    private final Rib rib;
    private final NeighborTable neighbors;
    private final Queue<Command> commands = new MpscAtomicArrayQueue<>(QUEUE);
    private final Queue<WorkerEvent> events = new MpscAtomicArrayQueue<>(QUEUE);
    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>(); // of changes under way
    private final ChangeTimes changes4 = new ChangeTimes();
    private final ChangeTimes changes6 = new ChangeTimes();
    private List<Worker> workers = List.of();
    private WorkerWatch watch = new WorkerWatch(List.of(), 0);

    private volatile boolean stopping;
    private volatile @Nullable Thread thread;
    private volatile boolean parked;
    private long nextTick;
    private long nextPortPoll;
    private int recycling; // next-hop numbers whose grace period runs
    private long recycleMark;

    /// @param clock in nanoseconds
    public Control(
            ForwardingState state,
            Quiescence quiescence,
            NeighborTable.Timing timing,
            LongSupplier clock) {
        this.clock = clock;
        nextTick = clock.getAsLong();
        nextPortPoll = nextTick;
        this.state = state;
        this.quiescence = quiescence;
        this.rib = new Rib(state.fib4, state.fib6, state.nextHops, new RouteNeighbors());
        this.neighbors =
                new NeighborTable(timing, new Resolution(), port -> state.ports()[port].mac());
        this.ports = new PortTable(state, rib, neighbors, clock);
    }

    /// Tells where to send what workers must do. Before [#run].
    void attach(List<Worker> all) {
        workers = List.copyOf(all);
        ports.attach(workers);
        List<WorkerWatch.Watched> watched = all.stream().map(WorkerWatch.Watched::of).toList();
        watch = new WorkerWatch(watched, clock.getAsLong());
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        ports.all().forEach(live -> announce(live.index()));
        while (!stopping) {
            if (!round()) {
                park();
            }
        }
    }

    /// Does what is due; returns whether somebody had asked for it. For who runs it without [#run],
    /// on one thread with the workers.
    public boolean round() {
        boolean worked = drain();
        long now = clock.getAsLong();
        if (now - nextTick >= 0) {
            nextTick = now + TICK;
            tick(now);
        }
        return worked;
    }

    private boolean drain() {
        boolean worked = false;
        for (Runnable step = steps.poll(); step != null; step = steps.poll()) {
            guarded(step);
            worked = true;
        }
        for (int i = 0; i < QUEUE; i++) { // in turn, so that neither starves the other
            WorkerEvent event = events.poll();
            Command command = commands.poll();
            if (event == null && command == null) {
                break;
            }
            worked = true;
            if (event != null) {
                guarded(() -> handle(event));
            }
            if (command != null) {
                guarded(() -> answered(command));
            }
        }
        return worked;
    }

    /// A mistake in one command must not end the control thread.
    private static void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "internal error; please report it", e);
        }
    }

    private void tick(long now) {
        guarded(() -> neighbors.tick(now));
        if (now - nextPortPoll >= 0) {
            nextPortPoll = now + PORT_POLL;
            guarded(ports::poll);
        }
        if (watch.look(now) && watch.isAlive()) {
            SdNotify.alive(statusLine());
        }
        if (recycling > 0 && quiescence.passed() >= recycleMark) {
            rib.recycle(recycling);
            recycling = 0;
        }
        if (recycling == 0 && rib.retired() > 0) {
            recycling = rib.retired();
            recycleMark = quiescence.mark();
            quiescence.advance();
        }
    }

    private String statusLine() {
        long up = Arrays.stream(state.ports()).filter(PortState::up).count();
        return up
                + " of "
                + ports.all().size()
                + " ports up, "
                + (state.fib4.routes() + state.fib6.routes())
                + " routes";
    }

    private void park() {
        parked = true;
        if (commands.isEmpty() && events.isEmpty() && steps.isEmpty() && !stopping) {
            LockSupport.parkNanos(this, Math.max(0, nextTick - clock.getAsLong()));
        }
        parked = false;
    }

    private void wake() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /// Takes an event from a worker; false when too many wait.
    @Override
    public boolean offer(WorkerEvent event) {
        boolean taken = events.offer(event);
        wake();
        return taken;
    }

    /// Hands over a command. Any thread.
    ///
    /// @return false when too many wait
    public boolean submit(Command command) {
        boolean taken = commands.offer(command);
        wake();
        return taken;
    }

    /// Goes on with a change when a worker has done its part. Any thread.
    private void then(Runnable step) {
        steps.add(step);
        wake();
    }

    /// Makes [#run] return soon. Any thread.
    public void stop() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    private void handle(WorkerEvent event) {
        long now = clock.getAsLong();
        switch (event) {
            case WorkerEvent.NeighborWanted wanted ->
                    neighbors.wanted(wanted.port(), new Ip4Address(wanted.address()), now);
            case WorkerEvent.NeighborHeard heard ->
                    neighbors.heard(
                            heard.port(),
                            new Ip4Address(heard.address()),
                            new MacAddress(heard.mac()),
                            heard.asked(),
                            now);
            case WorkerEvent.AddressConflict conflict ->
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "port {0}: {1} claims our address {2}",
                            state.ports()[conflict.port()].name(),
                            new MacAddress(conflict.mac()),
                            new Ip4Address(conflict.address()));
        }
    }

    /// Whoever waits for a command that failed must learn of it.
    private void answered(Command command) {
        try {
            handle(command);
        } catch (RuntimeException e) {
            command.done().completeExceptionally(e);
            throw e;
        }
    }

    private void handle(Command command) {
        long now = clock.getAsLong();
        switch (command) {
            case Command.PutRoutes put -> {
                put.routes().forEach(this::put);
                put.done().complete(true);
            }
            case Command.ReplaceRoutes replace -> {
                replace.put().forEach(this::put);
                replace.gone().forEach(prefix -> remove(prefix, replace.source()));
                replace.done().complete(true);
            }
            case Command.DeleteRoute delete ->
                    delete.done().complete(remove(delete.prefix(), delete.source()));
            case Command.PutNeighbor put -> {
                neighbors.addStatic(put.port(), put.address(), put.mac(), now);
                put.done().complete(true);
            }
            case Command.DeleteNeighbor delete ->
                    delete.done().complete(neighbors.remove(delete.port(), delete.address(), now));
            case Command.FlushNeighbors flush -> {
                neighbors.flush(flush.port(), now);
                flush.done().complete(true);
            }
            case Command.AddPort add -> add(add);
            case Command.RemovePort remove ->
                    ports.remove(
                            remove.port(),
                            () ->
                                    then(
                                            () -> {
                                                ports.close(remove.port());
                                                remove.done().complete(true);
                                            }));
            case Command.ChangePort change -> {
                ports.change(change.port(), change.config());
                announce(change.port().index());
                change.done().complete(true);
            }
            case Command.EnablePort enable ->
                    ports.enable(
                            enable.port(), enable.enabled(), () -> enable.done().complete(true));
            case Command.Read<?> read -> read.run(this);
        }
    }

    private void add(Command.AddPort add) {
        try {
            ports.add(
                    add.config(),
                    add.port(),
                    live ->
                            then(
                                    () -> {
                                        ports.publish(live);
                                        announce(live.index());
                                        add.done().complete(true);
                                    }));
        } catch (RuntimeException e) {
            add.port().close();
            throw e;
        }
    }

    private void put(Route route) {
        changes(route.prefix().width()).time(() -> rib.put(route));
    }

    private boolean remove(IpPrefix prefix, RouteSource source) {
        if (rib.get(prefix) == null) {
            return false;
        }
        boolean[] was = {false};
        changes(prefix.width()).time(() -> was[0] = rib.remove(prefix, source));
        return was[0];
    }

    /// Tells a link who we are (gratuitous ARP, RFC 5227 section 2.3), so that old entries for our
    /// addresses go.
    private void announce(int port) {
        for (PortState.Address address : state.ports()[port].addresses()) {
            sendArp(port, address.bits(), null, address.bits());
        }
    }

    private void sendArp(int port, int sender, @Nullable MacAddress to, int target) {
        long mac = to == null ? MacAddress.BROADCAST : to.bits();
        workers.get(port % workers.size())
                .post(new WorkerCommand.SendArp(port, Arp.REQUEST, sender, mac, target));
    }

    /// The ports. Changing them is the control thread's.
    PortTable ports() {
        return ports;
    }

    /// The RIB. The control thread only.
    Rib rib() {
        return rib;
    }

    /// The neighbors. The control thread only.
    NeighborTable neighbors() {
        return neighbors;
    }

    /// How long changes of routes of a family took. Any thread.
    ///
    /// @param width of its addresses: 32 or 128
    ChangeTimes changes(int width) {
        return width == 32 ? changes4 : changes6;
    }

    /// What the workers look like. Any thread, once they are attached.
    WorkerWatch watch() {
        return watch;
    }

    ForwardingState state() {
        return state;
    }

    /// Next hops of routes are kept resolved.
    private final class RouteNeighbors implements Rib.Adjacencies {
        @Override
        public Adjacency neighbor(int port, IpAddress address, boolean host) {
            return host
                    ? Objects.requireNonNull(neighbors.known(port, address))
                    : neighbors.pin(port, address, clock.getAsLong());
        }

        @Override
        public void unused(Adjacency adjacency) {
            neighbors.unpin(adjacency.port, Objects.requireNonNull(adjacency.address));
        }
    }

    /// What the neighbor table asks for: ARP on the wire, a host route for who is there, and word
    /// to the workers.
    private final class Resolution implements NeighborTable.Wire {
        @Override
        public void solicit(int port, IpAddress address, @Nullable MacAddress mac) {
            if (address instanceof Ip4Address four) {
                PortState from = state.ports()[port];
                if (!from.isPresent()) {
                    return;
                }
                int facing = from.addressFacing(four.bits());
                int sender = facing != 0 ? facing : from.sourceAddress();
                sendArp(port, sender, mac, four.bits());
            }
        }

        @Override
        public void resolved(Adjacency adjacency) {
            int port = adjacency.port;
            if (adjacency.address instanceof Ip4Address four) {
                if (state.ports()[port].addressFacing(four.bits()) != 0) {
                    Route.Gateway itself = new Route.Gateway(four, port, 1);
                    put(hostRoute(four, itself));
                }
                workers.forEach(worker -> worker.post(new WorkerCommand.Resolved(adjacency)));
            }
        }

        private Route hostRoute(Ip4Address address, Route.Gateway itself) {
            return Route.via(
                    new Ip4Prefix(address.bits(), 32), RouteSource.NEIGHBOR, List.of(itself));
        }

        @Override
        public void failed(int port, IpAddress address) {
            if (address instanceof Ip4Address four) {
                remove(new Ip4Prefix(four.bits(), 32), RouteSource.NEIGHBOR);
                workers.forEach(worker -> worker.post(new WorkerCommand.Failed(port, four.bits())));
            }
        }
    }
}
