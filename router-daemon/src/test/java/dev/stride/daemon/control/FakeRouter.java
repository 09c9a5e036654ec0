package dev.stride.daemon.control;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A router with two ports and no packets, for tests of what talks to one. Thread-safe as far as
/// its methods are; tests set fields before they ask.
public final class FakeRouter implements Router {
    private static final Comparator<IpPrefix> ORDER =
            Comparator.comparing(IpPrefix::first, IpAddress.ORDER)
                    .thenComparingInt(IpPrefix::length);

    public final Map<IpPrefix, NewRoute> routes = new TreeMap<>(ORDER);
    public final List<String> calls = new ArrayList<>();
    public final Map<String, Long> lanEndings = new LinkedHashMap<>();
    public boolean live = true;
    public boolean ready = true;
    public boolean busy;
    public @Nullable FpmView fpm;
    public @Nullable NetlinkView netlink;
    public long received = 3;
    public double busySeconds = 1.5;
    public final List<FibView> fib =
            new ArrayList<>(
                    List.of(
                            new FibView(
                                    "main", "ipv4", 7, 3, 4096, 11, 9, 0.25, 1, "worker-0", 2)));

    @Override
    public synchronized Status status() {
        return new Status(
                "1.2.3", 42, 3_725, "/etc/stride/stride.conf", "127.0.0.1:9473", 1, 2, 1, 7);
    }

    @Override
    public synchronized List<PortView> ports() {
        if (busy) {
            throw new RefusedException("the control thread is busy; try again");
        }
        long drops =
                lanEndings.entrySet().stream()
                        .filter(e -> !e.getKey().equals("forwarded"))
                        .mapToLong(Map.Entry::getValue)
                        .sum();
        return List.of(
                port("lan", true, received, drops, Map.copyOf(lanEndings)),
                port("wan", false, 0, 0, Map.of()));
    }

    private static CompanionView companion() {
        return new CompanionView(
                "lan0",
                "frr",
                true,
                3,
                300,
                7,
                700,
                Map.of("bgp", 6L),
                Map.of("other", 2L),
                Map.of("companion_sent", 3L));
    }

    private static PortView port(
            String name, boolean up, long received, long drops, Map<String, Long> endings) {
        return new PortView(
                name,
                "tap",
                "stride-" + name,
                "main",
                "02:00:00:00:00:01",
                1500,
                up,
                true,
                true,
                List.of("10.1.0.1/24"),
                received,
                received * 98,
                name.equals("lan") ? 4 : 0,
                0,
                0,
                0,
                0,
                2,
                drops,
                endings,
                name.equals("lan") ? companion() : null);
    }

    @Override
    public synchronized List<NeighborView> neighbors() {
        return List.of(
                new NeighborView("lan", "10.1.0.2", "02:00:00:00:00:02", "reachable", 61.5, false),
                new NeighborView("lan", "10.1.0.3", null, "incomplete", 0.5, false));
    }

    @Override
    public synchronized AddressesView addresses() {
        return new AddressesView(3, 0, 1, 5);
    }

    @Override
    public synchronized List<TableView> tables() {
        return List.of(
                new TableView("main", 254L, List.of("lan", "wan"), 7, 0),
                new TableView("red", null, List.of(), 0, 0));
    }

    @Override
    public synchronized List<RouteView> routes(String table, IpPrefix from, int limit) {
        return routes.values().stream()
                .filter(route -> route.table().equals(table))
                .filter(route -> route.prefix().width() == from.width())
                .filter(route -> ORDER.compare(route.prefix(), from) >= 0)
                .limit(limit)
                .map(FakeRouter::view)
                .toList();
    }

    private static RouteView view(NewRoute route) {
        String kind = route.via().isEmpty() ? route.kind() : "unicast";
        return new RouteView(
                route.table(),
                route.prefix().toString(),
                "cli",
                kind,
                route.via(),
                route.viaTable(),
                null,
                1,
                0,
                true,
                true);
    }

    @Override
    public synchronized Lookup lookup(String table, IpAddress address) {
        return routes.values().stream()
                .filter(r -> r.table().equals(table))
                .filter(r -> r.prefix().width() == address.width())
                .filter(r -> r.prefix().equals(address.prefix(r.prefix().length())))
                .reduce((shorter, longer) -> longer)
                .map(r -> new Lookup(table, address + "", r.prefix() + "", List.of(view(r)), 5))
                .orElse(new Lookup(table, address.toString(), null, List.of(), 0));
    }

    @Override
    public synchronized List<SourceView> sources() {
        return List.of(
                new SourceView("main", "ipv4", "connected", 2),
                new SourceView("main", "ipv6", "cli", routes.size()));
    }

    @Override
    public synchronized @Nullable FpmView fpm() {
        return fpm;
    }

    @Override
    public synchronized @Nullable NetlinkView netlink() {
        return netlink;
    }

    @Override
    public synchronized AuditView audit() {
        return new AuditView(2, Map.of("fib_route", 0L));
    }

    @Override
    public synchronized List<FibView> fib() {
        return List.copyOf(fib);
    }

    @Override
    public synchronized List<DropView> drops() {
        return lanEndings.containsKey("no_route")
                ? List.of(new DropView("lan", "no_route", "no_route", lanEndings.get("no_route")))
                : List.of();
    }

    @Override
    public synchronized List<WorkerView> workers() {
        return List.of(new WorkerView(0, List.of("lan", "wan"), 10, 640, busySeconds, 0.125));
    }

    @Override
    public synchronized List<HookView> hooks() {
        return List.of(
                new HookView("ipv4-input", List.of("a", "b")),
                new HookView("ipv4-output", List.of()));
    }

    @Override
    public synchronized void addRoutes(List<NewRoute> added) {
        for (int i = 0; i < added.size(); i++) {
            if (added.get(i).via().isEmpty()
                    && added.get(i).viaTable() == null
                    && !added.get(i).kind().equals("blackhole")) {
                throw new RefusedException("no such kind", i);
            }
        }
        added.forEach(route -> routes.put(route.prefix(), route));
        calls.add("add " + added.size());
    }

    @Override
    public synchronized void deleteRoute(String table, IpPrefix prefix) {
        NewRoute route = routes.get(prefix);
        if (route == null || !route.table().equals(table)) {
            throw new RefusedException("there is no live route to " + prefix);
        }
        routes.remove(prefix);
    }

    @Override
    public synchronized void addNeighbor(String port, IpAddress address, MacAddress mac) {
        calls.add("neighbor " + port + " " + address + " " + mac);
    }

    @Override
    public synchronized void deleteNeighbor(String port, IpAddress address) {
        calls.add("no neighbor " + port + " " + address);
    }

    @Override
    public synchronized void flushNeighbors(@Nullable String port) {
        calls.add("flush " + port);
    }

    @Override
    public synchronized void enablePort(String port, boolean enabled) {
        calls.add("port " + port + " " + (enabled ? "up" : "down"));
    }

    @Override
    public synchronized void changeRoutes(List<NewRoute> add, String table, List<IpPrefix> del) {
        addRoutes(add);
        del.forEach(routes::remove);
    }

    @Override
    public synchronized int sweepFpm(boolean all) {
        calls.add("sweep" + (all ? " all" : ""));
        return 3;
    }

    @Override
    public SnapshotCounts snapshotCounts() {
        return new SnapshotCounts(4, 1, 7);
    }

    @Override
    public ControlCounts controlCounts() {
        return new ControlCounts(9, 1, 2, 3);
    }

    @Override
    public ReloadCounts reloadCounts() {
        return new ReloadCounts(3, 1, 2, 0);
    }

    @Override
    public synchronized List<String> diff(@Nullable Path file) {
        calls.add("diff " + file);
        return List.of("+ port dmz");
    }

    @Override
    public synchronized List<String> diff(int generation) {
        calls.add("diff " + generation);
        return List.of("- port dmz");
    }

    @Override
    public synchronized List<String> save() {
        calls.add("save");
        return List.of("+ route 10.9.0.0/16 via 10.1.0.2 (live)");
    }

    @Override
    public synchronized List<GenerationView> history() {
        return List.of(
                new GenerationView(1, "2026-11-25T20:00:00Z", "start of the daemon", false),
                new GenerationView(2, "2026-11-25T21:00:00Z", "reload of stride.conf", true));
    }

    @Override
    public synchronized List<String> reload(
            @Nullable Path file, int confirmSeconds, boolean keepLive) {
        calls.add("reload " + file + " " + confirmSeconds + (keepLive ? " keep" : ""));
        return List.of();
    }

    @Override
    public synchronized void confirm() {
        throw new RefusedException("there is nothing to confirm");
    }

    @Override
    public synchronized List<String> rollback(int generation) {
        calls.add("rollback " + generation);
        return List.of();
    }

    @Override
    public synchronized boolean isLive() {
        return live;
    }

    @Override
    public synchronized boolean isReady() {
        return ready;
    }
}
