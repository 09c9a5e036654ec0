package dev.stride.daemon.config;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port on a network device that is there already, by libpcap.
///
/// @param device the kernel's name of it
/// @param netns the network namespace that it is in; null: the daemon's
/// @param mac the router's own; null: the device's
/// @param mtu 0: the device's
/// @param promiscuous whether frames for other stations are taken from the wire, too
/// @param filter a pcap-filter(7) expression that frames have to match to arrive; empty for all
public record PcapPort(
        String name,
        String table,
        String device,
        @Nullable String netns,
        @Nullable MacAddress mac,
        int mtu,
        boolean promiscuous,
        String filter,
        List<InterfaceAddress> addresses,
        PortPolicy policy,
        @Nullable RouterAdvertisements routerAdvertisements)
        implements PortConfig {
    public PcapPort {
        addresses = List.copyOf(addresses);
    }

    @Override
    public String type() {
        return "pcap";
    }

    /// libpcap has one handle, so one worker receives.
    @Override
    public int queues() {
        return 1;
    }
}
