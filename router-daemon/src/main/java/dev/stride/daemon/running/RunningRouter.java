package dev.stride.daemon.running;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Neighbor;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.forward.AddressState;
import dev.stride.core.forward.PortState;
import dev.stride.core.pfil.HookPoint;
import dev.stride.core.pfil.Pfil;
import dev.stride.daemon.config.NeighborConfig;
import dev.stride.daemon.control.ControlCounters;
import dev.stride.daemon.control.Router;
import dev.stride.daemon.live.Control;
import dev.stride.daemon.live.ControlCommand;
import dev.stride.daemon.live.LivePort;
import dev.stride.daemon.live.LiveTable;
import dev.stride.io.worker.Worker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// [Router] over the real thing: counters are read where the workers write them, tables on the
/// control thread.
final class RunningRouter implements Router {
    private final Path file;
    private final RunningConfig running;
    private final Reloads reloads;
    private final Control control;
    private final ControlClient client;
    private final List<Worker> workers;
    private final PortNames ports;
    private final RunningPorts counted;
    private final RunningRoutes routes;
    private final ControlCounters controlCounters;
    private final @Nullable Snapshots snapshots;
    private final long startNanos = System.nanoTime();

    RunningRouter(
            Path file,
            RunningConfig running,
            Reloads reloads,
            ControlClient client,
            List<Worker> workers,
            FpmSource fpm,
            RunningSource source,
            @Nullable Snapshots snapshots,
            ControlCounters controlCounters) {
        this.file = file;
        this.running = running;
        this.reloads = reloads;
        this.client = client;
        this.control = client.control();
        this.workers = workers;
        this.controlCounters = controlCounters;
        this.snapshots = snapshots;
        this.ports = new PortNames(control.state());
        this.counted = new RunningPorts(control, workers, ports);
        this.routes = new RunningRoutes(client, ports, fpm, source);
    }

    @Override
    public Status status() {
        return new Status(
                Version.TEXT,
                ProcessHandle.current().pid(),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                file.toString(),
                running.current().metricsListen().toString(),
                workers.size(),
                ports.all().length,
                (int) Arrays.stream(ports.all()).filter(PortState::up).count(),
                control.tables().all().stream().mapToInt(LiveTable::fibRoutes).sum());
    }

    @Override
    public List<PortView> ports() {
        return counted.ports();
    }

    @Override
    public List<DropView> drops() {
        return counted.drops();
    }

    @Override
    public AddressesView addresses() {
        int[] counts = new int[AddressState.values().length];
        for (PortState port : ports.all()) {
            port.addresses().forEach(own -> counts[own.state().ordinal()]++);
            port.addresses6().forEach(own -> counts[own.state().ordinal()]++);
        }
        return new AddressesView(
                counts[AddressState.VALID.ordinal()],
                counts[AddressState.TENTATIVE.ordinal()],
                counts[AddressState.DUPLICATE.ordinal()],
                client.read(c -> c.probes().defenses()));
    }

    @Override
    public List<NeighborView> neighbors() {
        return client.read(
                c -> {
                    long now = System.nanoTime();
                    List<NeighborConfig> configured = running.current().neighbors();
                    return c.neighbors().all().stream()
                            .map(n -> neighbor(n, configured, now))
                            .toList();
                });
    }

    private NeighborView neighbor(Neighbor neighbor, List<NeighborConfig> configured, long now) {
        MacAddress mac = neighbor.mac();
        boolean live =
                neighbor.state() == Neighbor.State.PERMANENT
                        && mac != null
                        && !configured.contains(
                                new NeighborConfig(
                                        ports.name(neighbor.port()), neighbor.address(), mac));
        return new NeighborView(
                ports.name(neighbor.port()),
                neighbor.address().toString(),
                mac == null ? null : mac.toString(),
                neighbor.state().name().toLowerCase(Locale.ROOT),
                neighbor.age(now) / 1e9,
                live);
    }

    @Override
    public List<TableView> tables() {
        return control.tables().all().stream().map(this::table).toList();
    }

    private TableView table(LiveTable table) {
        int id = table.config().id();
        return new TableView(
                table.name(),
                id == 0 ? null : Integer.toUnsignedLong(id),
                Arrays.stream(ports.all())
                        .filter(port -> port.table() == table.shown())
                        .map(PortState::name)
                        .toList(),
                table.shown().fib4.routes(),
                table.shown().fib6.routes());
    }

    @Override
    public List<RouteView> routes(String table, IpPrefix from, int limit) {
        return routes.page(table, from, limit);
    }

    @Override
    public Lookup lookup(String table, IpAddress address) {
        return routes.lookup(table, address);
    }

    @Override
    public List<SourceView> sources() {
        return routes.sources();
    }

    @Override
    public @Nullable FpmView fpm() {
        return routes.fpm();
    }

    @Override
    public @Nullable NetlinkView netlink() {
        return routes.netlink();
    }

    @Override
    public AuditView audit() {
        return routes.audit();
    }

    @Override
    public void addRoutes(List<NewRoute> added) {
        routes.add(added);
    }

    @Override
    public void changeRoutes(List<NewRoute> add, String table, List<IpPrefix> del) {
        routes.change(add, table, del);
    }

    @Override
    public int sweepFpm(boolean all) {
        return routes.sweepFpm(all);
    }

    @Override
    public SnapshotCounts snapshotCounts() {
        return snapshots == null ? new SnapshotCounts(0, 0, 0) : snapshots.counts();
    }

    @Override
    public ControlCounts controlCounts() {
        return controlCounters.counts();
    }

    @Override
    public void deleteRoute(String table, IpPrefix prefix) {
        routes.delete(table, prefix);
    }

    @Override
    public List<FibView> fib() {
        List<FibView> views = new ArrayList<>();
        for (LiveTable table : control.tables().all()) {
            Fib4 four = table.shown().fib4;
            Fib6 six = table.shown().fib6;
            views.add(
                    new FibView(
                            table.name(),
                            "ipv4",
                            four.routes(),
                            four.buckets(),
                            four.bytes(),
                            four.updates(),
                            table.changes4().count(),
                            table.changes4().seconds(),
                            four.waitingBuckets(),
                            four.lag().reader(),
                            four.lag().epochs()));
            views.add(
                    new FibView(
                            table.name(),
                            "ipv6",
                            six.routes(),
                            six.buckets(),
                            six.bytes(),
                            six.updates(),
                            table.changes6().count(),
                            table.changes6().seconds(),
                            six.waitingBuckets(),
                            six.lag().reader(),
                            six.lag().epochs()));
        }
        return views;
    }

    @Override
    public List<WorkerView> workers() {
        return workers.stream()
                .map(
                        worker ->
                                new WorkerView(
                                        worker.index(),
                                        Arrays.stream(worker.receivers())
                                                .filter(this::isPort)
                                                .mapToObj(ports::name)
                                                .toList(),
                                        worker.stats().bursts(),
                                        worker.stats().packets(),
                                        worker.stats().busyNanos() / 1e9,
                                        control.watch().busyRatio(worker.index())))
                .toList();
    }

    /// Workers receive from companions, too.
    private boolean isPort(int index) {
        PortState[] states = control.state().ports();
        return index < states.length && states[index].isPresent();
    }

    @Override
    public List<HookView> hooks() {
        return client.read(
                c -> {
                    Pfil pfil = c.state().pfil;
                    return pfil.points().stream().map(point -> hooks(pfil, point)).toList();
                });
    }

    private static HookView hooks(Pfil pfil, HookPoint point) {
        return new HookView(point.name(), pfil.linked(point));
    }

    @Override
    public void addNeighbor(String port, IpAddress address, MacAddress mac) {
        int index = ports.index(port);
        client.<Boolean>ask(done -> new ControlCommand.PutNeighbor(index, address, mac, done));
    }

    @Override
    public void deleteNeighbor(String port, IpAddress address) {
        int index = ports.index(port);
        boolean was = client.ask(done -> new ControlCommand.DeleteNeighbor(index, address, done));
        if (!was) {
            throw new RefusedException("there is no neighbor " + address + " on " + port);
        }
    }

    @Override
    public void flushNeighbors(@Nullable String port) {
        int index = port == null ? -1 : ports.index(port);
        client.<Boolean>ask(done -> new ControlCommand.FlushNeighbors(index, done));
    }

    @Override
    public void enablePort(String name, boolean enabled) {
        LivePort live = control.ports().named(name);
        if (live == null) {
            int _ = ports.index(name); // says which there are
        } else {
            client.<Boolean>ask(done -> new ControlCommand.EnablePort(live, enabled, done));
        }
    }

    @Override
    public ReloadCounts reloadCounts() {
        return reloads.counts();
    }

    @Override
    public List<String> diff(@Nullable Path with) {
        return reloads.diff(with == null ? file : with);
    }

    @Override
    public List<String> diff(int generation) {
        return reloads.diff(generation);
    }

    @Override
    public List<String> reload(@Nullable Path from, int confirmSeconds, boolean keepLive) {
        return reloads.reload(from == null ? file : from, confirmSeconds, keepLive);
    }

    @Override
    public List<String> save() {
        return reloads.save(file);
    }

    @Override
    public List<GenerationView> history() {
        return reloads.history();
    }

    @Override
    public void confirm() {
        reloads.confirm();
    }

    @Override
    public List<String> rollback(int generation) {
        return reloads.rollback(generation);
    }

    @Override
    public boolean isLive() {
        try {
            return control.watch().isAlive() && client.read(c -> true);
        } catch (RefusedException e) {
            return false;
        }
    }

    @Override
    public boolean isReady() {
        return isLive() && Arrays.stream(ports.all()).anyMatch(PortState::up);
    }
}
