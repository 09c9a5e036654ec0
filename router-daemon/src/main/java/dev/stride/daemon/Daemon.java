package dev.stride.daemon;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.InterfaceAddress;
import dev.stride.daemon.config.NeighborConfig;
import dev.stride.daemon.config.PacketPort;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.RouteConfig;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.config.TapPort;
import dev.stride.daemon.control.ControlServer;
import dev.stride.daemon.systemd.SdNotify;
import dev.stride.daemon.web.HttpServer;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.linux.Threads;
import dev.stride.io.packet.DeviceOptions;
import dev.stride.io.packet.DevicePort;
import dev.stride.io.port.Port;
import dev.stride.io.tap.Tap;
import dev.stride.io.tap.TapOptions;
import dev.stride.io.worker.Worker;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The wiring: starts everything in order and stops it in reverse. Use from one thread.
public final class Daemon implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("daemon");
    private static final long JOIN_MS = 1000;
    private static final long STALE_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int HELD_NEIGHBORS = 128;

    private final Deque<Runnable> stops = new ArrayDeque<>(); // in reverse

    private Daemon() {}

    /// Starts a router. When a step fails, what was started is stopped again.
    ///
    /// @throws dev.stride.io.port.PortException when a port cannot be opened
    /// @throws java.io.UncheckedIOException when a socket cannot be opened
    public static Daemon start(Path file, RouterConfig config) {
        Daemon daemon = new Daemon();
        try {
            daemon.startAll(file, config);
            return daemon;
        } catch (RuntimeException | Error e) {
            daemon.close();
            throw e;
        }
    }

    private void startAll(Path file, RouterConfig config) {
        // (1) Ports
        int count = workerCount(config);
        List<Port> ports = new ArrayList<>();
        for (PortConfig each : config.ports()) {
            Port port = open(each, count);
            stops.push(port::close);
            ports.add(port);
        }
        // (2) Tables, with what the configuration says
        Quiescence quiescence = new Quiescence();
        ForwardingState state = new ForwardingState(quiescence);
        state.publishPorts(portStates(config, ports));
        Control control = new Control(state, quiescence, ports, timing(config));
        // (3) Workers
        List<Worker> workers = workers(config, count, ports, state, quiescence, control);
        control.attach(workers);
        control.installConnected();
        // (4) The control thread, then the workers: nobody asks before somebody answers
        thread("control", control, control::stop);
        configure(control, config, state);
        for (Worker worker : workers) {
            List<Integer> cpus = config.workers().cpus();
            Runnable body = cpus.isEmpty() ? worker : pinned(worker, cpus);
            thread("worker-" + worker.index(), body, worker::stop);
        }
        // (5) What others talk to
        RunningRouter router = new RunningRouter(file, config, control, workers);
        ControlServer socket = ControlServer.start(config.controlSocket(), router);
        stops.push(socket::close);
        HttpServer http = HttpServer.start(config.metricsListen().socketAddress(), router);
        stops.push(http::close);
        LOG.log(
                System.Logger.Level.INFO,
                "ready: {0} ports, {1} workers, control socket {2}, metrics on http://{3}/metrics",
                ports.size(),
                workers.size(),
                config.controlSocket(),
                http.address());
        SdNotify.ready();
        stops.push(SdNotify::stopping);
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

    /// @param workers that there will be: a queue more would have nobody who reads it
    private static Port open(PortConfig config, int workers) {
        int queues = Math.min(config.queues(), workers);
        return switch (config) {
            case TapPort tap ->
                    Tap.open(
                            new TapOptions(
                                    tap.name(),
                                    tap.device(),
                                    tap.mtu(),
                                    queues,
                                    tap.offload(),
                                    tap.persist(),
                                    tap.hostNetns()));
            case PacketPort packet ->
                    DevicePort.open(
                            new DeviceOptions(
                                    packet.name(),
                                    packet.device(),
                                    packet.netns(),
                                    packet.mac() == null ? -1 : packet.mac().bits(),
                                    packet.mtu(),
                                    packet.promiscuous(),
                                    queues));
        };
    }

    private static PortState[] portStates(RouterConfig config, List<Port> ports) {
        PortState[] states = new PortState[ports.size()];
        for (int i = 0; i < states.length; i++) {
            PortConfig port = config.ports().get(i);
            states[i] =
                    new PortState(
                            i,
                            port.name(),
                            port.mac() == null ? ports.get(i).mac() : port.mac().bits(),
                            port.mtu() == 0 ? ports.get(i).mtu() : port.mtu(),
                            ports.get(i).isUp(),
                            port.addresses4().stream().map(Daemon::address).toList());
        }
        return states;
    }

    private static PortState.Address address(InterfaceAddress address) {
        return new PortState.Address(((Ip4Address) address.address()).bits(), address.length());
    }

    private static NeighborTable.Timing timing(RouterConfig config) {
        return new NeighborTable.Timing(
                config.arp().retransmitTime().toNanos(),
                config.arp().attempts(),
                config.arp().reachableTime().toNanos(),
                STALE_NANOS,
                config.arp().tableLimit());
    }

    /// As many as are wanted, but no more than there are queues to read.
    private static int workerCount(RouterConfig config) {
        int spare = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
        int wanted = config.workers().isAuto() ? spare : config.workers().count();
        int queues = config.ports().stream().mapToInt(PortConfig::queues).sum();
        return Math.max(1, Math.min(wanted, queues));
    }

    /// Whether a worker has a queue of a port: the port's first is with the worker of its index.
    private static boolean receives(PortConfig config, int port, int worker, int workers) {
        return Math.floorMod(worker - port, workers) < config.queues();
    }

    private static List<Worker> workers(
            RouterConfig config,
            int count,
            List<Port> ports,
            ForwardingState state,
            Quiescence quiescence,
            Control control) {
        SlowPath.Limits limits =
                new SlowPath.Limits(
                        (double) config.icmp().errorsPerSecond() / count,
                        config.icmp().burst(),
                        (double) config.icmp().echoesPerSecond() / count,
                        config.icmp().echoBurst(),
                        HELD_NEIGHBORS,
                        config.arp().holdPackets());
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = i;
            workers.add(
                    new Worker(
                            i,
                            ports,
                            port -> receives(config.ports().get(port), port, index, count),
                            state,
                            quiescence,
                            control,
                            limits,
                            config.idle()));
        }
        return workers;
    }

    /// Hands routes and neighbors of the configuration to the control thread and waits until they
    /// are in.
    private static void configure(Control control, RouterConfig config, ForwardingState state) {
        for (NeighborConfig neighbor : config.neighbors()) {
            if (neighbor.address() instanceof Ip4Address address) {
                int port = portIndex(state, neighbor.port());
                await(
                        control,
                        d -> new Control.Command.PutNeighbor(port, address, neighbor.mac(), d));
            }
        }
        List<Route> routes = new ArrayList<>();
        for (RouteConfig route : config.routes()) {
            if (route.to() instanceof Ip4Prefix prefix) {
                routes.add(route(prefix, route, state));
            }
        }
        await(control, done -> new Control.Command.PutRoutes(routes, done));
    }

    /// One command at a time: the queue is bounded, and what it refuses nobody would complete.
    private static void await(
            Control control, Function<CompletableFuture<Boolean>, Control.Command> command) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        if (!control.submit(command.apply(done))) {
            throw new IllegalStateException("the control thread takes no command at start");
        }
        done.join();
    }

    private static Route route(Ip4Prefix prefix, RouteConfig config, ForwardingState state) {
        List<Route.Gateway> gateways =
                config.via().stream()
                        .filter(via -> via.address() instanceof Ip4Address)
                        .map(
                                via ->
                                        new Route.Gateway(
                                                (Ip4Address) via.address(),
                                                via.port() == null
                                                        ? -1
                                                        : portIndex(state, via.port()),
                                                via.weight()))
                        .toList();
        Route.Kind kind =
                switch (config.kind()) {
                    case UNICAST -> Route.Kind.UNICAST;
                    case BLACKHOLE -> Route.Kind.BLACKHOLE;
                    case UNREACHABLE -> Route.Kind.UNREACHABLE;
                    case PROHIBIT -> Route.Kind.PROHIBIT;
                };
        return new Route(
                prefix,
                new Attributes(
                        RouteSource.STATIC,
                        kind,
                        gateways,
                        -1,
                        config.distance(),
                        config.metric()));
    }

    private static int portIndex(ForwardingState state, String name) {
        for (PortState port : state.ports()) {
            if (port.name().equals(name)) {
                return port.index();
            }
        }
        throw new IllegalArgumentException("no port " + name); // the configuration was checked
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
