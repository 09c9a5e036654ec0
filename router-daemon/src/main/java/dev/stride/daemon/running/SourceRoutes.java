package dev.stride.daemon.running;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.RibTable;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.live.Control;
import dev.stride.daemon.live.ControlCommand;
import dev.stride.daemon.source.RouteSink;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Routes of a source on their way to the control thread.
record SourceRoutes(Control control, RouteSource source) implements RouteSink {
    private static final Destination FIRST = new Destination(new Ip4Prefix(0, 0));

    @Override
    public boolean change(List<Destination> gone, List<Route> put, Runnable done) {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        CompletableFuture<?> _ = future.whenComplete((ok, failure) -> done.run());
        return control.submit(new ControlCommand.ReplaceRoutes(source, gone, put, future));
    }

    @Override
    public @Nullable CompletableFuture<List<Entry>> page(IpPrefix from, int limit) {
        CompletableFuture<List<Entry>> page = new CompletableFuture<>();
        boolean taken =
                control.submit(new ControlCommand.Read<>(c -> main(c).page(from, limit), page));
        return taken ? page : null;
    }

    private static RibTable main(Control control) {
        return control.tables().from(Destination.MAIN).routes();
    }

    @Override
    public boolean revise(Function<Attributes, @Nullable Attributes> rule, IntConsumer done) {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        CompletableFuture<?> _ =
                future.whenComplete((n, failure) -> done.accept(n == null ? 0 : n));
        return control.submit(new ControlCommand.ReviseRoutes(source, rule, FIRST, 0, future));
    }
}
