package dev.stride.io.companion;

import dev.stride.core.addr.IpAddress;
import java.util.Map;

/// How a port is to look to the host.
///
/// @param mac in the lower 48 bits
/// @param mtu bytes of the largest IP packet
/// @param enabled whether it is switched on
/// @param carrier whether it has its link
/// @param addresses with the lengths of their prefixes
public record HostState(
        long mac, int mtu, boolean enabled, boolean carrier, Map<IpAddress, Integer> addresses) {
    public HostState {
        addresses = Map.copyOf(addresses);
    }
}
