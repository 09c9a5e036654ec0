package dev.stride.daemon;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Rib;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The part of [RunningRouter] that is about routes: tables are read on the control thread, changes
/// are handed to it.
final class RunningRoutes {
    private final ControlClient client;
    private final Control control;
    private final PortNames ports;
    private final @Nullable FpmServer fpm;
    private final RunningSource source;

    RunningRoutes(
            ControlClient client, PortNames ports, @Nullable FpmServer fpm, RunningSource source) {
        this.client = client;
        this.control = client.control();
        this.ports = ports;
        this.fpm = fpm;
        this.source = source;
    }

    List<RouteView> page(IpPrefix from, int limit) {
        return client.read(
                c ->
                        c.rib().page(from, limit).stream()
                                .flatMap(e -> views(c.rib(), e).stream())
                                .toList());
    }

    private List<RouteView> views(Rib rib, Entry entry) {
        return entry.candidates().stream()
                .map(
                        said ->
                                new RouteView(
                                        entry.prefix().toString(),
                                        said.source().label(),
                                        said.kind().label(),
                                        said.gateways().stream().map(this::view).toList(),
                                        said.port() < 0 ? null : ports.name(said.port()),
                                        said.distance(),
                                        said.metric(),
                                        said.equals(entry.best()),
                                        rib.isUsable(said)))
                .toList();
    }

    private GatewayView view(Route.Gateway gateway) {
        return new GatewayView(
                gateway.address().toString(),
                gateway.port() < 0 ? null : ports.name(gateway.port()),
                gateway.weight());
    }

    Lookup lookup(IpAddress address) {
        return client.read(
                c -> {
                    Entry entry = c.rib().lookup(address);
                    return new Lookup(
                            address.toString(),
                            entry == null ? null : entry.prefix().toString(),
                            entry == null ? List.of() : views(c.rib(), entry),
                            fibAnswer(c.state(), address));
                });
    }

    private static int fibAnswer(ForwardingState state, IpAddress address) {
        return switch (address) {
            case Ip4Address four -> state.fib4.lookup(four.bits());
            case Ip6Address six -> state.fib6.lookup(six.high(), six.low());
        };
    }

    List<SourceView> sources() {
        return client.read(
                c -> {
                    List<SourceView> views = new ArrayList<>();
                    for (RouteSource source : RouteSource.values()) {
                        int four = c.rib().count(source, 32);
                        int six = c.rib().count(source, 128);
                        views.add(new SourceView("ipv4", source.label(), four));
                        views.add(new SourceView("ipv6", source.label(), six));
                    }
                    return views;
                });
    }

    @Nullable FpmView fpm() {
        if (fpm == null) {
            return null;
        }
        FpmCounters seen = fpm.counters();
        int current = seen.peer() == null ? 0 : seen.generation(); // none is current
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
                    differences.put("fib_route", c.audits().routes());
                    differences.put("fib_slot", c.audits().slots());
                    differences.put("fib_stranger", c.audits().strangers());
                    differences.put("rib_connected", c.ports().connectedDifferences());
                    differences.put("rib_netlink", netlink);
                    return new AuditView(c.audits().rounds(), differences);
                });
    }

    void add(List<NewRoute> added) {
        List<Route> routes = new ArrayList<>(added.size());
        for (NewRoute each : added) {
            try {
                routes.add(route(each));
            } catch (RefusedException e) {
                throw new RefusedException(String.valueOf(e.getMessage()), routes.size());
            }
        }
        client.<Boolean>ask(done -> new ControlCommand.PutRoutes(routes, done));
    }

    private Route route(NewRoute from) {
        if (from.via().isEmpty()) {
            return Route.dropping(from.prefix(), RouteSource.CLI, kindOf(from.kind()));
        }
        List<Route.Gateway> gateways = from.via().stream().map(this::gateway).toList();
        return Route.via(from.prefix(), RouteSource.CLI, gateways);
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

    private Route.Gateway gateway(GatewayView view) {
        IpAddress address = IpAddress.parse(view.address());
        boolean own =
                switch (address) {
                    case Ip4Address four -> control.state().local().kindOf(four.bits()) != 0;
                    case Ip6Address six -> control.state().local6().contains(six.high(), six.low());
                };
        if (own) {
            throw new RefusedException(address + " is an address of the router itself");
        }
        int port = view.port() == null ? -1 : ports.index(view.port());
        return new Route.Gateway(address, port, view.weight());
    }

    void delete(IpPrefix prefix) {
        boolean was =
                client.ask(done -> new ControlCommand.DeleteRoute(prefix, RouteSource.CLI, done));
        if (!was) {
            throw new RefusedException(
                    "there is no live route to "
                            + prefix
                            + "; `stride show routes` tells which source has it");
        }
    }
}
