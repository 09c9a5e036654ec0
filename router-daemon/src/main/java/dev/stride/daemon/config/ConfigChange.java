package dev.stride.daemon.config;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One difference between two configurations, see [ConfigDiff]. The text is a line for people: `+`
/// comes, `-` goes, `~` changes.
public sealed interface ConfigChange {
    /// A routing table that was not there.
    record TableAdded(TableConfig table) implements ConfigChange {
        @Override
        public String toString() {
            return "+ table " + table;
        }
    }

    /// A routing table that is there no longer.
    record TableRemoved(TableConfig table) implements ConfigChange {
        @Override
        public String toString() {
            return "- table " + table;
        }
    }

    /// The same routing table with another id.
    record TableChanged(TableConfig before, TableConfig after) implements ConfigChange {
        @Override
        public String toString() {
            return "~ table " + before + " -> " + after;
        }
    }

    /// A port that was not there.
    record PortAdded(PortConfig port) implements ConfigChange {
        @Override
        public String toString() {
            return "+ port " + port.name();
        }
    }

    /// A port that is there no longer.
    record PortRemoved(PortConfig port) implements ConfigChange {
        @Override
        public String toString() {
            return "- port " + port.name();
        }
    }

    /// A port of the same name with other settings.
    ///
    /// @param settings each that differs
    /// @param reopened whether the device must be closed and opened again, which interrupts the
    ///   port's traffic
    record PortChanged(
            PortConfig before, PortConfig after, List<SettingChanged> settings, boolean reopened)
            implements ConfigChange {
        public PortChanged {
            settings = List.copyOf(settings);
        }

        @Override
        public String toString() {
            return "~ port "
                    + after.name()
                    + ": "
                    + SettingChanged.joined(settings)
                    + (reopened ? " (the device is opened anew)" : "");
        }
    }

    /// A port that is switched on or off.
    record PortSwitched(String port, boolean on) implements ConfigChange {
        @Override
        public String toString() {
            return "~ port " + port + ": " + (on ? "off -> on" : "on -> off");
        }
    }

    /// A companion of a port that had none.
    record CompanionAdded(CompanionConfig companion) implements ConfigChange {
        @Override
        public String toString() {
            return "+ companion of port " + companion.port() + ": " + companion;
        }
    }

    /// A companion that is there no longer.
    record CompanionRemoved(CompanionConfig companion) implements ConfigChange {
        @Override
        public String toString() {
            return "- companion of port " + companion.port() + ": " + companion;
        }
    }

    /// Another companion of the same port.
    record CompanionChanged(CompanionConfig before, CompanionConfig after) implements ConfigChange {
        @Override
        public String toString() {
            return "~ companion of port " + after.port() + ": " + before + " -> " + after;
        }
    }

    /// A route to a prefix that had none.
    record RouteAdded(RouteConfig route) implements ConfigChange {
        @Override
        public String toString() {
            return "+ route " + route;
        }
    }

    /// A route whose prefix has none any longer.
    record RouteRemoved(RouteConfig route) implements ConfigChange {
        @Override
        public String toString() {
            return "- route " + route;
        }
    }

    /// Another route to the same prefix.
    record RouteChanged(RouteConfig before, RouteConfig after) implements ConfigChange {
        @Override
        public String toString() {
            return "~ route " + before + " -> " + after;
        }
    }

    /// A static neighbor that was not there.
    record NeighborAdded(NeighborConfig neighbor) implements ConfigChange {
        @Override
        public String toString() {
            return "+ neighbor " + neighbor;
        }
    }

    /// A static neighbor that is there no longer.
    record NeighborRemoved(NeighborConfig neighbor) implements ConfigChange {
        @Override
        public String toString() {
            return "- neighbor " + neighbor;
        }
    }

    /// The same neighbor with another MAC address.
    record NeighborChanged(NeighborConfig before, NeighborConfig after) implements ConfigChange {
        @Override
        public String toString() {
            return "~ neighbor " + before + " -> " + after.mac();
        }
    }

    /// Routes come from another table of the kernel, or in another way.
    ///
    /// @param before null: from none
    /// @param after null: from none
    /// @param settings each that differs, where there is one before and after
    record NetlinkChanged(
            @Nullable NetlinkConfig before,
            @Nullable NetlinkConfig after,
            List<SettingChanged> settings)
            implements ConfigChange {
        public NetlinkChanged {
            settings = List.copyOf(settings);
        }

        @Override
        public String toString() {
            if (before == null) {
                return "+ source netlink: " + after;
            }
            return after == null
                    ? "- source netlink: " + before
                    : "~ source netlink: " + SettingChanged.joined(settings);
        }
    }

    /// A setting of the router as a whole, or of a port.
    ///
    /// @param key as in the file, from `stride` or from the port on
    /// @param restart whether a running daemon does not change it
    record SettingChanged(String key, String before, String after, boolean restart)
            implements ConfigChange {
        private static String joined(List<SettingChanged> settings) {
            return settings.stream()
                    .map(each -> each.key + " " + each.before + " -> " + each.after)
                    .collect(Collectors.joining(", "));
        }

        @Override
        public String toString() {
            return "~ "
                    + key
                    + " "
                    + before
                    + " -> "
                    + after
                    + (restart ? " (takes a restart)" : "");
        }
    }
}
