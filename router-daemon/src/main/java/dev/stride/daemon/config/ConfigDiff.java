package dev.stride.daemon.config;

import dev.stride.core.forward.PortPolicy;
import dev.stride.daemon.config.ConfigChange.CompanionAdded;
import dev.stride.daemon.config.ConfigChange.CompanionChanged;
import dev.stride.daemon.config.ConfigChange.CompanionRemoved;
import dev.stride.daemon.config.ConfigChange.NeighborAdded;
import dev.stride.daemon.config.ConfigChange.NeighborChanged;
import dev.stride.daemon.config.ConfigChange.NeighborRemoved;
import dev.stride.daemon.config.ConfigChange.NetlinkChanged;
import dev.stride.daemon.config.ConfigChange.PortAdded;
import dev.stride.daemon.config.ConfigChange.PortChanged;
import dev.stride.daemon.config.ConfigChange.PortRemoved;
import dev.stride.daemon.config.ConfigChange.PortSwitched;
import dev.stride.daemon.config.ConfigChange.RouteAdded;
import dev.stride.daemon.config.ConfigChange.RouteChanged;
import dev.stride.daemon.config.ConfigChange.RouteRemoved;
import dev.stride.daemon.config.ConfigChange.SettingChanged;
import dev.stride.daemon.config.ConfigChange.TableAdded;
import dev.stride.daemon.config.ConfigChange.TableChanged;
import dev.stride.daemon.config.ConfigChange.TableRemoved;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What differs between two configurations. A pure function: nothing is applied here.
///
/// Tables and ports are the same by name, routes by table and prefix, neighbors by port and
/// address; their order in the file is no difference.
public final class ConfigDiff {
    /// Settings of a port that are the router's affair alone; for all others its device is opened
    /// anew.
    private static final Set<String> ROUTER_SIDE =
            Set.of(
                    "mac",
                    "table",
                    "addresses",
                    "reverse-path",
                    "proxy-arp",
                    "source-routes",
                    "redirects",
                    "ttl-security",
                    "directed-broadcasts",
                    "router-alerts",
                    "router-advertisements");

    /// Settings of the router that nothing changes while it runs, besides whole sections of them.
    private static final Set<String> AT_START = Set.of("workers", "neighbor.hold-packets");

    private ConfigDiff() {}

    /// The changes that make `after` of `before`: settings, then tables, ports, companions, routes
    /// and neighbors, each with what goes before what comes. Empty when nothing differs.
    public static List<ConfigChange> between(RouterConfig before, RouterConfig after) {
        List<ConfigChange> changes = new ArrayList<>();
        compare(settings(before), settings(after), changes);
        compare(
                byKey(before.tables(), TableConfig::name),
                byKey(after.tables(), TableConfig::name),
                TableRemoved::new,
                TableChanged::new,
                TableAdded::new,
                changes);
        compare(
                byKey(before.ports(), PortConfig::name),
                byKey(after.ports(), PortConfig::name),
                PortRemoved::new,
                ConfigDiff::changed,
                PortAdded::new,
                changes);
        for (PortConfig port : after.ports()) {
            String name = port.name();
            boolean was = !before.portsOff().contains(name);
            boolean is = !after.portsOff().contains(name);
            if (before.port(name).isPresent() && was != is) {
                changes.add(new PortSwitched(name, is));
            }
        }
        compare(
                byKey(before.companions(), CompanionConfig::port),
                byKey(after.companions(), CompanionConfig::port),
                CompanionRemoved::new,
                CompanionChanged::new,
                CompanionAdded::new,
                changes);
        compare(
                byKey(before.routes(), each -> List.of(each.table(), each.to())),
                byKey(after.routes(), each -> List.of(each.table(), each.to())),
                RouteRemoved::new,
                RouteChanged::new,
                RouteAdded::new,
                changes);
        compare(
                byKey(before.neighbors(), each -> List.of(each.port(), each.address())),
                byKey(after.neighbors(), each -> List.of(each.port(), each.address())),
                NeighborRemoved::new,
                NeighborChanged::new,
                NeighborAdded::new,
                changes);
        if (!Objects.equals(before.netlink(), after.netlink())) {
            changes.add(changed(before.netlink(), after.netlink()));
        }
        return changes;
    }

    private static <K, V> Map<K, V> byKey(List<V> values, Function<V, K> key) {
        Map<K, V> map = new LinkedHashMap<>();
        values.forEach(value -> map.put(key.apply(value), value));
        return map;
    }

    private static <K, V> void compare(
            Map<K, V> before,
            Map<K, V> after,
            Function<V, ConfigChange> removed,
            BiFunction<V, V, ConfigChange> changed,
            Function<V, ConfigChange> added,
            List<ConfigChange> changes) {
        before.forEach(
                (key, value) -> {
                    if (!after.containsKey(key)) {
                        changes.add(removed.apply(value));
                    }
                });
        after.forEach(
                (key, value) -> {
                    V old = before.get(key);
                    if (old == null) {
                        changes.add(added.apply(value));
                    } else if (!old.equals(value)) {
                        changes.add(changed.apply(old, value));
                    }
                });
    }

    private static PortChanged changed(PortConfig before, PortConfig after) {
        List<SettingChanged> settings = new ArrayList<>();
        compare(settings(before), settings(after), settings);
        boolean reopened =
                settings.stream().anyMatch(setting -> !ROUTER_SIDE.contains(setting.key()));
        return new PortChanged(before, after, settings, reopened);
    }

    private static NetlinkChanged changed(
            @Nullable NetlinkConfig before, @Nullable NetlinkConfig after) {
        List<SettingChanged> settings = new ArrayList<>();
        if (before != null && after != null) {
            Map<String, String> old = new LinkedHashMap<>();
            Map<String, String> now = new LinkedHashMap<>();
            components("", before, old);
            components("", after, now);
            compare(old, now, settings);
        }
        return new NetlinkChanged(before, after, settings);
    }

    private static void compare(
            Map<String, String> before,
            Map<String, String> after,
            List<? super SettingChanged> changes) {
        after.forEach(
                (key, value) -> {
                    String old = before.getOrDefault(key, "none");
                    if (!old.equals(value)) {
                        changes.add(new SettingChanged(key, old, value, takesRestart(key)));
                    }
                });
    }

    private static boolean takesRestart(String key) {
        return AT_START.contains(key)
                || key.startsWith("control.")
                || key.startsWith("punt.")
                || key.startsWith("state.")
                || key.startsWith("metrics.");
    }

    private static Map<String, String> settings(PortConfig port) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("type", port.type());
        components("", (Record) port, settings);
        return settings;
    }

    private static Map<String, String> settings(RouterConfig config) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("workers", config.workers().shown());
        settings.put("idle", config.idle().toString());
        components("control.", config.control(), settings);
        settings.put("state.directory", config.state().directory().toString());
        SnapshotConfig snapshot = config.state().snapshot();
        if (snapshot == null) {
            settings.put("state.snapshot.interval", "none");
        } else {
            components("state.snapshot.", snapshot, settings);
        }
        settings.put("metrics.listen", config.metricsListen().toString());
        components("icmp.", config.icmp(), settings);
        components("neighbor.", config.resolution(), settings);
        components("punt.", config.punt(), settings);
        FpmConfig fpm = config.fpm();
        if (fpm == null) {
            settings.put("sources.fpm.listen", "none");
        } else {
            components("sources.fpm.", fpm, settings);
        }
        return settings;
    }

    /// Every component under its name in the file: `hostNetns` is `host-netns`.
    private static void components(String prefix, Record of, Map<String, String> settings) {
        for (RecordComponent component : of.getClass().getRecordComponents()) {
            String name = component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            try {
                Object value = component.getAccessor().invoke(of);
                if (value instanceof PortPolicy policy) { // its keys stand beside the others
                    components(prefix, policy, settings);
                } else {
                    settings.put(prefix + name, shown(value));
                }
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(e.getMessage(), e);
            }
        }
    }

    private static String shown(@Nullable Object value) {
        return switch (value) {
            case null -> "none";
            case Duration duration -> Node.shown(duration);
            default -> value.toString();
        };
    }
}
