package dev.stride.daemon.running;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.NetlinkConfig;
import dev.stride.daemon.config.PacketPort;
import dev.stride.daemon.config.PcapPort;
import dev.stride.daemon.config.TableConfig;
import dev.stride.daemon.kernel.KernelSource;
import dev.stride.daemon.live.Companions;
import dev.stride.daemon.live.ControlCommand;
import dev.stride.daemon.live.LiveCompanion;
import dev.stride.daemon.live.LivePort;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The kernel's table that routes come from, if any, and how another one takes its place. One
/// thread at a time but [#current].
final class RunningSource implements AutoCloseable {
    private static final Destination FIRST = new Destination(new Ip4Prefix(0, 0));

    private final ControlClient client;
    private long tag; // of the last one's routes
    private volatile @Nullable KernelSource current;

    RunningSource(ControlClient client) {
        this.client = client;
    }

    /// What runs; null for none. Any thread.
    @Nullable KernelSource current() {
        return current;
    }

    /// Opens another one beside it, which says nothing yet.
    ///
    /// @param config null for none, and then so is the result
    /// @throws java.io.UncheckedIOException when it cannot be
    @Nullable KernelSource open(@Nullable NetlinkConfig config) {
        if (config == null) {
            return null;
        }
        tag++;
        return KernelSource.open(
                config,
                tag,
                new SourceRoutes(client.control(), RouteSource.NETLINK),
                () -> ports(config.netns()));
    }

    /// What was opened takes the place of what runs, whose routes stay until the other one has said
    /// its own; with null they go.
    void follow(@Nullable KernelSource next) {
        close();
        current = next;
        if (next != null) {
            next.follow();
        } else {
            client.<Integer>ask(
                    done ->
                            new ControlCommand.ReviseRoutes(
                                    RouteSource.NETLINK, said -> null, FIRST, 0, done));
        }
    }

    /// The indexes of ports of the main routing table whose devices or companions are in a
    /// namespace, by their names. The kernel's side of a TAP is a host's, not ours.
    private Map<String, Integer> ports(@Nullable String netns) {
        Map<String, Integer> ports = new HashMap<>();
        for (LivePort live : client.control().ports().all()) {
            if (!live.config().table().equals(TableConfig.MAIN.name())) {
                continue; // the routes are in main
            }
            switch (live.config()) {
                case PacketPort port when Companions.isSame(port.netns(), netns) ->
                        ports.put(port.device(), live.index());
                case PcapPort port when Companions.isSame(port.netns(), netns) ->
                        ports.put(port.device(), live.index());
                default -> {}
            }
        }
        for (LiveCompanion live : client.control().companions().all()) {
            if (Companions.isSame(live.config().netns(), netns)) {
                ports.put(live.config().device(), live.port());
            }
        }
        return ports;
    }

    /// Nothing is followed any more; routes stay.
    @Override
    public void close() {
        KernelSource before = current;
        current = null;
        if (before != null) {
            before.close();
        }
    }
}
