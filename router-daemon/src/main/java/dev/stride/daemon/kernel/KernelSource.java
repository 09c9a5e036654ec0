package dev.stride.daemon.kernel;

import dev.stride.daemon.config.NetlinkConfig;
import dev.stride.daemon.source.RouteSink;
import dev.stride.io.linux.EventFd;
import dev.stride.io.linux.SyscallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Routes of a table of the kernel, on a thread of its own. When its sockets fail it opens others,
/// less and less often; its routes stay meanwhile.
public final class KernelSource implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("netlink");
    private static final long FIRST_PAUSE_MS = 250;
    private static final long MAX_PAUSE_MS = 15_000;
    private static final long JOIN_MS = 2000;

    private final NetlinkConfig config;
    private final long tag;
    private final Supplier<Map<String, Integer>> ports;
    private final KernelCounters counters = new KernelCounters();
    private final EventFd bell = new EventFd();
    private final Outlet outlet;
    private final KernelMirror mirror;
    private final Thread thread;
    private @Nullable KernelSession first; // until the thread has it
    private boolean swept; // the source's thread
    private volatile boolean stopped;

    private KernelSource(
            NetlinkConfig config, long tag, RouteSink sink, Supplier<Map<String, Integer>> ports) {
        this.config = config;
        this.tag = tag;
        this.ports = ports;
        outlet = new Outlet(sink, () -> stopped);
        mirror =
                new KernelMirror(
                        () -> new KernelState(config.table(), config.distance(), tag, ports.get()),
                        outlet);
        thread = Thread.ofPlatform().name("netlink").unstarted(this::run);
    }

    /// Opens the sockets; nothing is said before [#follow].
    ///
    /// @param tag of the routes in the RIB
    /// @param ports indexes of ports by the names of their interfaces in the namespace; any thread
    /// @throws UncheckedIOException when it cannot be, with the key that is wrong
    public static KernelSource open(
            NetlinkConfig config, long tag, RouteSink sink, Supplier<Map<String, Integer>> ports) {
        KernelSource source = new KernelSource(config, tag, sink, ports);
        try {
            source.first = source.session();
        } catch (IOException | SyscallException e) {
            source.bell.close();
            throw new UncheckedIOException(
                    new IOException("sources.netlink: " + e.getMessage() + advice(config), e));
        }
        return source;
    }

    /// Follows the table from now on. Routes of this kind of source that are in the RIB with
    /// another tag go once the table was read.
    public void follow() {
        thread.start();
    }

    private static String advice(NetlinkConfig config) {
        return config.netns() == null
                ? "; remove the source, or run where the kernel has rtnetlink"
                : "; correct sources.netlink.netns, or make it first: ip netns add "
                        + config.netns();
    }

    private KernelSession session() throws IOException {
        return KernelSession.open(config, mirror, counters, ports, this::wasRead);
    }

    /// The table was read as a whole by a new session.
    private void wasRead() {
        if (!swept) {
            swept = true;
            outlet.revise(said -> said.tag() == tag ? said : null, n -> {});
        }
    }

    private void run() {
        long pause = FIRST_PAUSE_MS;
        while (!stopped) {
            KernelSession opened = first;
            first = null;
            try (KernelSession now = opened == null ? session() : opened) {
                LOG.log(System.Logger.Level.INFO, "follows {0}", config);
                long before = counters.dumps().values().stream().mapToLong(n -> n).sum();
                try {
                    now.run(bell, () -> stopped);
                } finally {
                    boolean read =
                            counters.dumps().values().stream().mapToLong(n -> n).sum() > before;
                    pause = read ? FIRST_PAUSE_MS : pause;
                }
            } catch (IOException | RuntimeException e) {
                failed(e, pause);
                pause = Math.min(MAX_PAUSE_MS, 2 * pause);
            }
        }
    }

    private void failed(Exception e, long pause) {
        counters.addFailure();
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: {1}; its routes stay, tries again in {2} ms",
                config,
                e.getMessage(),
                pause);
        long end = System.nanoTime() + pause * 1_000_000;
        while (!stopped && System.nanoTime() - end < 0) {
            try {
                Thread.sleep(Math.min(pause, FIRST_PAUSE_MS));
            } catch (InterruptedException interrupted) {
                return; // by who stops us
            }
        }
    }

    /// What it has seen. Any thread.
    public KernelCounters counters() {
        return counters;
    }

    public NetlinkConfig config() {
        return config;
    }

    /// Follows the table no longer; its routes stay in the RIB.
    @Override
    public void close() {
        stopped = true;
        bell.ring();
        thread.interrupt();
        KernelSession unused = thread.getState() == Thread.State.NEW ? first : null;
        if (unused != null) {
            unused.close();
        }
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.log(System.Logger.Level.WARNING, "the thread of {0} does not stop", config);
        } else {
            bell.close();
        }
    }
}
