package dev.stride.daemon.config;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port: what every kind has.
public sealed interface PortConfig
        permits EtherUdpPort, PacketPort, PcapPort, TapPort, VlanPort, VxlanPort {
    /// The port that it is within, or null.
    default @Nullable String within() {
        return this instanceof VlanPort vlan ? vlan.parent() : null;
    }

    /// The label on screens and in metrics: a lower-case letter, then up to 14 of letters, digits
    /// and hyphens.
    String name();

    /// The name of the routing table that it is in.
    String table();

    /// The value of `type`.
    String type();

    /// The device that it is on.
    String device();

    /// The network namespace of what the kernel has of it; null: the daemon's.
    @Nullable String netns();

    /// The router's own MAC address on the link; null where the device has one.
    @Nullable MacAddress mac();

    /// Bytes of the largest IP packet; 0 for what the device takes.
    int mtu();

    /// Between how many workers arriving packets are shared; 0 where another port receives them.
    int queues();

    /// All addresses, in the order of the configuration.
    List<InterfaceAddress> addresses();

    /// What the port lets pass and says beyond the RFCs' defaults.
    PortPolicy policy();

    /// What hosts on the link are told of us; null for nothing.
    @Nullable RouterAdvertisements routerAdvertisements();
}
