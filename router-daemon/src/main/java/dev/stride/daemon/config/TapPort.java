package dev.stride.daemon.config;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import dev.stride.io.tap.TapBackend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port on a TAP device.
///
/// @param device the kernel's name of it
/// @param mac the router's own; the kernel gives its side of the device another one
/// @param queues of the device; one worker reads each
/// @param offload whether checksums and segmentation may be left to the other side
/// @param backend how frames are exchanged with the kernel
/// @param persist whether the device outlives the daemon
/// @param hostNetns the network namespace that the kernel side moves into; null: stays
public record TapPort(
        String name,
        String table,
        String device,
        MacAddress mac,
        int mtu,
        int queues,
        boolean offload,
        TapBackend backend,
        boolean persist,
        List<InterfaceAddress> addresses,
        PortPolicy policy,
        @Nullable RouterAdvertisements routerAdvertisements,
        @Nullable String hostNetns)
        implements PortConfig {
    public TapPort {
        addresses = List.copyOf(addresses);
    }

    @Override
    public @Nullable String netns() {
        return hostNetns;
    }

    @Override
    public String type() {
        return "tap";
    }
}
