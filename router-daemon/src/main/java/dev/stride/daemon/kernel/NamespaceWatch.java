package dev.stride.daemon.kernel;

import dev.stride.io.linux.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A network namespace by its name, and whether the name still means the same one: an open socket
/// keeps a namespace alive that nobody else can reach any more.
final class NamespaceWatch {
    private final @Nullable Path file; // null: the daemon's own
    private final @Nullable Object identity;

    /// @param netns null for the daemon's own
    /// @throws IOException when there is none of that name
    NamespaceWatch(@Nullable String netns) throws IOException {
        file = netns == null ? null : Path.of(Namespace.path(netns));
        identity = identity();
    }

    private @Nullable Object identity() throws IOException {
        if (file == null) {
            return null;
        }
        if (!Files.exists(file)) {
            throw new IOException("there is no network namespace " + file);
        }
        return Files.getAttribute(file, "unix:ino");
    }

    /// Runs something within.
    <T> T call(Supplier<T> action) {
        return file == null ? action.get() : Namespace.call(file.toString(), action);
    }

    /// @throws IOException when the namespace has gone, or its name has gone to another
    void check() throws IOException {
        if (!Objects.equals(identity(), identity)) {
            throw new IOException(file + " is another network namespace now");
        }
    }
}
