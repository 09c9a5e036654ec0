package dev.stride.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The control socket, and who may do what with it.
///
/// @param socket its path
/// @param mode permissions of the file in octal digits, which decide who can connect; null: 0660,
///   or 0666 where there is a read-only group
/// @param group whose members may change things, and that the file is given to; null: the daemon's
/// @param readOnlyGroup whose members may look; null: whoever can connect may
/// @param writeTimeout a client that takes nothing of its answers for so long is disconnected
public record ControlConfig(
        Path socket,
        @Nullable String mode,
        @Nullable String group,
        @Nullable String readOnlyGroup,
        Duration writeTimeout) {
    /// The mode in force.
    public int effectiveMode() {
        if (mode != null) {
            return Integer.parseInt(mode, 8);
        }
        return readOnlyGroup == null ? 0660 : 0666;
    }

    /// Without names of groups.
    public static ControlConfig of(Path socket) {
        return new ControlConfig(socket, null, null, null, Duration.ofSeconds(30));
    }
}
