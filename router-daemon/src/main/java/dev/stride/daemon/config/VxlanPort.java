package dev.stride.daemon.config;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port into a VXLAN.
///
/// @param vni the network's number
/// @param local the tunnel's address here
/// @param remotes the other tunnel endpoints, of the same family
/// @param udpPort where all endpoints listen
/// @param ageing for so long a station counts as behind the remote that it was heard from
/// @param netns the network namespace that the sockets are in; null: the daemon's
/// @param mac the router's own
/// @param mtu 0: what the ways to the remotes take
public record VxlanPort(
        String name,
        String table,
        int vni,
        IpAddress local,
        List<IpAddress> remotes,
        int udpPort,
        Duration ageing,
        @Nullable String netns,
        MacAddress mac,
        int mtu,
        List<InterfaceAddress> addresses,
        PortPolicy policy,
        @Nullable RouterAdvertisements routerAdvertisements)
        implements PortConfig {
    public VxlanPort {
        remotes = List.copyOf(remotes);
        addresses = List.copyOf(addresses);
    }

    @Override
    public String type() {
        return "vxlan";
    }

    @Override
    public String device() {
        return "vni " + vni;
    }

    @Override
    public int queues() {
        return 1; // one socket takes all datagrams
    }
}
