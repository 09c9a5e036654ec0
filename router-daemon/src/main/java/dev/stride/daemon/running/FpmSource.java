package dev.stride.daemon.running;

import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.FpmConfig;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.fpm.FpmServer;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The FPM server of the running router, which a reload may start, move or end. One change at a
/// time; [#server] any thread.
final class FpmSource implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("daemon");
    private static final long RETRY_NANOS = 10_000_000;

    /// A change that is prepared: one of the two is to run.
    record Change(Runnable make, Runnable undo) {
        static final Change NONE = new Change(() -> {}, () -> {});
    }

    private final ControlClient client;
    private final SourceRoutes routes;
    private volatile @Nullable FpmServer server;
    private @Nullable FpmConfig config;

    FpmSource(ControlClient client) {
        this.client = client;
        routes = new SourceRoutes(client.control(), RouteSource.FPM);
    }

    /// The server that runs; null for none.
    @Nullable FpmServer server() {
        return server;
    }

    /// Starts the server where one is wanted.
    ///
    /// @throws UncheckedIOException when its address cannot be had
    void start(@Nullable FpmConfig wanted) {
        if (wanted != null) {
            begin(open(wanted), wanted);
        }
    }

    private FpmServer open(FpmConfig wanted) {
        return FpmServer.start(
                wanted,
                routes,
                client.control().state()::isOwn,
                client.control().tables()::ofId,
                client.control().companions()::devices);
    }

    private void begin(FpmServer made, FpmConfig wanted) {
        server = made;
        config = wanted;
        LOG.log(System.Logger.Level.INFO, "FPM server on {0}", made.address());
    }

    /// Prepares other settings: a new address is bound already, the old one still listens.
    ///
    /// @throws RefusedException when the address cannot be had
    Change prepare(@Nullable FpmConfig wanted) {
        FpmServer running = server;
        if (Objects.equals(wanted, config)) {
            return Change.NONE;
        }
        if (wanted == null) {
            return new Change(this::end, () -> {});
        }
        try {
            if (running == null) {
                FpmServer made = open(wanted);
                return new Change(() -> begin(made, wanted), made::close);
            }
            FpmServer.Move move = running.prepare(wanted);
            return new Change(
                    () -> {
                        running.make(move);
                        begin(running, wanted);
                    },
                    move::undo);
        } catch (UncheckedIOException e) {
            throw new RefusedException(
                    String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()));
        }
    }

    /// Without the source its routes go, too.
    private void end() {
        close();
        config = null;
        withdraw(said -> null, FpmSource::withdrawn);
    }

    /// Changes or, where `rule` says null, withdraws routes.
    ///
    /// @param done is told how many
    void withdraw(Function<Attributes, @Nullable Attributes> rule, IntConsumer done) {
        while (!routes.revise(rule, done)) {
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /// Lets zebra say everything anew, where it is connected. Any thread.
    void sayAgain() {
        FpmServer running = server;
        if (running != null) {
            running.sayAgain();
        }
    }

    /// Whether zebra has ever connected.
    boolean hasHeardZebra() {
        FpmServer running = server;
        return running != null && running.counters().generation() > 0;
    }

    private static void withdrawn(int count) {
        LOG.log(
                System.Logger.Level.INFO,
                "the FPM server has ended; {0} routes of {1} are withdrawn",
                count,
                RouteSource.FPM.label());
    }

    @Override
    public void close() {
        FpmServer running = server;
        server = null;
        if (running != null) {
            running.close();
        }
    }
}
