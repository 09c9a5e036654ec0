package dev.stride.daemon;

import dev.stride.daemon.config.ConfigChange;
import dev.stride.daemon.config.ConfigDiff;
import dev.stride.daemon.config.ConfigReader;
import dev.stride.daemon.config.Problem;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.control.Router.ReloadCounts;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reloads of the configuration file, and undoing them unless they are confirmed in time. Any
/// thread but the control thread and workers; one at a time.
final class Reloads implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("config");

    private final RunningConfig running;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().daemon().name("confirm").unstarted(task));
    private @Nullable ScheduledFuture<?> undo; // waits for a confirmation
    private long done;
    private long refused;

    Reloads(RunningConfig running) {
        this.running = running;
    }

    synchronized ReloadCounts counts() {
        return new ReloadCounts(done, refused);
    }

    /// What a reload would change.
    List<String> diff(Path file) {
        return lines(ConfigDiff.between(running.current(), read(file)));
    }

    private static List<String> lines(List<ConfigChange> changes) {
        return changes.stream().map(ConfigChange::toString).toList();
    }

    /// Makes a file the running configuration.
    ///
    /// @param confirmSeconds 0: no confirmation is waited for
    synchronized List<String> reload(Path file, int confirmSeconds) {
        List<ConfigChange> changes =
                counted(
                        () -> {
                            refuseWhileUnconfirmed();
                            return running.apply(read(file));
                        });
        LOG.log(System.Logger.Level.INFO, "reloaded {0}: {1} changes", file, changes.size());
        if (confirmSeconds > 0 && !changes.isEmpty()) {
            undo = clock.schedule(this::undo, confirmSeconds, TimeUnit.SECONDS);
        }
        return lines(changes);
    }

    private <T> T counted(Supplier<T> change) {
        try {
            T result = change.get();
            done++;
            return result;
        } catch (RefusedException e) {
            refused++;
            LOG.log(System.Logger.Level.WARNING, "not reloaded: {0}", e.getMessage());
            throw e;
        }
    }

    private void refuseWhileUnconfirmed() {
        if (undo != null) {
            throw new RefusedException(
                    "the last reload waits to be confirmed; `stride confirm` or `stride rollback`"
                            + " first");
        }
    }

    private static RouterConfig read(Path file) {
        ConfigReader.Result result = ConfigReader.read(file);
        RouterConfig config = result.config();
        if (config == null) {
            throw new RefusedException(
                    result.problems().stream()
                            .filter(problem -> !problem.warning())
                            .map(Problem::toString)
                            .collect(Collectors.joining("\n")));
        }
        return config;
    }

    /// Keeps the last reload.
    synchronized void confirm() {
        if (undo == null) {
            throw new RefusedException("there is nothing to confirm");
        }
        stopClock();
        LOG.log(System.Logger.Level.INFO, "the reload was confirmed");
    }

    private void stopClock() {
        ScheduledFuture<?> waiting = undo;
        undo = null;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    /// Goes back to the configuration before.
    synchronized List<String> rollback() {
        stopClock();
        return lines(counted(running::rollback));
    }

    private synchronized void undo() {
        if (undo == null) {
            return; // confirmed a moment ago
        }
        LOG.log(System.Logger.Level.WARNING, "the reload was not confirmed in time: undone");
        undo = null;
        try {
            List<ConfigChange> _ = running.rollback();
        } catch (RefusedException e) {
            LOG.log(System.Logger.Level.ERROR, "it could not be undone: {0}", e.getMessage());
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
