package dev.stride.daemon.live;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.WorkerEvent;
import dev.stride.core.rib.Rib;
import dev.stride.daemon.systemd.SdNotify;
import dev.stride.io.linux.Threads;
import dev.stride.io.worker.Worker;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// The control thread: the only writer of RIB, FIB, next hops, neighbors, ports and hook chains.
///
/// Other threads hand over [ControlCommand]s and [WorkerEvent]s through bounded queues and never
/// touch a table. Nothing that happens here stops a worker: changes are published by single stores,
/// and what workers must do themselves is put into their inboxes.
public final class Control implements Runnable, WorkerEvent.Sink {
    private static final System.Logger LOG = System.getLogger("control");
    private static final int QUEUE = 8192;
    private static final int QUESTIONS = 1024;

    private final ForwardingState state;
    private final LongSupplier clock; // nanoseconds
    private final Quiescence quiescence;
    private final PortTable ports;
    private final Companions companions;
    private final Rib rib;
    private final LiveTables tables;
    private final TimedRib routes;
    private final RouteAudit audit;
    private final NeighborTable neighbors;
    private final NeighborResolution resolution;
    private final AddressProbes probes;
    private final RouterAdvertiser advertiser;
    private final CommandHandler handler;
    private final Queue<ControlCommand> commands = new MpscAtomicArrayQueue<>(QUEUE);
    private final Queue<WorkerEvent> events = new MpscAtomicArrayQueue<>(QUEUE);
    // Apart from the others, so that a scan crowds out questions only, not answers.
    private final Queue<WorkerEvent> questions = new MpscAtomicArrayQueue<>(QUESTIONS);
    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>(); // of changes under way
    private List<Worker> workers = List.of();
    private WorkerWatch watch = new WorkerWatch(List.of(), 0);

    private volatile boolean stopping;
    private volatile @Nullable Thread thread;
    private volatile boolean parked;
    private volatile boolean linksChanged; // any: w, control: rw
    private final ControlPace pace;
    private int recycling; // next-hop numbers whose grace period runs
    private long recycleMark;

    /// @param probeTime nanoseconds that a new IPv4 address of ours is asked for before it is used
    /// @param clock in nanoseconds
    public Control(
            ForwardingState state,
            Quiescence quiescence,
            NeighborTable.Timing timing,
            long probeTime,
            LongSupplier clock) {
        this.clock = clock;
        this.pace = new ControlPace(clock.getAsLong());
        this.state = state;
        this.quiescence = quiescence;
        this.rib = new Rib(state.nextHops, new RouteNeighbors());
        this.tables = new LiveTables(state, rib);
        this.routes = new TimedRib(rib, tables);
        this.resolution = new NeighborResolution(state, routes);
        this.neighbors = new NeighborTable(timing, resolution, port -> state.ports()[port].mac());
        this.advertiser = new RouterAdvertiser(state, resolution);
        this.probes = new AddressProbes(state, resolution, probeTime, new PassedAddresses());
        this.ports = new PortTable(state, rib, tables, neighbors, clock, this::started);
        this.audit = new RouteAudit(tables, ports, clock.getAsLong());
        this.companions = new Companions(state, ports, this::then);
        this.handler = new CommandHandler(this, routes, advertiser);
    }

    /// Tells where to send what workers must do. Before [#run].
    public void attach(List<Worker> all) {
        workers = List.copyOf(all);
        ports.attach(workers);
        companions.attach(workers);
        resolution.attach(workers);
        List<WorkerWatch.Watched> watched = all.stream().map(WorkerWatch.Watched::of).toList();
        watch = new WorkerWatch(watched, clock.getAsLong());
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        Threads.runInShortSlices(); // what holds it up holds up the JVM's safepoints
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
        if (linksChanged) {
            linksChanged = false;
            worked = true;
            guarded(ports::poll);
        }
        if (worked || probes.isBusy()) {
            pace.worked(now);
        }
        if (pace.isDue(now)) {
            pace.looks(now);
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
        for (int i = 0; i < QUEUE; i++) { // in turn, so that none starves the others
            WorkerEvent event = events.poll();
            WorkerEvent question = questions.poll();
            ControlCommand command = commands.poll();
            if (event == null && question == null && command == null) {
                break;
            }
            worked = true;
            if (event != null) {
                guarded(() -> handle(event));
            }
            if (question != null) {
                guarded(() -> handle(question));
            }
            if (command != null) {
                guarded(() -> answered(command));
            }
            if (linksChanged || pace.isDue(clock.getAsLong())) {
                break; // a full table of routes must not hide that a port went down
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
        guarded(ports::poll); // a notice of the kernel may be lost
        guarded(() -> pace.lookWithin(now, neighbors.tick(now)));
        guarded(() -> probes.tick(now));
        guarded(() -> advertiser.tick(now));
        guarded(() -> audit.tick(now));
        guarded(companions::tick);
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
                + tables.all().stream().mapToInt(LiveTable::fibRoutes).sum()
                + " routes";
    }

    private void park() {
        parked = true;
        boolean idle = commands.isEmpty() && events.isEmpty() && questions.isEmpty();
        if (idle && steps.isEmpty() && !linksChanged && !stopping) {
            LockSupport.parkNanos(this, pace.pause(clock.getAsLong()));
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
        boolean question = event instanceof WorkerEvent.NeighborWanted;
        boolean taken = (question ? questions : events).offer(event);
        wake();
        return taken;
    }

    /// Hands over a command. Any thread.
    ///
    /// @return false when too many wait
    public boolean submit(ControlCommand command) {
        boolean taken = commands.offer(command);
        wake();
        return taken;
    }

    /// Says that a device has changed in some way. Any thread.
    public void linksChanged() {
        linksChanged = true;
        wake();
    }

    /// Goes on with a change when a worker has done its part. Any thread.
    void then(Runnable step) {
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
            case WorkerEvent.AddressConflict conflict ->
                    probes.conflict(
                            conflict.port(),
                            conflict.address(),
                            new MacAddress(conflict.mac()),
                            now);
            case WorkerEvent.RouterSolicited solicited ->
                    advertiser.solicited(solicited.port(), now);
            case WorkerEvent.ListenersQueried queried -> resolution.reportListeners(queried.port());
        }
    }

    /// A port came up or has other addresses.
    private void started(int port) {
        probes.begin(port, clock.getAsLong());
    }

    /// Addresses that have passed their probes.
    private final class PassedAddresses implements AddressProbes.Usable {
        @Override
        public void usable4(int port) {
            resolution.announce4(port);
            neighbors.askAgain(port, clock.getAsLong());
        }

        @Override
        public void usable6(int port) {
            resolution.announce6(port);
            neighbors.askAgain(port, clock.getAsLong());
            advertise(port);
        }
    }

    private void advertise(int port) {
        for (LivePort live : ports.all()) {
            if (live.index() == port) {
                advertiser.begin(port, live.config().routerAdvertisements(), clock.getAsLong());
            }
        }
    }

    /// Whoever waits for a command that failed must learn of it.
    private void answered(ControlCommand command) {
        try {
            handler.handle(command, clock.getAsLong());
        } catch (RuntimeException e) {
            command.done().completeExceptionally(e);
            throw e;
        }
    }

    /// Tells hosts that we are going. The control thread only.
    public void sayGoodbye() {
        advertiser.endAll();
    }

    List<Worker> workers() {
        return workers;
    }

    /// The ports. Changing them is the control thread's.
    public PortTable ports() {
        return ports;
    }

    /// The companions of ports. Changing them is the control thread's.
    public Companions companions() {
        return companions;
    }

    /// The RIB. The control thread only.
    public Rib rib() {
        return rib;
    }

    /// The neighbors. The control thread only.
    public NeighborTable neighbors() {
        return neighbors;
    }

    /// The routing tables. Changing them is the control thread's.
    public LiveTables tables() {
        return tables;
    }

    /// The states of our own addresses. The control thread only, but where it says otherwise.
    public AddressProbes probes() {
        return probes;
    }

    /// What the workers look like. Any thread, once they are attached.
    public WorkerWatch watch() {
        return watch;
    }

    public ForwardingState state() {
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
