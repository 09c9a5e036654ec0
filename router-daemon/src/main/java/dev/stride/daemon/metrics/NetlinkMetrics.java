package dev.stride.daemon.metrics;

import dev.stride.daemon.control.Router.NetlinkView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The counters of the kernel's table. They are there, as 0, without one as well: a reload may
/// bring one.
final class NetlinkMetrics {
    private static final List<String> CAUSES = List.of("start", "overrun", "doubt", "audit");

    private final MeterRegistry registry;
    private final Supplier<@Nullable NetlinkView> look;
    private final MultiGauge skipped;

    /// @param look the view of this scrape; null for no table
    NetlinkMetrics(MeterRegistry registry, Supplier<@Nullable NetlinkView> look) {
        this.registry = registry;
        this.look = look;
        skipped =
                MultiGauge.builder("stride.netlink.skipped.routes")
                        .description("Routes of the table that lead nowhere, by reason")
                        .register(registry);
        gauge("connected", "Whether the table is followed", v -> v.connected() ? 1 : 0);
        gauge("table.prefixes", "Prefixes in the table", NetlinkView::prefixes);
        count("notifications", "Notifications read", Tags.empty(), NetlinkView::notifications);
        count(
                "malformed",
                "Messages of the kernel that could not be read",
                Tags.empty(),
                NetlinkView::malformed);
        count(
                "overruns",
                "Times that notifications were lost since the buffer was full",
                Tags.empty(),
                NetlinkView::overruns);
        count(
                "audit.differences",
                "Prefixes of which a dump showed what notifications had not",
                Tags.empty(),
                NetlinkView::auditDifferences);
        count("failures", "Failures of the socket", Tags.empty(), NetlinkView::failures);
        for (String cause : CAUSES) {
            count(
                    "dumps",
                    "Times that the table was read as a whole, by cause",
                    Tags.of("cause", cause),
                    v -> v.dumps().getOrDefault(cause, 0L));
        }
    }

    /// At each scrape.
    void scraped() {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        NetlinkView view = look.get();
        if (view != null) {
            view.skipped()
                    .forEach((why, n) -> rows.add(MultiGauge.Row.of(Tags.of("reason", why), n)));
        }
        skipped.register(rows, true);
    }

    private double value(ToDoubleFunction<NetlinkView> of) {
        NetlinkView view = look.get();
        return view == null ? 0 : of.applyAsDouble(view);
    }

    private void gauge(String name, String description, ToDoubleFunction<NetlinkView> of) {
        Gauge.builder("stride.netlink." + name, registry, r -> value(of)) // which it holds weakly
                .description(description)
                .register(registry);
    }

    private void count(
            String name, String description, Tags tags, ToDoubleFunction<NetlinkView> of) {
        FunctionCounter.builder("stride.netlink." + name, registry, r -> value(of))
                .description(description)
                .tags(tags)
                .register(registry);
    }
}
