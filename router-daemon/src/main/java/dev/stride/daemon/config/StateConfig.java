package dev.stride.daemon.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What outlives the daemon.
///
/// @param directory of files that the daemon writes
/// @param snapshot null: routes do not
public record StateConfig(Path directory, @Nullable SnapshotConfig snapshot) {}
