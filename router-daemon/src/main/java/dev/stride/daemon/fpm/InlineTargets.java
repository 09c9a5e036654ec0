package dev.stride.daemon.fpm;

import dev.stride.daemon.netlink.NetlinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import dev.stride.daemon.source.Devices;
import dev.stride.daemon.source.Target;
import java.util.List;

/// Where routes lead that have no next-hop id: mostly where the one before led, whose target is
/// given again. One thread.
final class InlineTargets {
    private final Devices devices;
    private List<Hop> hops = List.of();
    private int[] ports = {}; // of the hops
    private Target target;

    InlineTargets(Devices devices) {
        this.devices = devices;
        target = Target.via(hops, devices);
    }

    Target of(RouteMessage route) {
        if (route.kind() != NetlinkMessage.RTN_UNICAST || route.encapsulated()) {
            return Target.of(route.kind(), route.hops(), route.encapsulated(), devices);
        }
        if (!isLast(route.hops())) {
            hops = route.hops();
            ports = hops.stream().mapToInt(hop -> devices.port(hop.device())).toArray();
            target = Target.via(hops, devices);
        }
        return target;
    }

    private boolean isLast(List<Hop> others) {
        if (others.size() != hops.size()) {
            return false;
        }
        for (int i = 0; i < ports.length; i++) {
            Hop hop = others.get(i);
            if (!hop.equals(hops.get(i)) || devices.port(hop.device()) != ports[i]) {
                return false;
            }
        }
        return true;
    }
}
