package dev.stride.daemon.source;

import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Route;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Carries routes to the RIB, in the order of the calls. Both methods return false when too much
/// waits already; then nothing was taken. Callbacks run on any thread.
public interface RouteSink {
    /// Withdraws routes of the source and puts others, all at once.
    boolean change(List<Destination> gone, List<Route> put, Runnable done);

    /// Up to `limit` prefixes of the main table that anybody has routes to, with these, from `from`
    /// on in order of their family; behind everything that was handed over before. Null when too
    /// much waits.
    @Nullable CompletableFuture<List<Entry>> page(IpPrefix from, int limit);

    /// Looks once at every route of the source in every table, a page at a time; others may change
    /// routes in between.
    ///
    /// @param rule what a route is to say; null withdraws it. Runs on the control thread
    /// @param done is told how many routes changed
    boolean revise(Function<Attributes, @Nullable Attributes> rule, IntConsumer done);
}
