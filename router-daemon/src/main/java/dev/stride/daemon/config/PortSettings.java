package dev.stride.daemon.config;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a port of any kind has, as it was read.
///
/// @param mtu 0 where the file names none
/// @param mac null where the file names none
record PortSettings(
        String name,
        String table,
        int mtu,
        @Nullable MacAddress mac,
        List<InterfaceAddress> addresses,
        PortPolicy policy,
        @Nullable RouterAdvertisements routerAdvertisements) {
    /// The MAC address of a port that has no device to take one from.
    MacAddress macOf(String machine) {
        return mac == null ? StableMac.of(machine, name) : mac;
    }
}
