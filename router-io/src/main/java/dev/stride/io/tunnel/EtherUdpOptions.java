package dev.stride.io.tunnel;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What a port that carries Ethernet frames in UDP is to be.
///
/// @param name of the port
/// @param netns the namespace that the socket is in, a name below /run/netns or a path; null for
///   the daemon's own
/// @param local where the other side sends to
/// @param remote the other side, of the same family
/// @param mtu bytes of the largest IP packet in a frame, or 0 for what the way to `remote` takes
public record EtherUdpOptions(
        String name,
        @Nullable String netns,
        InetSocketAddress local,
        InetSocketAddress remote,
        int mtu) {}
