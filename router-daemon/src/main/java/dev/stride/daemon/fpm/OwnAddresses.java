package dev.stride.daemon.fpm;

import dev.stride.core.addr.IpAddress;

/// Tells addresses of the router itself, which are no next hops. Any thread.
@FunctionalInterface
public interface OwnAddresses {
    /// @param table index of the routing table whose ports are meant
    boolean has(int table, IpAddress address);
}
