package dev.stride.daemon;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.WorkerEvent;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.systemd.SdNotify;
import dev.stride.io.port.Port;
import dev.stride.io.worker.Worker;
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

        /// Looks at every route of a source, a page at a time: other commands come in between.
        ///
        /// @param rule what a route is to say; null withdraws it
        /// @param from where to go on, `revised` how many changed so far; the result is their sum
        record ReviseRoutes(
                RouteSource source,
                Function<Attributes, @Nullable Attributes> rule,
                IpPrefix from,
                int revised,
                CompletableFuture<Integer> done)
                implements Command {}

        record DeleteRoute(IpPrefix prefix, RouteSource source, CompletableFuture<Boolean> done)
                implements Command {}

        record PutNeighbor(
                int port, IpAddress address, MacAddress mac, CompletableFuture<Boolean> done)
                implements Command {}

        record DeleteNeighbor(int port, IpAddress address, CompletableFuture<Boolean> done)
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
    private static final int PAGE = 1000; // prefixes of a walk between two other commands
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long PORT_POLL = TimeUnit.MILLISECONDS.toNanos(250);

    private final ForwardingState state;
    private final LongSupplier clock; // nanoseconds
    private final Quiescence quiescence;
    private final PortTable ports;
    private final Rib rib;
    private final TimedRib routes;
    private final NeighborTable neighbors;
    private final NeighborResolution resolution;
    private final AddressProbes probes;
    private final RouterAdvertiser advertiser;
    private final Queue<Command> commands = new MpscAtomicArrayQueue<>(QUEUE);
    private final Queue<WorkerEvent> events = new MpscAtomicArrayQueue<>(QUEUE);
    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>(); // of changes under way
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
        this.routes = new TimedRib(rib);
        this.resolution = new NeighborResolution(state, routes);
        this.neighbors = new NeighborTable(timing, resolution, port -> state.ports()[port].mac());
        this.advertiser = new RouterAdvertiser(state, resolution);
        this.probes = new AddressProbes(state, resolution, this::usable);
        this.ports = new PortTable(state, rib, neighbors, clock, this::started);
    }

    /// Tells where to send what workers must do. Before [#run].
    void attach(List<Worker> all) {
        workers = List.copyOf(all);
        ports.attach(workers);
        resolution.attach(workers);
        List<WorkerWatch.Watched> watched = all.stream().map(WorkerWatch.Watched::of).toList();
        watch = new WorkerWatch(watched, clock.getAsLong());
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
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
        guarded(() -> probes.tick(now));
        guarded(() -> advertiser.tick(now));
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
                    neighbors.wanted(wanted.port(), wanted.address(), now);
            case WorkerEvent.NeighborHeard heard ->
                    neighbors.heard(
                            heard.port(),
                            heard.address(),
                            new MacAddress(heard.mac()),
                            heard.evidence(),
                            now);
            case WorkerEvent.AddressConflict conflict -> conflict(conflict);
            case WorkerEvent.RouterSolicited solicited ->
                    advertiser.solicited(solicited.port(), now);
            case WorkerEvent.ListenersQueried queried -> resolution.reportListeners(queried.port());
        }
    }

    private void conflict(WorkerEvent.AddressConflict conflict) {
        MacAddress by = new MacAddress(conflict.mac());
        switch (conflict.address()) {
            case Ip4Address four ->
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "port {0}: {1} claims our address {2}",
                            state.ports()[conflict.port()].name(),
                            by,
                            four);
            case Ip6Address six -> probes.conflict(conflict.port(), six, by);
        }
    }

    /// A port came up or has other addresses.
    private void started(int port) {
        resolution.announce(port);
        if (!probes.begin(port, clock.getAsLong())) {
            advertise(port);
        }
    }

    /// The addresses of a port have passed their probes.
    private void usable(int port) {
        resolution.announce(port);
        advertise(port);
    }

    private void advertise(int port) {
        for (LivePort live : ports.all()) {
            if (live.index() == port) {
                advertiser.begin(port, live.config().routerAdvertisements(), clock.getAsLong());
            }
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
                put.routes().forEach(routes::put);
                put.done().complete(true);
            }
            case Command.ReplaceRoutes replace -> {
                replace.put().forEach(routes::put);
                replace.gone().forEach(prefix -> routes.remove(prefix, replace.source()));
                replace.done().complete(true);
            }
            case Command.ReviseRoutes revise -> revise(revise);
            case Command.DeleteRoute delete ->
                    delete.done().complete(routes.remove(delete.prefix(), delete.source()));
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
            case Command.RemovePort remove -> {
                advertiser.end(remove.port().index());
                ports.remove(
                        remove.port(),
                        () ->
                                then(
                                        () -> {
                                            ports.close(remove.port());
                                            remove.done().complete(true);
                                        }));
            }
            case Command.ChangePort change -> {
                ports.change(change.port(), change.config());
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
                                        add.done().complete(true);
                                    }));
        } catch (RuntimeException e) {
            add.port().close();
            throw e;
        }
    }

    private void revise(Command.ReviseRoutes walk) {
        RouteSource source = walk.source();
        IpPrefix from = walk.from();
        int revised = walk.revised();
        if (rib.count(said -> said.source() == source && !said.equals(walk.rule().apply(said)))
                == 0) {
            walk.done().complete(revised);
            return;
        }
        do {
            List<Entry> page = rib.page(from, PAGE);
            for (Entry entry : page) {
                revised += revise(entry, walk);
            }
            if (page.size() == PAGE) {
                from = page.getLast().prefix(); // looks at it once more, with nothing to do
            } else if (from.width() == 32) {
                from = new Ip6Prefix(0, 0, 0);
            } else {
                walk.done().complete(revised);
                return;
            }
        } while (!commands.offer(
                new Command.ReviseRoutes(source, walk.rule(), from, revised, walk.done())));
    }

    /// Returns how many routes of a prefix changed.
    private int revise(Entry entry, Command.ReviseRoutes walk) {
        int revised = 0;
        for (Attributes said : entry.candidates()) {
            Attributes now = said.source() == walk.source() ? walk.rule().apply(said) : said;
            if (now == null) {
                revised += routes.remove(entry.prefix(), walk.source()) ? 1 : 0;
            } else if (!now.equals(said)) {
                routes.put(new Route(entry.prefix(), now));
                revised++;
            }
        }
        return revised;
    }

    /// Tells hosts that we are going. The control thread only.
    void sayGoodbye() {
        advertiser.endAll();
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
        return routes.changes(width);
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
}
