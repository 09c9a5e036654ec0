package dev.stride.daemon.config;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;

/// A neighbor that is never asked for its MAC address.
public record NeighborConfig(String port, IpAddress address, MacAddress mac) {
    @Override
    public String toString() {
        return address + " port " + port + " mac " + mac;
    }
}
