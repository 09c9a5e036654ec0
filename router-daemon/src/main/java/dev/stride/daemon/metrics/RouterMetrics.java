package dev.stride.daemon.metrics;

import dev.stride.core.stats.Reason;
import dev.stride.daemon.control.Router;
import dev.stride.daemon.control.Router.FibView;
import dev.stride.daemon.control.Router.PortView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The router's counters as Prometheus sees them: the very ones that the CLI shows, read when
/// scraped.
///
/// One scrape looks once at the router and answers all meters from that look. A series of endings
/// exists from the first packet on, since most of the pairs of port and reason never happen; the
/// classes of drops that alerts need are there from the start (`no_route`, `ttl_expired`,
/// `neighbor_unresolved`, `transmit_full`, `internal`).
///
/// Used by one thread at a time (HTTP serializes scrapes).
public final class RouterMetrics {
    private static final Set<Reason> ALWAYS =
            Set.of(
                    Reason.NO_ROUTE,
                    Reason.TTL_EXPIRED,
                    Reason.NEIGHBOR_UNRESOLVED,
                    Reason.TRANSMIT_FULL,
                    Reason.INTERNAL);

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Router router;
    private final MultiGauge neighbors;
    private final MultiGauge addresses;
    private final MultiGauge ribRoutes;
    private final FpmMetrics fpmMetrics;
    private final Set<String> registered = new HashSet<>();
    private Map<String, PortView> ports = new HashMap<>();
    private List<FibView> fib = List.of();
    private List<Router.WorkerView> workers = List.of();
    private Router.@Nullable FpmView fpm;
    private Router.@Nullable NetlinkView netlink;
    private Router.@Nullable AuditView audit;
    private final NetlinkMetrics netlinkMetrics;

    public RouterMetrics(Router router) {
        this.router = router;
        neighbors =
                MultiGauge.builder("stride.neighbors")
                        .description("Neighbors by state")
                        .register(registry);
        addresses =
                MultiGauge.builder("stride.addresses")
                        .description("The router's own addresses by state")
                        .register(registry);
        FunctionCounter.builder("stride.address.defenses", router, r -> r.addresses().defenses())
                .description("Times that a link was told of an address of ours that was claimed")
                .register(registry);
        ribRoutes =
                MultiGauge.builder("stride.rib.routes")
                        .description("Candidate routes by routing table, family and source")
                        .register(registry);
        Router.Status status = router.status();
        Gauge.builder("stride.build.info", () -> 1)
                .description("Which Stride this is; always 1")
                .tags("version", status.version(), "java", System.getProperty("java.version"))
                .register(registry);
        netlinkMetrics = new NetlinkMetrics(registry, () -> netlink);
        look();
        registerWorkers();
        registerForwarded("ipv4", Reason.FORWARDED);
        registerForwarded("ipv6", Reason.FORWARDED_IPV6);
        registerReloads("done", Router.ReloadCounts::done);
        registerReloads("refused", Router.ReloadCounts::refused);
        registerSnapshots("written", Router.SnapshotCounts::written);
        registerSnapshots("failed", Router.SnapshotCounts::failed);
        registerControl("slow", Router.ControlCounts::slow);
        registerControl("forbidden", Router.ControlCounts::forbidden);
        registerControl("malformed", Router.ControlCounts::malformed);
        registerSaves("done", Router.ReloadCounts::saved);
        registerSaves("refused", Router.ReloadCounts::notSaved);
        fpmMetrics = new FpmMetrics(registry, () -> fpm);
        fpmMetrics.look();
    }

    private void registerAudit(String what) {
        if (registered.add("audit " + what)) {
            FunctionCounter.builder(
                            "stride.audit.differences",
                            registry,
                            r -> audit == null ? 0 : audit.differences().getOrDefault(what, 0L))
                    .description("What the audit of routes found otherwise and mended")
                    .tag("what", what)
                    .register(registry);
        }
    }

    private void registerReloads(String result, ToDoubleFunction<Router.ReloadCounts> value) {
        FunctionCounter.builder(
                        "stride.config.reloads", router, r -> value.applyAsDouble(r.reloadCounts()))
                .description("Reloads of the configuration, by result")
                .tag("result", result)
                .register(registry);
    }

    private void registerSnapshots(String result, ToDoubleFunction<Router.SnapshotCounts> value) {
        FunctionCounter.builder(
                        "stride.snapshots", router, r -> value.applyAsDouble(r.snapshotCounts()))
                .description("Snapshots of routes, by result")
                .tag("result", result)
                .register(registry);
    }

    private void registerControl(String reason, ToDoubleFunction<Router.ControlCounts> value) {
        FunctionCounter.builder(
                        "stride.control.faults",
                        router,
                        r -> value.applyAsDouble(r.controlCounts()))
                .description("What went wrong on the control socket, by reason")
                .tag("reason", reason)
                .register(registry);
    }

    private void registerSaves(String result, ToDoubleFunction<Router.ReloadCounts> value) {
        FunctionCounter.builder(
                        "stride.config.saves", router, r -> value.applyAsDouble(r.reloadCounts()))
                .description("Savings of live changes, by result")
                .tag("result", result)
                .register(registry);
    }

    /// A scrape.
    ///
    /// @throws Router.RefusedException when the router does not answer
    /// @param contentType what the scraper accepts; decides between text 0.0.4 and OpenMetrics
    public String scrape(String contentType) {
        look();
        fpmMetrics.look();
        return registry.scrape(contentType);
    }

    private void look() {
        Map<String, PortView> now = new HashMap<>();
        router.ports().forEach(port -> now.put(port.name(), port));
        ports = now;
        fib = router.fib();
        workers = router.workers();
        fpm = router.fpm();
        netlink = router.netlink();
        audit = router.audit();
        audit.differences().keySet().forEach(this::registerAudit);
        netlinkMetrics.scraped();
        now.values().forEach(this::registerPort);
        forget("port", now.keySet());
        Set<String> tables = fib.stream().map(FibView::table).collect(Collectors.toSet());
        fib.forEach(this::registerFib);
        tables.forEach(this::registerTable);
        forget("table", tables);
        Map<String, Integer> states = new HashMap<>();
        for (String state :
                List.of("incomplete", "reachable", "stale", "probe", "failed", "permanent")) {
            states.put(state, 0);
        }
        router.neighbors().forEach(n -> states.merge(n.state(), 1, Integer::sum));
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        states.forEach((state, n) -> rows.add(MultiGauge.Row.of(Tags.of("state", state), n)));
        neighbors.register(rows, true);
        Router.AddressesView own = router.addresses();
        addresses.register(
                List.of(
                        MultiGauge.Row.of(Tags.of("state", "valid"), own.valid()),
                        MultiGauge.Row.of(Tags.of("state", "tentative"), own.tentative()),
                        MultiGauge.Row.of(Tags.of("state", "duplicate"), own.duplicate())),
                true);
        List<MultiGauge.Row<?>> sources = new ArrayList<>();
        for (Router.SourceView view : router.sources()) {
            Tags tags =
                    Tags.of(
                            "table", view.table(),
                            "family", view.family(),
                            "source", view.source());
            sources.add(MultiGauge.Row.of(tags, view.routes()));
        }
        ribRoutes.register(sources, true);
    }

    private void registerPort(PortView port) {
        String name = port.name();
        if (registered.add(name)) {
            count(name, "receive.packets", "Frames received", PortView::receivePackets);
            count(name, "receive.bytes", "Bytes received", PortView::receiveBytes);
            count(
                    name,
                    "receive.missed",
                    "Frames that the kernel dropped before the router could take them",
                    PortView::receiveMissed);
            count(name, "transmit.packets", "Frames sent", PortView::transmitPackets);
            count(name, "transmit.bytes", "Bytes sent", PortView::transmitBytes);
            count(
                    name,
                    "transmit.fragments",
                    "Fragments sent of packets longer than the MTU",
                    PortView::transmitFragments);
            count(
                    name,
                    "originated.packets",
                    "Frames of our own making sent",
                    PortView::originatedPackets);
            count(
                    name,
                    "originated.lost",
                    "Frames of our own making that were lost on the way to the port",
                    PortView::originatedLost);
            Gauge.builder("stride.port.up", () -> view(name).up() ? 1 : 0)
                    .description("Whether the port is up")
                    .tag("port", name)
                    .register(registry);
            ALWAYS.forEach(reason -> registerEnding(name, reason));
        }
        CompanionMetrics.register(registry, registered, port, () -> ports.get(name));
        for (String label : port.endings().keySet()) {
            for (Reason reason : Reason.values()) {
                if (reason.label().equals(label)) {
                    registerEnding(name, reason);
                }
            }
        }
    }

    /// Ports and routing tables that are gone are not scraped any more.
    ///
    /// @param tag of their meters, whose value is their name
    private void forget(String tag, Set<String> left) {
        for (Meter meter : registry.getMeters()) {
            String name = meter.getId().getTag(tag);
            if (name != null && !left.contains(name)) {
                registry.remove(meter);
                String key = tag.equals("port") ? name : tag + " " + name;
                registered.removeIf(each -> each.equals(key) || each.startsWith(key + "/"));
            }
        }
    }

    private PortView view(String port) {
        PortView view = ports.get(port);
        if (view == null) {
            throw new IllegalStateException("no port " + port);
        }
        return view;
    }

    private void count(
            String port, String what, String description, ToDoubleFunction<PortView> value) {
        FunctionCounter.builder("stride.port." + what, port, p -> value.applyAsDouble(view(p)))
                .description(description)
                .tag("port", port)
                .register(registry);
    }

    /// Drops under their own name; other endings of received packets beside them, so that sums can
    /// be checked.
    private void registerEnding(String port, Reason reason) {
        if (!registered.add(port + "/" + reason)) {
            return;
        }
        String meter = reason.isDrop() ? "stride.drops" : "stride.port.endings";
        String description =
                reason.isDrop()
                        ? "Received packets that were dropped, by reason"
                        : "Received packets that were not dropped, by what became of them";
        FunctionCounter.builder(
                        meter, port, p -> view(p).endings().getOrDefault(reason.label(), 0L))
                .description(description)
                .tags("port", port, "reason", reason.label(), "class", reason.kind().label())
                .register(registry);
    }

    private void registerForwarded(String family, Reason ending) {
        FunctionCounter.builder(
                        "stride.forwarded.packets",
                        this,
                        m ->
                                m.ports.values().stream()
                                        .mapToLong(
                                                p -> p.endings().getOrDefault(ending.label(), 0L))
                                        .sum())
                .description("Packets sent on by the routing table")
                .tag("family", family)
                .register(registry);
    }

    /// What counts for both families of a routing table.
    private void registerTable(String table) {
        if (!registered.add("table " + table)) {
            return;
        }
        FunctionCounter.builder(
                        "stride.fib.updates",
                        this,
                        m -> m.fib(table).mapToLong(FibView::updates).sum())
                .description("Stores into the FIBs of a routing table")
                .tag("table", table)
                .register(registry);
        FunctionTimer.builder(
                        "stride.fib.update",
                        this,
                        m -> m.fib(table).mapToLong(FibView::changes).sum(),
                        m -> m.fib(table).mapToDouble(FibView::changeSeconds).sum(),
                        TimeUnit.SECONDS)
                .description("Changes of routes, and the time from the RIB to the published FIB")
                .tag("table", table)
                .register(registry);
    }

    private Stream<FibView> fib(String table) {
        return fib.stream().filter(each -> each.table().equals(table));
    }

    private void registerFib(FibView of) {
        if (!registered.add("table " + of.table() + "/" + of.family())) {
            return;
        }
        gauge("stride.fib.routes", "Prefixes in the FIB", of, FibView::routes);
        gauge("stride.fib.memory.bytes", "Memory that lookups use, in bytes", of, FibView::bytes);
        gauge(
                "stride.fib.reclamation.lag",
                "Epochs that the slowest worker is behind the writer",
                of,
                FibView::lagEpochs);
    }

    private void gauge(
            String name, String description, FibView of, ToDoubleFunction<FibView> value) {
        String table = of.table();
        String family = of.family();
        Gauge.builder(
                        name,
                        this,
                        m ->
                                m.fib(table)
                                        .filter(each -> each.family().equals(family))
                                        .mapToDouble(value)
                                        .sum())
                .description(description)
                .tags("table", table, "family", family)
                .register(registry);
    }

    private void registerWorkers() {
        for (int i = 0; i < workers.size(); i++) {
            int index = i;
            String name = Integer.toString(workers.get(i).worker());
            FunctionCounter.builder(
                            "stride.worker.busy.seconds",
                            this,
                            m -> m.workers.get(index).busySeconds())
                    .description("Time that the worker spent on packets, in seconds")
                    .tag("worker", name)
                    .register(registry);
            Gauge.builder("stride.worker.busy.ratio", this, m -> m.workers.get(index).busyRatio())
                    .description(
                            "Share of the last second that the worker spent on packets, 0 to 1")
                    .tag("worker", name)
                    .register(registry);
        }
    }
}
