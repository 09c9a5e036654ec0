package dev.stride.daemon.config;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port whose wire is a UDP socket.
///
/// @param local where the other side sends to
/// @param remote the other side, of the same family
/// @param netns the network namespace that the socket is in; null: the daemon's
/// @param mac the router's own
/// @param mtu 0: what the way to the remote takes
public record EtherUdpPort(
        String name,
        String table,
        ListenAddress local,
        ListenAddress remote,
        @Nullable String netns,
        MacAddress mac,
        int mtu,
        List<InterfaceAddress> addresses,
        PortPolicy policy,
        @Nullable RouterAdvertisements routerAdvertisements)
        implements PortConfig {
    public EtherUdpPort {
        addresses = List.copyOf(addresses);
    }

    @Override
    public String type() {
        return "ether-udp";
    }

    @Override
    public String device() {
        return "udp " + local;
    }

    @Override
    public int queues() {
        return 1; // one flow of datagrams
    }
}
