package dev.stride.daemon.metrics;

import dev.stride.core.stats.PuntClass;
import dev.stride.daemon.control.Router.CompanionView;
import dev.stride.daemon.control.Router.PortView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The meters of companions, under the names of their ports.
final class CompanionMetrics {
    private static final double NONE = Double.NaN; // the companion has just gone

    private CompanionMetrics() {}

    /// Makes the meters of a port that has a companion, once, and removes those of one that has
    /// none any more.
    ///
    /// @param registered names under which meters are there already
    /// @param now the port as the present scrape sees it
    static void register(
            MeterRegistry registry,
            Set<String> registered,
            PortView port,
            Supplier<@Nullable PortView> now) {
        String name = port.name();
        if (port.companion() == null) {
            forget(registry, registered, name);
            return;
        }
        if (!registered.add(name + "/companion")) {
            return;
        }
        count(
                registry,
                name,
                "receive.packets",
                "Frames that the host sent",
                now,
                CompanionView::receivePackets);
        count(
                registry,
                name,
                "receive.bytes",
                "Bytes that the host sent",
                now,
                CompanionView::receiveBytes);
        count(
                registry,
                name,
                "transmit.packets",
                "Frames that went up to the host",
                now,
                CompanionView::transmitPackets);
        count(
                registry,
                name,
                "transmit.bytes",
                "Bytes that went up to the host",
                now,
                CompanionView::transmitBytes);
        Gauge.builder("stride.companion.up", () -> value(now, view -> view.up() ? 1 : 0))
                .description("Whether the host's side of the companion is up")
                .tag("port", name)
                .register(registry);
        for (PuntClass kind : PuntClass.values()) {
            punts(
                    registry,
                    name,
                    kind,
                    "stride.punted.packets",
                    "Packets let up to the host",
                    view -> view.punts().getOrDefault(kind.label(), 0L),
                    now);
            punts(
                    registry,
                    name,
                    kind,
                    "stride.punt.limited.packets",
                    "Packets for the host beyond the rate of their class",
                    view -> view.limited().getOrDefault(kind.label(), 0L),
                    now);
        }
    }

    private static void forget(MeterRegistry registry, Set<String> registered, String port) {
        if (!registered.remove(port + "/companion")) {
            return;
        }
        for (Meter meter : registry.getMeters()) {
            String name = meter.getId().getName();
            boolean ours = name.startsWith("stride.companion.") || name.startsWith("stride.punt");
            if (ours && port.equals(meter.getId().getTag("port"))) {
                registry.remove(meter);
            }
        }
    }

    private static void count(
            MeterRegistry registry,
            String port,
            String what,
            String description,
            Supplier<@Nullable PortView> now,
            ToDoubleFunction<CompanionView> of) {
        FunctionCounter.builder("stride.companion." + what, registry, r -> value(now, of))
                .description(description)
                .tag("port", port)
                .register(registry);
    }

    private static void punts(
            MeterRegistry registry,
            String port,
            PuntClass kind,
            String meter,
            String description,
            ToDoubleFunction<CompanionView> of,
            Supplier<@Nullable PortView> now) {
        FunctionCounter.builder(meter, registry, r -> value(now, of))
                .description(description)
                .tags("port", port, "class", kind.label())
                .register(registry);
    }

    private static double value(
            Supplier<@Nullable PortView> now, ToDoubleFunction<CompanionView> of) {
        PortView port = now.get();
        CompanionView companion = port == null ? null : port.companion();
        return companion == null ? NONE : of.applyAsDouble(companion);
    }
}
