package dev.stride.daemon.live;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.forward.CompanionRates;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.CompanionConfig;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.TableConfig;
import dev.stride.io.companion.CompanionPort;
import dev.stride.io.port.Port;
import dev.stride.io.worker.IdlePolicy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What other threads may ask of the control thread. `done` completes on the control thread.
public sealed interface ControlCommand {
    CompletableFuture<?> done();

    /// All at once: nothing else happens between them.
    record PutRoutes(List<Route> routes, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// Withdraws a source's routes and puts others, all at once.
    record ReplaceRoutes(
            RouteSource source,
            List<Destination> gone,
            List<Route> put,
            CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// Looks at every route of a source in every table, a page at a time: other commands come in
    /// between.
    ///
    /// @param rule what a route is to say; null withdraws it
    /// @param from where to go on, `revised` how many changed so far; the result is their sum
    record ReviseRoutes(
            RouteSource source,
            Function<Attributes, @Nullable Attributes> rule,
            Destination from,
            int revised,
            CompletableFuture<Integer> done)
            implements ControlCommand {}

    record DeleteRoute(Destination to, RouteSource source, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    record AddTable(TableConfig config, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// Gives the table of the name another id.
    record ChangeTable(TableConfig config, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// With its routes and those that lead to it. No port may be in it.
    record RemoveTable(LiveTable table, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    record PutNeighbor(int port, IpAddress address, MacAddress mac, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    record DeleteNeighbor(int port, IpAddress address, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// @param port -1 for all
    record FlushNeighbors(int port, CompletableFuture<Boolean> done) implements ControlCommand {}

    /// @param port opened; closed again if it cannot be taken on
    /// @param enabled whether it is switched on
    record AddPort(PortConfig config, Port port, boolean enabled, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// Completes when its device is closed.
    record RemovePort(LivePort port, CompletableFuture<Boolean> done) implements ControlCommand {}

    /// Other settings that need no other device.
    record ChangePort(LivePort port, PortConfig config, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// @param device opened; closed again if it cannot be taken on
    record AddCompanion(
            CompanionConfig config,
            CompanionPort device,
            CompanionRates rates,
            CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// Completes when the port's companion is closed, or there is none.
    record RemoveCompanion(String port, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    record EnablePort(LivePort port, boolean enabled, CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// Other limits of every worker, and other times of neighbors.
    record Tune(
            SlowPath.Limits limits,
            IdlePolicy idle,
            NeighborTable.Timing timing,
            CompletableFuture<Boolean> done)
            implements ControlCommand {}

    /// A look at the tables; `answer` must neither change nor keep them.
    record Read<T>(Function<Control, T> answer, CompletableFuture<T> done)
            implements ControlCommand {
        void run(Control control) {
            done.complete(answer.apply(control));
        }
    }
}
