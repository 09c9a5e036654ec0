package dev.stride.daemon.running;

import dev.stride.daemon.config.ConfigReader;
import dev.stride.daemon.config.DurableFile;
import dev.stride.daemon.config.Generation;
import dev.stride.daemon.config.History;
import dev.stride.daemon.config.LiveChanges;
import dev.stride.daemon.config.LiveSave;
import dev.stride.daemon.config.Problem;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.control.Router.GenerationView;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.control.Router.ReloadCounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reloads of the configuration, going back to earlier ones, and saving of live changes. Any thread
/// but the control thread and workers; one at a time, and who comes second is refused.
final class Reloads implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("config");

    private final RunningConfig running;
    private final History history;
    private final ReentrantLock lock = new ReentrantLock();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().daemon().name("confirm").unstarted(task));
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong saved = new AtomicLong();
    private final AtomicLong notSaved = new AtomicLong();
    private @Nullable Undo undo; // waits for a confirmation; guarded by the lock

    /// How things were before a reload that waits to be confirmed.
    private record Undo(Generation to, LiveChanges live, ScheduledFuture<?> when) {}

    /// @param history has the configuration that runs
    Reloads(RunningConfig running, History history) {
        this.running = running;
        this.history = history;
    }

    ReloadCounts counts() {
        return new ReloadCounts(done.get(), refused.get(), saved.get(), notSaved.get());
    }

    /// Does it unless another is under way.
    private <T> T alone(AtomicLong good, AtomicLong bad, String failed, Supplier<T> change) {
        try {
            if (!lock.tryLock()) {
                throw new RefusedException(
                        "another reload, rollback or save is under way; try again when it is done");
            }
            try {
                T result = change.get();
                good.incrementAndGet();
                return result;
            } finally {
                lock.unlock();
            }
        } catch (RefusedException e) {
            bad.incrementAndGet();
            LOG.log(System.Logger.Level.WARNING, "{0}: {1}", failed, e.getMessage());
            throw e;
        }
    }

    private <T> T reloading(Supplier<T> change) {
        return alone(done, refused, "not reloaded", change);
    }

    /// What a reload would change.
    List<String> diff(Path file) {
        return running.difference(config(ConfigReader.read(file)), LiveChanges.NONE);
    }

    /// What a rollback would change.
    List<String> diff(int generation) {
        return running.difference(config(ConfigReader.read(kept(generation))), LiveChanges.NONE);
    }

    /// Makes a file the running configuration.
    ///
    /// @param confirmSeconds 0: no confirmation is waited for
    /// @param keepLive whether changes by command stay
    List<String> reload(Path file, int confirmSeconds, boolean keepLive) {
        return reloading(
                () -> {
                    refuseWhileUnconfirmed();
                    ConfigReader.Result read = ConfigReader.read(file);
                    LiveChanges live = running.live();
                    Generation before = history.current();
                    RouterConfig config = config(read);
                    List<String> changes =
                            running.apply(config, keepLive ? live : LiveChanges.NONE);
                    history.add(read.text(), "reload of " + file);
                    LOG.log(
                            System.Logger.Level.INFO,
                            "reloaded {0}: {1} changes",
                            file,
                            changes.size());
                    if (confirmSeconds > 0 && !changes.isEmpty() && before != null) {
                        undo =
                                new Undo(
                                        before,
                                        live,
                                        clock.schedule(
                                                this::undo, confirmSeconds, TimeUnit.SECONDS));
                    }
                    return changes;
                });
    }

    private void refuseWhileUnconfirmed() {
        if (undo != null) {
            throw new RefusedException(
                    "the last reload waits to be confirmed; `stride confirm` or `stride rollback`"
                            + " first");
        }
    }

    private static RouterConfig config(ConfigReader.Result result) {
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
    void confirm() {
        lock.lock();
        try {
            if (undo == null) {
                throw new RefusedException("there is nothing to confirm");
            }
            stopClock();
            LOG.log(System.Logger.Level.INFO, "the reload was confirmed");
        } finally {
            lock.unlock();
        }
    }

    private void stopClock() {
        if (undo != null) {
            undo.when().cancel(false);
            undo = null;
        }
    }

    /// Goes back to an earlier configuration. Changes by command go, but for those that a reload
    /// took away which waits to be confirmed: they come back.
    ///
    /// @param generation its number; 0: the one before
    List<String> rollback(int generation) {
        return reloading(
                () -> {
                    Undo waiting = undo;
                    List<String> changes =
                            waiting != null && generation == 0
                                    ? back(waiting.to(), waiting.live())
                                    : back(kept(generation), LiveChanges.NONE);
                    stopClock();
                    return changes;
                });
    }

    private Generation kept(int number) {
        lock.lock();
        try {
            Generation to = number == 0 ? history.previous() : history.get(number);
            if (to == null) {
                throw new RefusedException(
                        number == 0
                                ? "there is no earlier configuration to go back to"
                                : "there is no generation "
                                        + number
                                        + "; `stride show history` lists them");
            }
            return to;
        } finally {
            lock.unlock();
        }
    }

    private List<String> back(Generation to, LiveChanges live) {
        List<String> changes = running.apply(config(ConfigReader.read(to)), live);
        history.back(to);
        LOG.log(
                System.Logger.Level.INFO,
                "back to generation {0}: {1} changes; the file is as it was",
                to.number(),
                changes.size());
        return changes;
    }

    private void undo() {
        lock.lock();
        try {
            Undo waiting = undo;
            if (waiting == null) {
                return; // confirmed a moment ago
            }
            LOG.log(System.Logger.Level.WARNING, "the reload was not confirmed in time: undone");
            undo = null;
            List<String> _ = back(waiting.to(), waiting.live());
        } catch (RefusedException e) {
            LOG.log(System.Logger.Level.ERROR, "it could not be undone: {0}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    /// Writes the changes by command into the configuration.
    ///
    /// @return them, a line each
    List<String> save(Path file) {
        return alone(saved, notSaved, "not saved", () -> saveTo(file));
    }

    private List<String> saveTo(Path file) {
        ConfigReader.Result read = ConfigReader.read(file);
        LiveChanges live = running.live().beyond(config(read));
        if (live.isEmpty()) {
            return List.of();
        }
        try {
            Path where = LiveSave.save(file, live);
            List<String> lines = LiveChanges.NONE.linesTo(live);
            LOG.log(System.Logger.Level.INFO, "{0} live changes saved in {1}", lines.size(), where);
            return lines;
        } catch (IllegalArgumentException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new RefusedException(DurableFile.reason(e) + "; the configuration is as it was");
        }
    }

    /// The configurations that can be gone back to, and the one that runs.
    List<GenerationView> history() {
        lock.lock();
        try {
            Generation current = history.current();
            return history.all().stream()
                    .map(
                            each ->
                                    new GenerationView(
                                            each.number(),
                                            each.time().toString(),
                                            each.cause(),
                                            each.equals(current)))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
