package dev.stride.io.tunnel;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a VXLAN port is to be.
///
/// @param name of the port
/// @param netns the namespace that the sockets are in, a name below /run/netns or a path; null for
///   the daemon's own
/// @param vni the network's number, 24 bits
/// @param local the tunnel's address here
/// @param remotes the other tunnel endpoints, of the same family; at least one
/// @param udpPort where all endpoints listen
/// @param mtu bytes of the largest inner IP packet, or 0 for what the ways to all remotes take
/// @param ageingNanos for so long a station counts as behind the remote that it was heard from
public record VxlanOptions(
        String name,
        @Nullable String netns,
        int vni,
        InetAddress local,
        List<InetAddress> remotes,
        int udpPort,
        int mtu,
        long ageingNanos) {
    public VxlanOptions {
        remotes = List.copyOf(remotes);
    }
}
