package dev.stride.io.port;

import dev.stride.io.linux.Namespace;
import dev.stride.io.linux.SyscallException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs what opens a port where its device or socket is.
public final class PortNamespace {
    private PortNamespace() {}

    /// Runs `action` in a network namespace.
    ///
    /// @param netns a name below /run/netns or a path; null for the daemon's own
    /// @throws PortException when the namespace cannot be entered
    public static <T> T call(String port, @Nullable String netns, Supplier<T> action) {
        if (netns == null) {
            return action.get();
        }
        try {
            return Namespace.call(Namespace.path(netns), action);
        } catch (SyscallException e) {
            throw new PortException(
                    port, e.what() + "; make the namespace with `ip netns add " + netns + "`");
        }
    }
}
