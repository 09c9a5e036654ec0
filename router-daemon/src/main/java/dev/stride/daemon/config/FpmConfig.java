package dev.stride.daemon.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Routes from FRR's zebra over FPM.
///
/// @param listen where zebra connects to
/// @param netns the network namespace that it listens in; null: the daemon's
/// @param distance administrative distance of the routes
/// @param hold at least so long after a reconnect, routes that were not sent again stay
/// @param quiet so long nothing must have come before they go
/// @param offloadStatus whether zebra is told which of its routes are in the FIB
public record FpmConfig(
        ListenAddress listen,
        @Nullable String netns,
        int distance,
        Duration hold,
        Duration quiet,
        boolean offloadStatus) {}
