package dev.stride.daemon.running;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.adjacency.Neighbor;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.LiveChanges;
import dev.stride.daemon.config.NeighborConfig;
import dev.stride.daemon.config.RouteConfig;
import dev.stride.daemon.config.RouteConfig.Kind;
import dev.stride.daemon.config.RouteConfig.Via;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.live.Control;
import dev.stride.daemon.live.LivePort;
import dev.stride.daemon.live.LiveTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds what was changed by command in the tables themselves; nobody keeps a list beside them. Any
/// thread but the control thread and workers.
final class LiveState {
    private static final int PAGE = 10_000; // prefixes of one look at the RIB

    private final ControlClient client;

    LiveState(ControlClient client) {
        this.client = client;
    }

    /// What differs from the configuration that runs.
    LiveChanges beside(RouterConfig config) {
        List<NeighborConfig> fixed = neighbors();
        List<NeighborConfig> gone = new ArrayList<>(config.neighbors());
        gone.removeAll(fixed);
        fixed.removeAll(config.neighbors());
        Map<String, Boolean> switched = new HashMap<>();
        for (LivePort live : client.control().ports().all()) {
            String name = live.config().name();
            if (live.enabled() == config.portsOff().contains(name)) {
                switched.put(name, live.enabled());
            }
        }
        return new LiveChanges(routes(), fixed, gone, switched);
    }

    /// Static ones, configured or not.
    private List<NeighborConfig> neighbors() {
        return client.read(
                control -> {
                    List<NeighborConfig> fixed = new ArrayList<>();
                    for (Neighbor each : control.neighbors().all()) {
                        String port = port(control, each.port());
                        if (each.state() == Neighbor.State.PERMANENT
                                && port != null
                                && each.mac() != null) {
                            fixed.add(new NeighborConfig(port, each.address(), each.mac()));
                        }
                    }
                    return fixed;
                });
    }

    private List<RouteConfig> routes() {
        List<RouteConfig> routes = new ArrayList<>();
        for (LiveTable table : client.control().tables().all()) {
            collect(table, new Ip4Prefix(0, 0), routes);
            collect(table, new Ip6Prefix(0, 0, 0), routes);
        }
        return routes;
    }

    private void collect(LiveTable table, IpPrefix first, List<RouteConfig> routes) {
        Page page = new Page(first, false);
        while (!page.isLast()) {
            IpPrefix from = page.last();
            page = client.read(control -> page(control, table, from, routes));
        }
    }

    /// A look at the RIB.
    ///
    /// @param last prefix of it, which the next look begins with
    private record Page(IpPrefix last, boolean isLast) {}

    private static Page page(
            Control control, LiveTable table, IpPrefix from, List<RouteConfig> routes) {
        if (table.routes().count(RouteSource.CLI, from.width()) == 0) {
            return new Page(from, true);
        }
        List<Entry> page = table.routes().page(from, PAGE);
        for (Entry entry : page) {
            for (Attributes said : entry.candidates()) {
                if (said.source() == RouteSource.CLI && !isLast(routes, table, entry)) {
                    routes.add(route(control, table, entry.prefix(), said));
                }
            }
        }
        boolean more = page.size() == PAGE;
        return new Page(more ? page.getLast().prefix() : from, !more);
    }

    private static boolean isLast(List<RouteConfig> routes, LiveTable table, Entry entry) {
        return !routes.isEmpty()
                && routes.getLast().to().equals(entry.prefix())
                && routes.getLast().table().equals(table.name());
    }

    private static RouteConfig route(
            Control control, LiveTable table, IpPrefix to, Attributes said) {
        List<Via> via = new ArrayList<>();
        int finds = said.table();
        for (Route.Gateway gateway : said.gateways()) {
            via.add(new Via(gateway.address(), port(control, gateway.port()), gateway.weight()));
            finds = Math.max(finds, gateway.table());
        }
        Kind kind =
                switch (said.kind()) {
                    case UNICAST -> Kind.UNICAST;
                    case TABLE -> Kind.TABLE;
                    case BLACKHOLE -> Kind.BLACKHOLE;
                    case UNREACHABLE -> Kind.UNREACHABLE;
                    case PROHIBIT -> Kind.PROHIBIT;
                    case LINK -> throw new IllegalStateException("a live route to a link");
                };
        String viaTable = finds < 0 || finds == table.index() ? null : control.tables().name(finds);
        return new RouteConfig(
                table.name(), to, kind, via, viaTable, said.distance(), said.metric());
    }

    private static @Nullable String port(Control control, int index) {
        return control.ports().all().stream()
                .filter(live -> live.index() == index)
                .map(live -> live.config().name())
                .findFirst()
                .orElse(null);
    }
}
