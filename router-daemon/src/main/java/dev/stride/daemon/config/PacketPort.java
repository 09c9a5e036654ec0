package dev.stride.daemon.config;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import dev.stride.io.packet.Transmit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port on a network device that is there already, by packet sockets.
///
/// @param device the kernel's name of it
/// @param netns the network namespace that it is in; null: the daemon's
/// @param mac the router's own; null: the device's
/// @param mtu 0: the device's
/// @param queues between which arriving flows are shared, each for one worker
/// @param promiscuous whether frames for other stations are taken from the wire, too
/// @param transmit how frames are given to the device
public record PacketPort(
        String name,
        String table,
        String device,
        @Nullable String netns,
        @Nullable MacAddress mac,
        int mtu,
        int queues,
        boolean promiscuous,
        Transmit transmit,
        List<InterfaceAddress> addresses,
        PortPolicy policy,
        @Nullable RouterAdvertisements routerAdvertisements)
        implements PortConfig {
    public PacketPort {
        addresses = List.copyOf(addresses);
    }

    @Override
    public String type() {
        return "packet";
    }
}
