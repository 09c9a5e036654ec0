package dev.stride.daemon.kernel;

import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Route;
import dev.stride.daemon.source.RouteSink;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Hands batches to a [RouteSink] and waits while too many are on the way: then the kernel keeps
/// what is to be read. The source's thread only.
final class Outlet {
    private static final int MAX_ON_THE_WAY = 4;
    private static final long RETRY_MS = 10;
    private static final long LOOK_MS = 250;

    private final RouteSink sink;
    private final BooleanSupplier stopped;
    private final Semaphore free = new Semaphore(MAX_ON_THE_WAY);

    /// @param stopped whether nothing is to be waited for any more
    Outlet(RouteSink sink, BooleanSupplier stopped) {
        this.sink = sink;
        this.stopped = stopped;
    }

    /// Returns when the sink has taken it, which may be before it is done.
    void change(List<Destination> gone, List<Route> put) {
        while (!stopped.getAsBoolean()) {
            if (acquire()) {
                if (sink.change(gone, put, free::release)) {
                    return;
                }
                free.release();
                pause();
            }
        }
    }

    /// [RouteSink#page], waited for; empty when there is nothing to wait for any more.
    List<Entry> page(IpPrefix from, int limit) {
        CompletableFuture<List<Entry>> page = null;
        while (!stopped.getAsBoolean()) {
            if (page == null) {
                page = sink.page(from, limit);
            }
            if (page == null) {
                pause();
                continue;
            }
            try {
                return page.get(LOOK_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException | InterruptedException e) {
                // looks whether to go on
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return List.of();
    }

    /// The same for [RouteSink#revise].
    void revise(Function<Attributes, @Nullable Attributes> rule, IntConsumer done) {
        while (!stopped.getAsBoolean() && !sink.revise(rule, done)) {
            pause();
        }
    }

    boolean isStopped() {
        return stopped.getAsBoolean();
    }

    private boolean acquire() {
        try {
            return free.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return false; // by who stops us
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MS);
        } catch (InterruptedException e) {
            // as above
        }
    }
}
