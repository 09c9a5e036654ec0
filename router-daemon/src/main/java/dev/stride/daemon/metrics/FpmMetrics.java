package dev.stride.daemon.metrics;

import dev.stride.daemon.control.Router.FpmView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The FPM server's counters. Without one there is `stride_fpm_connected` alone, as 0.
final class FpmMetrics {
    private final MeterRegistry registry;
    private final Supplier<@Nullable FpmView> look;
    private boolean registered;

    /// @param look the view of this scrape; null for no server
    FpmMetrics(MeterRegistry registry, Supplier<@Nullable FpmView> look) {
        this.registry = registry;
        this.look = look;
        gauge("connected", "Whether zebra is connected", f -> f.peer() == null ? 0 : 1);
    }

    /// From the first server on there are all of its counters.
    void look() {
        FpmView now = look.get();
        if (now != null && !registered) {
            registered = true;
            registerServer(now);
        }
    }

    private void registerServer(FpmView now) {
        gauge("next.hops", "Next-hop ids that the connection has defined", FpmView::nextHops);
        gauge(
                "waiting.routes",
                "Routes whose next-hop id is not defined yet",
                FpmView::waitingRoutes);
        gauge(
                "stale.routes",
                "Routes of earlier connections that the present one has not sent",
                FpmView::staleRoutes);
        Tags none = Tags.empty();
        count("connections", "Connections", none, FpmView::connections);
        count("swept.routes", "Stale routes that were withdrawn", none, FpmView::sweptRoutes);
        count("pauses", "Pauses in reading: the control thread was behind", none, FpmView::pauses);
        String messages = "Messages of netlink, by what they are about";
        count("messages", messages, Tags.of("about", "route"), FpmView::routeMessages);
        count("messages", messages, Tags.of("about", "next_hop"), FpmView::nextHopMessages);
        for (String reason : now.skipped().keySet()) {
            count(
                    "skipped",
                    "What was not taken, by reason",
                    Tags.of("reason", reason),
                    f -> f.skipped().getOrDefault(reason, 0L));
        }
        for (String reason : now.faults().keySet()) {
            count(
                    "faults",
                    "Connections that ended badly, by reason",
                    Tags.of("reason", reason),
                    f -> f.faults().getOrDefault(reason, 0L));
        }
    }

    private double value(ToDoubleFunction<FpmView> of) {
        FpmView view = look.get();
        return view == null ? 0 : of.applyAsDouble(view);
    }

    private void gauge(String name, String description, ToDoubleFunction<FpmView> of) {
        Gauge.builder("stride.fpm." + name, registry, r -> value(of)) // which it holds weakly
                .description(description)
                .register(registry);
    }

    private void count(String name, String description, Tags tags, ToDoubleFunction<FpmView> of) {
        FunctionCounter.builder("stride.fpm." + name, registry, r -> value(of))
                .description(description)
                .tags(tags)
                .register(registry);
    }
}
