package dev.stride.daemon.running;

import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.SlowPath;
import dev.stride.daemon.config.History;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.config.SnapshotConfig;
import dev.stride.daemon.control.ControlCounters;
import dev.stride.daemon.control.ControlServer;
import dev.stride.daemon.control.Router;
import dev.stride.daemon.kernel.LinkWatch;
import dev.stride.daemon.live.Control;
import dev.stride.daemon.systemd.SdNotify;
import dev.stride.daemon.web.HttpServer;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.linux.Threads;
import dev.stride.io.worker.Strays;
import dev.stride.io.worker.Worker;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The wiring: starts everything in order and stops it in reverse. Use from one thread.
public final class Daemon implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("daemon");
    private static final long JOIN_MS = 1000;
    private static final long PROBES_MS = 20_000; // longer than the longest probe time
    private static final long STALE_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int HELD_NEIGHBORS = 128;

    private final Deque<Runnable> stops = new ArrayDeque<>(); // in reverse
    private Supplier<List<String>> reload = List::of;

    private Daemon() {}

    /// Starts a router. When a step fails, what was started is stopped again.
    ///
    /// @param text the whole of the configuration in one, see
    ///   [dev.stride.daemon.config.ConfigReader]
    /// @throws dev.stride.io.port.PortException when a port cannot be opened
    /// @throws java.io.UncheckedIOException when a socket cannot be opened
    public static Daemon start(Path file, RouterConfig config, String text) {
        Daemon daemon = new Daemon();
        try {
            daemon.startAll(file, config, text);
            return daemon;
        } catch (RuntimeException | Error e) {
            daemon.close();
            throw e;
        }
    }

    private void startAll(Path file, RouterConfig config, String text) {
        // (1) Tables and workers
        Quiescence quiescence = new Quiescence();
        ForwardingState state = new ForwardingState(quiescence);
        Control control =
                new Control(
                        state,
                        quiescence,
                        timing(config),
                        config.resolution().probeTime().toNanos(),
                        System::nanoTime);
        int count = workerCount(config);
        Path directory = BugFiles.directory(config.control().socket());
        BugFiles bugs = new BugFiles(directory, Version.TEXT, new PortNames(state)::name);
        thread("bug-files", bugs, bugs::stop);
        List<Worker> workers = workers(config, count, state, quiescence, control, bugs);
        control.attach(workers);
        // (2) Routing tables and ports
        config.tables().forEach(control.tables()::add);
        stops.push(() -> control.ports().all().forEach(live -> live.port().close()));
        stops.push(() -> control.companions().close());
        for (PortConfig each : RouterConfig.parentsFirst(config.ports())) {
            boolean on = !config.portsOff().contains(each.name());
            control.ports().install(each, Ports.open(each, count), on);
        }
        // (3) Routes and neighbors, once somebody answers
        thread("control", control, control::stop);
        LinkWatch links = new LinkWatch(control.ports()::namespaces, control::linksChanged);
        thread("links", links, links::stop);
        ControlClient client = new ControlClient(control);
        FpmSource fpm = new FpmSource(client);
        RunningSource source = new RunningSource(client);
        RunningConfig running = new RunningConfig(client, config, count, fpm, source);
        StateDirectory kept = StateDirectory.open(config.state().directory());
        stops.push(kept::close);
        History history = History.open(kept.resolve("generations"));
        history.add(text, "start of the daemon");
        Reloads reloads = new Reloads(running, history);
        stops.push(reloads::close);
        // (4) The workers
        for (Worker worker : workers) {
            List<Integer> cpus = config.workers().cpus();
            Runnable body = cpus.isEmpty() ? worker : pinned(worker, cpus);
            thread("worker-" + worker.index(), body, worker::stop);
        }
        stops.push(() -> goodbye(client));
        running.startCompanions();
        // (5) What others talk to
        Snapshots snapshots = snapshots(config, kept, client, fpm);
        stops.push(fpm::close);
        fpm.start(config.fpm());
        running.onNewIds(fpm::sayAgain);
        if (config.netlink() != null) {
            source.follow(source.open(config.netlink()));
        }
        stops.push(source::close);
        ControlCounters counters = new ControlCounters();
        RunningRouter router =
                new RunningRouter(
                        file, running, reloads, client, workers, fpm, source, snapshots, counters);
        reload = () -> router.reload(null, 0, false);
        ControlServer socket =
                ControlServer.start(
                        config.control(), router, GroupAccess.of(config.control()), counters);
        stops.push(socket::close);
        HttpServer http = HttpServer.start(config.metricsListen().socketAddress(), router);
        stops.push(http::close);
        // (6) Addresses that can be spoken to
        boolean _ =
                control.probes()
                        .settled()
                        .completeOnTimeout(false, PROBES_MS, TimeUnit.MILLISECONDS)
                        .join();
        LOG.log(
                System.Logger.Level.INFO,
                "ready: {0} ports, {1} workers, control socket {2}, metrics on http://{3}/metrics",
                config.ports().size(),
                workers.size(),
                config.control().socket(),
                http.address());
        SdNotify.ready();
        stops.push(SdNotify::stopping);
    }

    /// Null where routes are not to outlive the daemon, or cannot.
    private @Nullable Snapshots snapshots(
            RouterConfig config, StateDirectory kept, ControlClient client, FpmSource fpm) {
        SnapshotConfig settings = config.state().snapshot();
        Path file = kept.resolve("routes");
        if (settings == null || file == null || config.fpm() == null) {
            return null;
        }
        Snapshots snapshots = new Snapshots(settings, file, client, fpm);
        stops.push(snapshots::close);
        snapshots.start();
        return snapshots;
    }

    /// While there still are workers.
    private static void goodbye(ControlClient client) {
        boolean _ =
                client.read(
                        control -> {
                            control.sayGoodbye();
                            return true;
                        });
    }

    /// A worker that runs on its CPU, or wherever the kernel puts it when it may not.
    private static Runnable pinned(Worker worker, List<Integer> cpus) {
        int cpu = cpus.get(worker.index() % cpus.size());
        return () -> {
            try {
                Threads.pinTo(cpu);
            } catch (SyscallException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "worker {0} is not pinned: {1}",
                        worker.index(),
                        e.what());
            }
            worker.run();
        };
    }

    static NeighborTable.Timing timing(RouterConfig config) {
        return new NeighborTable.Timing(
                config.resolution().retransmitTime().toNanos(),
                config.resolution().attempts(),
                config.resolution().reachableTime().toNanos(),
                STALE_NANOS,
                config.resolution().tableLimit(),
                config.resolution().unresolvedLimit(),
                config.resolution().verifyChanges());
    }

    /// As many as are wanted; by itself no more than there are queues to read.
    private static int workerCount(RouterConfig config) {
        int spare = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
        int queues = config.ports().stream().mapToInt(PortConfig::queues).sum();
        return config.workers().isAuto()
                ? Math.max(1, Math.min(spare, queues))
                : config.workers().count();
    }

    /// What each of `count` workers may say, to each port.
    static SlowPath.Limits limits(RouterConfig config, int count) {
        return new SlowPath.Limits(
                (double) config.icmp().errorsPerSecond() / count,
                config.icmp().burst(),
                (double) config.icmp().echoesPerSecond() / count,
                config.icmp().echoBurst(),
                (double) config.icmp().tcpResetsPerSecond() / count,
                (double) config.icmp().redirectsPerSecond() / count,
                HELD_NEIGHBORS,
                config.resolution().holdPackets());
    }

    private static List<Worker> workers(
            RouterConfig config,
            int count,
            ForwardingState state,
            Quiescence quiescence,
            Control control,
            BugFiles bugs) {
        SlowPath.Limits limits = limits(config, count);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            workers.add(new Worker(i, state, quiescence, control, limits, config.idle(), bugs));
        }
        Strays.share(workers);
        return workers;
    }

    private void thread(String name, Runnable body, Runnable stop) {
        Thread thread =
                Thread.ofPlatform()
                        .name(name)
                        .uncaughtExceptionHandler(
                                (t, e) ->
                                        LOG.log(
                                                System.Logger.Level.ERROR,
                                                t.getName() + " died",
                                                e))
                        .start(body);
        stops.push(
                () -> {
                    stop.run();
                    try {
                        thread.join(JOIN_MS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    if (thread.isAlive()) {
                        LOG.log(System.Logger.Level.WARNING, "{0} does not stop", name);
                    }
                });
    }

    /// Reloads the configuration file; what came of it is in the log.
    public void reload() {
        try {
            List<String> _ = reload.get();
        } catch (Router.RefusedException e) {
            // The log says why.
        }
    }

    /// Stops everything in the reverse order of its start.
    @Override
    public void close() {
        LOG.log(System.Logger.Level.INFO, "stopping");
        while (!stops.isEmpty()) {
            try {
                stops.pop().run();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "while stopping", e);
            }
        }
        LOG.log(System.Logger.Level.INFO, "stopped");
    }
}
