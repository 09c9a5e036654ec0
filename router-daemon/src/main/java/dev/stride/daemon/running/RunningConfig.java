package dev.stride.daemon.running;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.ConfigChange;
import dev.stride.daemon.config.ConfigChange.PortAdded;
import dev.stride.daemon.config.ConfigChange.PortChanged;
import dev.stride.daemon.config.ConfigChange.PortRemoved;
import dev.stride.daemon.config.ConfigChange.TableAdded;
import dev.stride.daemon.config.ConfigChange.TableChanged;
import dev.stride.daemon.config.ConfigChange.TableRemoved;
import dev.stride.daemon.config.ConfigDiff;
import dev.stride.daemon.config.LiveChanges;
import dev.stride.daemon.config.NeighborConfig;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.RouteConfig;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.config.TableConfig;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.kernel.KernelSource;
import dev.stride.daemon.live.ControlCommand;
import dev.stride.daemon.live.LivePort;
import dev.stride.daemon.live.LiveTable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The configuration that runs, and how another one takes its place: what differs is changed and
/// nothing else. What can fail, opening devices and sockets, comes first; when it fails nothing has
/// changed. Only a device that the running configuration holds itself must be let go of before it
/// is opened anew: when that fails, the port comes back as it was.
///
/// Any thread but the control thread and workers; one change at a time.
final class RunningConfig {
    private static final System.Logger LOG = System.getLogger("config");

    private final ControlClient client;
    private final int workers;
    private final FpmSource fpm;
    private final RunningSource source;
    private final RunningCompanions companions;
    private final LiveState live;
    private volatile RouterConfig current; // written under this object's monitor
    private volatile Runnable newIds = () -> {};

    /// @param initial its tables, ports and sources are there already, routes and neighbors are not
    RunningConfig(
            ControlClient client,
            RouterConfig initial,
            int workers,
            FpmSource fpm,
            RunningSource source) {
        this.client = client;
        this.workers = workers;
        this.fpm = fpm;
        this.source = source;
        this.companions = new RunningCompanions(client, workers);
        this.live = new LiveState(client);
        current = initial;
        say(initial, LiveChanges.NONE);
    }

    /// Runs `told` after changes by which routing tables have ids that they did not have.
    void onNewIds(Runnable told) {
        newIds = told;
    }

    /// Opens the companions of ports: where there are real ones.
    ///
    /// @throws PortException when one cannot be
    synchronized void startCompanions() {
        companions.start(current);
    }

    /// What runs. Any thread.
    RouterConfig current() {
        return current;
    }

    /// What was changed by command since.
    LiveChanges live() {
        return live.beside(current);
    }

    /// What it takes to make another configuration, with some live changes, the running one.
    List<String> difference(RouterConfig next, LiveChanges wanted) {
        RouterConfig after = current.runningAfter(next);
        return lines(ConfigDiff.between(current, next), live().beyond(after), wanted.beyond(after));
    }

    private static List<String> lines(
            List<ConfigChange> changes, LiveChanges present, LiveChanges wanted) {
        List<String> lines = new ArrayList<>();
        changes.forEach(change -> lines.add(change.toString()));
        lines.addAll(present.linesTo(wanted));
        return lines;
    }

    /// Makes another configuration the running one.
    ///
    /// @param wanted the live changes that are to be there afterwards, as far as they can
    /// @return what has changed
    /// @throws RefusedException when it cannot be; then nothing has changed
    synchronized List<String> apply(RouterConfig next, LiveChanges wanted) {
        RouterConfig before = current;
        RouterConfig after = before.runningAfter(next);
        LiveChanges present = live.beside(before);
        LiveChanges kept = wanted.beyond(after);
        List<ConfigChange> changes = ConfigDiff.between(before, next);
        if (changes.isEmpty() && present.equals(kept)) {
            return List.of();
        }
        Set<String> anew = replacePorts(before, after, changes, present, kept);
        for (ConfigChange change : changes) {
            if (change instanceof PortChanged it && !it.reopened()) {
                LivePort port = port(it.after().name());
                client.<Boolean>ask(done -> new ControlCommand.ChangePort(port, it.after(), done));
            }
        }
        tune(before, after);
        replaceNeighbors(neighbors(before, present), neighbors(after, kept), anew);
        replaceRoutes(RouteSource.STATIC, before.routes(), after.routes(), anew);
        replaceRoutes(RouteSource.CLI, present.routes(), kept.routes(), anew);
        switchPorts(after, kept);
        removeTables(changes);
        current = after;
        List<String> lines = lines(changes, present.beyond(after), kept);
        lines.forEach(line -> LOG.log(System.Logger.Level.INFO, "{0}", line));
        return lines;
    }

    /// With the source, whose socket may be refused as devices may.
    ///
    /// @return names of ports that are there anew: what leads to them has to be said again
    private Set<String> replacePorts(
            RouterConfig before,
            RouterConfig after,
            List<ConfigChange> changes,
            LiveChanges present,
            LiveChanges kept) {
        List<PortConfig> leaving = new ArrayList<>();
        List<PortConfig> coming = new ArrayList<>();
        for (ConfigChange change : changes) {
            switch (change) {
                case PortRemoved it -> leaving.add(it.port());
                case PortAdded it -> coming.add(it.port());
                case PortChanged it when it.reopened() -> {
                    leaving.add(it.before());
                    coming.add(it.after());
                }
                default -> {}
            }
        }
        PortReplacement.withVlans(before, after, leaving, coming);
        FpmSource.Change zebra = fpm.prepare(after.fpm());
        boolean kernelStays = Objects.equals(before.netlink(), after.netlink());
        KernelSource kernel = null;
        addTables(changes);
        try {
            kernel = kernelStays ? null : openSource(after);
            PortReplacement ports =
                    new PortReplacement(client, workers, name -> !isOn(name, after, kept));
            withCompanions(
                    before,
                    after,
                    leaving,
                    () -> ports.replace(leaving, coming, () -> say(before, present)));
        } catch (RefusedException e) {
            if (kernel != null) {
                kernel.close();
            }
            zebra.undo().run();
            takeBackTables(changes);
            throw e;
        }
        zebra.make().run();
        if (!kernelStays) {
            source.follow(kernel);
        }
        return coming.stream().map(PortConfig::name).collect(Collectors.toSet());
    }

    /// Companions go before their ports, and come behind them.
    private void withCompanions(
            RouterConfig before, RouterConfig after, List<PortConfig> leaving, Runnable ports) {
        RunningCompanions.Change change = companions.prepare(before, after, leaving);
        companions.remove(change);
        try {
            ports.run();
        } catch (RefusedException e) {
            companions.undo(change, before);
            throw e;
        }
        companions.add(change, after);
    }

    private @Nullable KernelSource openSource(RouterConfig next) {
        try {
            return source.open(next.netlink());
        } catch (UncheckedIOException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    private void addTables(List<ConfigChange> changes) {
        for (ConfigChange change : changes) {
            if (change instanceof TableAdded it) {
                client.<Boolean>ask(done -> new ControlCommand.AddTable(it.table(), done));
            }
        }
    }

    /// What [#addTables] did, where no port could come.
    private void takeBackTables(List<ConfigChange> changes) {
        for (ConfigChange change : changes) {
            if (change instanceof TableAdded it) {
                remove(it.table());
            }
        }
    }

    /// What no port and no route of the configuration is in any more. The rest that is there hears
    /// its new id.
    private void removeTables(List<ConfigChange> changes) {
        boolean news = false;
        for (ConfigChange change : changes) {
            if (change instanceof TableRemoved it) {
                remove(it.table());
            } else if (change instanceof TableChanged it) {
                client.<Boolean>ask(done -> new ControlCommand.ChangeTable(it.after(), done));
                news = true;
            } else if (change instanceof TableAdded) {
                news = true;
            }
        }
        if (news) {
            newIds.run();
        }
    }

    private void remove(TableConfig table) {
        LiveTable live = client.control().tables().named(table.name());
        client.<Boolean>ask(done -> new ControlCommand.RemoveTable(live, done));
    }

    private static boolean isOn(String port, RouterConfig config, LiveChanges changes) {
        return changes.switched().getOrDefault(port, !config.portsOff().contains(port));
    }

    /// Says all that a configuration and changes by command say of routes and neighbors.
    private void say(RouterConfig config, LiveChanges changes) {
        replaceNeighbors(Map.of(), neighbors(config, changes), Set.of());
        replaceRoutes(RouteSource.STATIC, List.of(), config.routes(), Set.of());
        replaceRoutes(RouteSource.CLI, List.of(), changes.routes(), Set.of());
    }

    private void tune(RouterConfig before, RouterConfig after) {
        if (!before.icmp().equals(after.icmp())
                || !before.resolution().equals(after.resolution())
                || !before.idle().equals(after.idle())) {
            client.<Boolean>ask(
                    done ->
                            new ControlCommand.Tune(
                                    Daemon.limits(after, workers),
                                    after.idle(),
                                    Daemon.timing(after),
                                    done));
        }
    }

    private record Station(String port, IpAddress address) {}

    private static Map<Station, NeighborConfig> neighbors(
            RouterConfig config, LiveChanges changes) {
        Map<Station, NeighborConfig> all = new LinkedHashMap<>();
        for (NeighborConfig each : config.neighbors()) {
            if (!changes.neighborsGone().contains(each)) {
                all.put(new Station(each.port(), each.address()), each);
            }
        }
        for (NeighborConfig each : changes.neighbors()) {
            all.put(new Station(each.port(), each.address()), each);
        }
        return all;
    }

    private void replaceNeighbors(
            Map<Station, NeighborConfig> before,
            Map<Station, NeighborConfig> after,
            Set<String> anew) {
        for (Station gone : before.keySet()) {
            LivePort port = client.control().ports().named(gone.port());
            if (port != null && !after.containsKey(gone)) {
                client.<Boolean>ask(
                        done ->
                                new ControlCommand.DeleteNeighbor(
                                        port.index(), gone.address(), done));
            }
        }
        after.forEach(
                (station, neighbor) -> {
                    if (!neighbor.equals(before.get(station)) || anew.contains(station.port())) {
                        int index = port(station.port()).index();
                        client.<Boolean>ask(
                                done ->
                                        new ControlCommand.PutNeighbor(
                                                index, station.address(), neighbor.mac(), done));
                    }
                });
    }

    /// In one step for the data path's writer: first what comes, then what goes for good.
    private void replaceRoutes(
            RouteSource source,
            List<RouteConfig> before,
            List<RouteConfig> after,
            Set<String> anew) {
        Set<RouteConfig> there = new HashSet<>(before);
        List<Route> put = new ArrayList<>();
        Set<Destination> kept = new HashSet<>();
        for (RouteConfig each : after) {
            kept.add(destination(each));
            boolean again =
                    each.via().stream()
                            .map(RouteConfig.Via::port)
                            .anyMatch(port -> port != null && anew.contains(port));
            if (again || !there.contains(each)) {
                put.add(route(source, each));
            }
        }
        List<Destination> gone =
                before.stream().map(this::destination).filter(to -> !kept.contains(to)).toList();
        if (!put.isEmpty() || !gone.isEmpty()) {
            client.<Boolean>ask(done -> new ControlCommand.ReplaceRoutes(source, gone, put, done));
        }
    }

    private void switchPorts(RouterConfig after, LiveChanges kept) {
        for (LivePort each : client.control().ports().all()) {
            boolean on = isOn(each.config().name(), after, kept);
            if (each.enabled() != on) {
                client.<Boolean>ask(done -> new ControlCommand.EnablePort(each, on, done));
            }
        }
    }

    private LivePort port(String name) {
        return Objects.requireNonNull(client.control().ports().named(name), name);
    }

    private Destination destination(RouteConfig config) {
        return new Destination(table(config.table()), config.to());
    }

    private int table(@Nullable String name) {
        return name == null ? -1 : client.control().tables().named(name).index();
    }

    private Route route(RouteSource source, RouteConfig config) {
        int finds = table(config.viaTable());
        List<Route.Gateway> gateways =
                config.via().stream()
                        .map(
                                via ->
                                        new Route.Gateway(
                                                via.address(),
                                                index(via.port()),
                                                via.weight(),
                                                finds))
                        .toList();
        Route.Kind kind =
                switch (config.kind()) {
                    case UNICAST -> Route.Kind.UNICAST;
                    case TABLE -> Route.Kind.TABLE;
                    case BLACKHOLE -> Route.Kind.BLACKHOLE;
                    case UNREACHABLE -> Route.Kind.UNREACHABLE;
                    case PROHIBIT -> Route.Kind.PROHIBIT;
                };
        return new Route(
                destination(config),
                new Attributes(
                        source,
                        kind,
                        gateways,
                        -1,
                        config.distance(),
                        config.metric(),
                        0,
                        kind == Route.Kind.TABLE ? finds : -1));
    }

    private int index(@Nullable String port) {
        return port == null ? -1 : port(port).index();
    }
}
