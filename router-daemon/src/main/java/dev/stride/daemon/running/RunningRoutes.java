package dev.stride.daemon.running;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.forward.RoutingTable;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.FibAudit;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.control.Router.AuditView;
import dev.stride.daemon.control.Router.FpmView;
import dev.stride.daemon.control.Router.GatewayView;
import dev.stride.daemon.control.Router.Lookup;
import dev.stride.daemon.control.Router.NetlinkView;
import dev.stride.daemon.control.Router.NewRoute;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.control.Router.RouteView;
import dev.stride.daemon.control.Router.SourceView;
import dev.stride.daemon.fpm.FpmCounters;
import dev.stride.daemon.fpm.FpmServer;
import dev.stride.daemon.fpm.RouteTag;
import dev.stride.daemon.kernel.KernelCounters;
import dev.stride.daemon.kernel.KernelSource;
import dev.stride.daemon.live.Control;
import dev.stride.daemon.live.ControlCommand;
import dev.stride.daemon.live.LiveTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// The part of [RunningRouter] that is about routes: tables are read on the control thread, changes
/// are handed to it.
final class RunningRoutes {
    private static final long SWEEP_SECONDS = 60;

    private final ControlClient client;
    private final Control control;
    private final PortNames ports;
    private final FpmSource fpmSource;
    private final RunningSource source;

    RunningRoutes(
            ControlClient client, PortNames ports, FpmSource fpmSource, RunningSource source) {
        this.client = client;
        this.control = client.control();
        this.ports = ports;
        this.fpmSource = fpmSource;
        this.source = source;
    }

    List<RouteView> page(String name, IpPrefix from, int limit) {
        LiveTable table = control.tables().named(name);
        return client.read(
                c ->
                        table.routes().page(from, limit).stream()
                                .flatMap(e -> views(table, e).stream())
                                .toList());
    }

    private List<RouteView> views(LiveTable table, Entry entry) {
        return entry.candidates().stream()
                .map(
                        said ->
                                new RouteView(
                                        table.name(),
                                        entry.prefix().toString(),
                                        said.source().label(),
                                        said.kind().label(),
                                        said.gateways().stream().map(this::view).toList(),
                                        viaTable(said),
                                        said.port() < 0 ? null : ports.name(said.port()),
                                        said.distance(),
                                        said.metric(),
                                        said.equals(entry.best()),
                                        table.routes().isUsable(said)))
                .toList();
    }

    /// All next hops of a route are found by the same table.
    private @Nullable String viaTable(Attributes said) {
        int index = said.gateways().isEmpty() ? said.table() : said.gateways().getFirst().table();
        return index < 0 ? null : control.tables().name(index);
    }

    private GatewayView view(Route.Gateway gateway) {
        return new GatewayView(
                gateway.address().toString(),
                gateway.port() < 0 ? null : ports.name(gateway.port()),
                gateway.weight());
    }

    Lookup lookup(String name, IpAddress address) {
        LiveTable table = control.tables().named(name);
        return client.read(
                c -> {
                    Entry entry = table.routes().lookup(address);
                    return new Lookup(
                            name,
                            address.toString(),
                            entry == null ? null : entry.prefix().toString(),
                            entry == null ? List.of() : views(table, entry),
                            fibAnswer(table.shown(), address));
                });
    }

    private static int fibAnswer(RoutingTable table, IpAddress address) {
        return switch (address) {
            case Ip4Address four -> table.fib4.lookup(four.bits());
            case Ip6Address six -> table.fib6.lookup(six.high(), six.low());
        };
    }

    List<SourceView> sources() {
        return client.read(
                c -> {
                    List<SourceView> views = new ArrayList<>();
                    for (LiveTable table : c.tables().all()) {
                        for (RouteSource source : RouteSource.values()) {
                            int four = table.routes().count(source, 32);
                            int six = table.routes().count(source, 128);
                            String label = source.label();
                            views.add(new SourceView(table.name(), "ipv4", label, four));
                            views.add(new SourceView(table.name(), "ipv6", label, six));
                        }
                    }
                    return views;
                });
    }

    /// Withdraws stale routes of FPM now; returns how many they were.
    int sweepFpm(boolean all) {
        FpmServer fpm = fpmSource.server();
        if (fpm == null) {
            throw new RefusedException(
                    "there is no FPM server; see sources.fpm of the configuration");
        }
        try {
            return fpm.sweepNow(all).get(SWEEP_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new RefusedException(String.valueOf(cause == null ? e : cause.getMessage()));
        } catch (TimeoutException e) {
            throw new RefusedException(
                    "it takes long; `stride show sources` tells when it is done");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted");
        }
    }

    @Nullable FpmView fpm() {
        FpmServer fpm = fpmSource.server();
        if (fpm == null) {
            return null;
        }
        FpmCounters seen = fpm.counters();
        int current = seen.peer() == null ? -1 : seen.generation(); // none is current
        int stale =
                client.read(
                        c ->
                                c.rib()
                                        .count(
                                                said ->
                                                        said.source() == RouteSource.FPM
                                                                && RouteTag.generation(said)
                                                                        != current));
        return new FpmView(
                fpm.address(),
                seen.peer(),
                seen.generation(),
                seen.routes(),
                seen.nextHops(),
                seen.knownNextHops(),
                seen.waiting(),
                stale,
                seen.swept(),
                seen.pauses(),
                seen.skipped(),
                seen.faults());
    }

    @Nullable NetlinkView netlink() {
        KernelSource kernel = source.current();
        if (kernel == null) {
            return null;
        }
        KernelCounters seen = kernel.counters();
        return new NetlinkView(
                kernel.config().table(),
                kernel.config().netns(),
                seen.isConnected(),
                seen.prefixes(),
                seen.notifications(),
                seen.malformed(),
                seen.overruns(),
                seen.differences(),
                seen.failures(),
                seen.dumps(),
                seen.skipped());
    }

    AuditView audit() {
        KernelSource kernel = source.current();
        long netlink = kernel == null ? 0 : kernel.counters().mended();
        return client.read(
                c -> {
                    Map<String, Long> differences = new LinkedHashMap<>();
                    List<FibAudit> fibs = c.tables().all().stream().map(LiveTable::audit).toList();
                    differences.put("fib_route", sum(fibs, FibAudit::routes));
                    differences.put("fib_slot", sum(fibs, FibAudit::slots));
                    differences.put("fib_stranger", sum(fibs, FibAudit::strangers));
                    differences.put("rib_connected", c.ports().connectedDifferences());
                    differences.put("rib_netlink", netlink);
                    return new AuditView(fibs.getFirst().rounds(), differences);
                });
    }

    private static long sum(List<FibAudit> fibs, ToLongFunction<FibAudit> of) {
        return fibs.stream().mapToLong(of).sum();
    }

    void add(List<NewRoute> added) {
        List<Route> routes = routes(added);
        client.<Boolean>ask(done -> new ControlCommand.PutRoutes(routes, done));
    }

    void change(List<NewRoute> added, String table, List<IpPrefix> prefixes) {
        int index = control.tables().named(table).index();
        List<Destination> gone =
                prefixes.stream().map(each -> new Destination(index, each)).toList();
        List<Route> routes = routes(added);
        client.<Boolean>ask(
                done -> new ControlCommand.ReplaceRoutes(RouteSource.CLI, gone, routes, done));
    }

    private List<Route> routes(List<NewRoute> added) {
        List<Route> routes = new ArrayList<>(added.size());
        NewRoute before = null;
        for (NewRoute each : added) {
            try {
                boolean like = before != null && each.isLike(before); // then they share all else
                routes.add(like ? same(routes.getLast(), each.prefix()) : route(each));
                before = each;
            } catch (RefusedException e) {
                throw new RefusedException(String.valueOf(e.getMessage()), routes.size());
            }
        }
        return routes;
    }

    private static Route same(Route route, IpPrefix prefix) {
        return new Route(new Destination(route.to().table(), prefix), route.attributes());
    }

    private Route route(NewRoute from) {
        LiveTable table = control.tables().named(from.table());
        LiveTable finds = from.viaTable() == null ? table : control.tables().named(from.viaTable());
        return new Route(new Destination(table.index(), from.prefix()), said(from, table, finds));
    }

    private Attributes said(NewRoute from, LiveTable table, LiveTable finds) {
        boolean leaks = finds.index() != table.index();
        if (!from.via().isEmpty()) {
            return Attributes.via(
                    RouteSource.CLI,
                    from.via().stream()
                            .map(view -> gateway(view, finds, leaks ? finds.index() : -1))
                            .toList());
        }
        if (from.viaTable() == null) {
            return Attributes.dropping(RouteSource.CLI, kindOf(from.kind()));
        }
        if (!leaks) {
            throw new RefusedException(
                    "the route would lead back to its own table "
                            + table.name()
                            + "; name a next hop, or another table");
        }
        return Attributes.inTable(RouteSource.CLI, finds.index());
    }

    private static Route.Kind kindOf(String kind) {
        return switch (kind) {
            case "blackhole" -> Route.Kind.BLACKHOLE;
            case "unreachable" -> Route.Kind.UNREACHABLE;
            case "prohibit" -> Route.Kind.PROHIBIT;
            default ->
                    throw new RefusedException(
                            "a route needs a next hop, or one of blackhole, unreachable, prohibit");
        };
    }

    /// @param finds the table that finds it, `index` as a [Route.Gateway] has it
    private Route.Gateway gateway(GatewayView view, LiveTable finds, int index) {
        IpAddress address = IpAddress.parse(view.address());
        if (finds.shown().isOwn(address)) {
            throw new RefusedException(address + " is an address of the router itself");
        }
        int port = view.port() == null ? -1 : ports.index(view.port());
        RoutingTable there = port < 0 ? finds.shown() : control.state().ports()[port].table();
        if (there != finds.shown()) {
            throw new RefusedException(
                    "port "
                            + view.port()
                            + " is in the table "
                            + there.name
                            + "; add `via-table "
                            + there.name
                            + "` to leave by it");
        }
        return new Route.Gateway(address, port, view.weight(), index);
    }

    void delete(String table, IpPrefix prefix) {
        Destination to = new Destination(control.tables().named(table).index(), prefix);
        boolean was = client.ask(done -> new ControlCommand.DeleteRoute(to, RouteSource.CLI, done));
        if (!was) {
            throw new RefusedException(
                    "there is no live route to "
                            + prefix
                            + " in the table "
                            + table
                            + "; `stride show routes --table "
                            + table
                            + "` tells which source has it");
        }
    }
}
