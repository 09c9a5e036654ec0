package dev.stride.daemon.config;

import java.time.Duration;

/// Routes of FPM that outlive the daemon.
///
/// @param interval between two snapshots while it runs
/// @param maxAge an older snapshot is not used
/// @param hold so long after the start, zebra must have connected; otherwise its routes go
public record SnapshotConfig(Duration interval, Duration maxAge, Duration hold) {}
