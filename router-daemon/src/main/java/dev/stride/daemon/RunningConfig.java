package dev.stride.daemon;

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
import dev.stride.daemon.config.NeighborConfig;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.RouteConfig;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.config.TableConfig;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.kernel.KernelSource;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The configuration that runs, and how another one takes its place: what differs is changed and
/// nothing else. What can fail, opening devices, comes first; when it fails nothing has changed.
/// Only a device that the running configuration holds itself must be let go of before it is opened
/// anew: when that fails, the port comes back as it was.
///
/// Any thread but the control thread and workers; one change at a time.
final class RunningConfig {
    private static final System.Logger LOG = System.getLogger("config");
    private static final int HISTORY = 10;

    private final ControlClient client;
    private final int workers;
    private final RunningSource source;
    private final Deque<RouterConfig> earlier = new ArrayDeque<>(); // the latest first
    private volatile RouterConfig current; // written under this object's monitor
    private volatile Runnable newIds = () -> {};

    /// @param initial its tables and ports are there already and its source will be, routes and
    ///   neighbors are not
    RunningConfig(ControlClient client, RouterConfig initial, int workers, RunningSource source) {
        this.client = client;
        this.workers = workers;
        this.source = source;
        current = initial;
        replaceNeighbors(List.of(), initial.neighbors());
        replaceRoutes(List.of(), initial.routes());
    }

    /// Runs `told` after changes by which routing tables have ids that they did not have.
    void onNewIds(Runnable told) {
        newIds = told;
    }

    /// What runs. Any thread.
    RouterConfig current() {
        return current;
    }

    /// Makes another configuration the running one.
    ///
    /// @return what has changed
    /// @throws RefusedException when it cannot be; then nothing has changed
    synchronized List<ConfigChange> apply(RouterConfig next) {
        RouterConfig before = current;
        List<ConfigChange> changes = change(before, next);
        if (!changes.isEmpty()) {
            earlier.push(before);
            while (earlier.size() > HISTORY) {
                earlier.removeLast();
            }
        }
        return changes;
    }

    /// Goes back to the configuration before the last change, and next time to the one before that.
    ///
    /// @throws RefusedException when there is none
    synchronized List<ConfigChange> rollback() {
        RouterConfig last = earlier.peek();
        if (last == null) {
            throw new RefusedException("there is no earlier configuration to go back to");
        }
        List<ConfigChange> changes = change(current, last);
        earlier.pop();
        return changes;
    }

    private List<ConfigChange> change(RouterConfig before, RouterConfig next) {
        List<ConfigChange> changes = ConfigDiff.between(before, next);
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
        withVlans(before, next, leaving, coming);
        boolean sourceStays = Objects.equals(before.netlink(), next.netlink());
        KernelSource opened = sourceStays ? null : openSource(next);
        addTables(changes);
        try {
            replacePorts(
                    RouterConfig.parentsFirst(leaving).reversed(),
                    RouterConfig.parentsFirst(coming));
        } catch (RefusedException e) {
            if (opened != null) {
                opened.close();
            }
            takeBackTables(changes);
            throw e;
        }
        for (ConfigChange change : changes) {
            if (change instanceof PortChanged it && !it.reopened()) {
                LivePort live = live(it.after().name());
                client.<Boolean>ask(done -> new ControlCommand.ChangePort(live, it.after(), done));
            }
            LOG.log(System.Logger.Level.INFO, "{0}", change);
        }
        replaceNeighbors(before.neighbors(), next.neighbors());
        replaceRoutes(before.routes(), next.routes());
        if (!sourceStays) {
            source.follow(opened);
        }
        removeTables(changes);
        current =
                before.with(
                        next.tables(),
                        next.ports(),
                        next.routes(),
                        next.neighbors(),
                        next.netlink());
        return changes;
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

    /// VLANs go with the port that they are within, and come again behind it.
    private static void withVlans(
            RouterConfig before,
            RouterConfig next,
            List<PortConfig> leaving,
            List<PortConfig> coming) {
        for (int i = 0; i < leaving.size(); i++) { // grows meanwhile
            String parent = leaving.get(i).name();
            for (PortConfig port : before.ports()) {
                if (parent.equals(port.within()) && !leaving.contains(port)) {
                    leaving.add(port);
                    next.port(port.name()).ifPresent(coming::add);
                }
            }
        }
    }

    private LivePort live(String name) {
        return Objects.requireNonNull(client.control().ports().named(name), name);
    }

    private void replacePorts(List<PortConfig> leaving, List<PortConfig> coming) {
        Set<String> held = leaving.stream().map(PortConfig::device).collect(Collectors.toSet());
        Map<PortConfig, Port> opened = new LinkedHashMap<>();
        try {
            for (PortConfig config : coming) {
                if (!held.contains(config.device())) {
                    opened.put(config, Ports.open(config, workers));
                }
            }
        } catch (PortException e) {
            opened.values().forEach(Port::close);
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
        List<PortConfig> taken = new ArrayList<>();
        try {
            leaving.forEach(config -> remove(config.name()));
            for (PortConfig config : coming) {
                Port port = opened.remove(config);
                add(config, port == null ? Ports.open(config, workers) : port);
                taken.add(config);
            }
        } catch (PortException | RefusedException e) {
            opened.values().forEach(Port::close);
            taken.forEach(config -> remove(config.name()));
            bringBack(leaving);
            throw new RefusedException(e.getMessage() + "; the ports are as they were");
        }
    }

    /// Opens ports again that had to go for others which could not come.
    private void bringBack(List<PortConfig> gone) {
        for (PortConfig config : gone) {
            if (client.control().ports().named(config.name()) != null) {
                continue; // it had not gone yet
            }
            try {
                add(config, Ports.open(config, workers));
            } catch (PortException | RefusedException e) {
                throw new RefusedException(
                        "port "
                                + config.name()
                                + " is lost: "
                                + e.getMessage()
                                + "; restart the daemon");
            }
        }
        replaceNeighbors(List.of(), current.neighbors());
        replaceRoutes(List.of(), current.routes());
    }

    private void remove(String port) {
        LivePort live = live(port);
        client.<Boolean>ask(done -> new ControlCommand.RemovePort(live, done));
    }

    private void add(PortConfig config, Port port) {
        client.<Boolean>ask(done -> new ControlCommand.AddPort(config, port, done));
    }

    private void replaceNeighbors(List<NeighborConfig> before, List<NeighborConfig> after) {
        for (NeighborConfig gone : before) {
            LivePort live = client.control().ports().named(gone.port());
            if (live != null && !after.contains(gone)) {
                int index = live.index();
                client.<Boolean>ask(
                        done -> new ControlCommand.DeleteNeighbor(index, gone.address(), done));
            }
        }
        for (NeighborConfig neighbor : after) {
            int index = live(neighbor.port()).index(); // again: its port may be a new one
            client.<Boolean>ask(
                    done ->
                            new ControlCommand.PutNeighbor(
                                    index, neighbor.address(), neighbor.mac(), done));
        }
    }

    /// In one step for the data path's writer: first what comes, then what goes for good.
    private void replaceRoutes(List<RouteConfig> before, List<RouteConfig> after) {
        List<Route> put = after.stream().map(this::route).toList();
        Set<Destination> kept = put.stream().map(Route::to).collect(Collectors.toSet());
        List<Destination> gone =
                before.stream().map(this::destination).filter(to -> !kept.contains(to)).toList();
        client.<Boolean>ask(
                done -> new ControlCommand.ReplaceRoutes(RouteSource.STATIC, gone, put, done));
    }

    private Destination destination(RouteConfig config) {
        return new Destination(table(config.table()), config.to());
    }

    private int table(@Nullable String name) {
        return name == null ? -1 : client.control().tables().named(name).index();
    }

    private Route route(RouteConfig config) {
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
                        RouteSource.STATIC,
                        kind,
                        gateways,
                        -1,
                        config.distance(),
                        config.metric(),
                        0,
                        kind == Route.Kind.TABLE ? finds : -1));
    }

    private int index(@Nullable String port) {
        return port == null ? -1 : live(port).index();
    }
}
