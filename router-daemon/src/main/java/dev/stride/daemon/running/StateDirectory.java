package dev.stride.daemon.running;

import dev.stride.daemon.config.DurableFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The directory of what outlives the daemon, for one daemon at a time. Without it a router runs as
/// well and remembers less.
final class StateDirectory implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("daemon");

    private static final String TAKEN = "another daemon has it; give each its own state.directory";

    private final @Nullable Path path;
    private final @Nullable FileChannel lock;

    private StateDirectory(@Nullable Path path, @Nullable FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /// Makes the directory where it is missing, and locks it.
    static StateDirectory open(Path path) {
        FileChannel channel = null;
        try {
            Files.createDirectories(path);
            channel =
                    FileChannel.open(
                            path.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock held = channel.tryLock();
            if (held != null) {
                return new StateDirectory(path, channel);
            }
            channel.close();
            refuse(path, TAKEN);
        } catch (OverlappingFileLockException e) {
            close(channel);
            refuse(path, TAKEN);
        } catch (IOException e) {
            close(channel);
            refuse(path, DurableFile.reason(e));
        }
        return new StateDirectory(null, null);
    }

    private static void refuse(Path path, String why) {
        LOG.log(
                System.Logger.Level.WARNING,
                "nothing is kept across restarts, since {0} cannot be used: {1}",
                path,
                why);
    }

    private static void close(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "while closing", e);
        }
    }

    /// A file or directory in it; null where nothing can be kept.
    @Nullable Path resolve(String name) {
        return path == null ? null : path.resolve(name);
    }

    @Override
    public void close() {
        close(lock);
    }
}
