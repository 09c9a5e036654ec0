package dev.stride.daemon.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Routes of a table of the kernel.
///
/// @param table its number
/// @param netns the network namespace that it is in; null: the daemon's
/// @param distance administrative distance of the routes
/// @param receiveBuffer bytes of notifications that may wait
/// @param audit time after which the whole table is read again in any case
public record NetlinkConfig(
        int table, @Nullable String netns, int distance, int receiveBuffer, Duration audit) {
    /// For the log.
    @Override
    public String toString() {
        return "kernel table " + table + (netns == null ? "" : " in namespace " + netns);
    }
}
