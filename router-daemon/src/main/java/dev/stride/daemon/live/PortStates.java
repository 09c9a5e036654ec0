package dev.stride.daemon.live;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.AddressState;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.wire.Ipv6;
import dev.stride.daemon.config.InterfaceAddress;
import dev.stride.daemon.config.PortConfig;
import dev.stride.io.port.Port;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the data path is shown of a port: made of its configuration, its device, and what it was
/// shown before. The control thread only.
final class PortStates {
    private final ForwardingState state;
    private final LiveTables tables;

    PortStates(ForwardingState state, LiveTables tables) {
        this.state = state;
        this.tables = tables;
    }

    /// A port that no worker may use yet: down, without addresses.
    PortState announced(LivePort live) {
        return of(live, false, List.of(), List.of());
    }

    /// A port with its addresses. Those that it has already stay in their state.
    PortState of(LivePort live, boolean up) {
        List<PortState.Address> four = new ArrayList<>();
        List<PortState.Address6> six = new ArrayList<>();
        for (InterfaceAddress each : live.config().addresses()) {
            switch (each.address()) {
                case Ip4Address address -> four.add(address(live, address, each.length()));
                case Ip6Address address -> six.add(address6(live, address, each.length()));
            }
        }
        return of(live, up, four, withLinkLocal(live, six));
    }

    private PortState of(
            LivePort live,
            boolean up,
            List<PortState.Address> addresses,
            List<PortState.Address6> addresses6) {
        PortConfig config = live.config();
        Port port = live.port();
        return new PortState(
                live.index(),
                config.name(),
                tables.named(config.table()).shown(),
                mac(config, port),
                config.mtu() == 0 ? port.mtu() : config.mtu(),
                up,
                addresses,
                addresses6,
                config.policy());
    }

    private static long mac(PortConfig config, Port port) {
        MacAddress mac = config.mac();
        return mac == null ? port.mac() : mac.bits();
    }

    private PortState.Address address(LivePort live, Ip4Address address, int length) {
        PortState before = before(live);
        PortState.Address was = before == null ? null : before.own(address.bits());
        AddressState known = was == null ? AddressState.TENTATIVE : was.state();
        return new PortState.Address(address.bits(), length, known);
    }

    private PortState.Address6 address6(LivePort live, Ip6Address address, int length) {
        PortState before = before(live);
        PortState.Address6 was = before == null ? null : before.own6(address.high(), address.low());
        AddressState known = was == null ? AddressState.TENTATIVE : was.state();
        return new PortState.Address6(address.high(), address.low(), length, known);
    }

    private @Nullable PortState before(LivePort live) {
        PortState[] ports = state.ports();
        return live.index() < ports.length ? ports[live.index()] : null;
    }

    /// Where IPv6 is spoken, there is a link-local address (RFC 4291 section 2.8): made of the MAC
    /// address (appendix A) where the configuration names none.
    private List<PortState.Address6> withLinkLocal(
            LivePort live, List<PortState.Address6> configured) {
        if (configured.isEmpty() || configured.stream().anyMatch(PortState.Address6::isLinkLocal)) {
            return configured;
        }
        long mac = mac(live.config(), live.port());
        long low = (mac >>> 24 ^ 0x020000L) << 40 | 0xff_fe00_0000L | mac & 0xff_ffffL;
        List<PortState.Address6> all = new ArrayList<>(configured);
        all.add(address6(live, new Ip6Address(Ipv6.LINK_LOCAL, low), 64));
        return all;
    }

    /// The same port, whose addresses must show again that nobody else has them.
    static PortState tentative(PortState port) {
        AddressState unknown = AddressState.TENTATIVE;
        return port.withAddresses4(port.addresses().stream().map(e -> e.in(unknown)).toList())
                .withAddresses6(port.addresses6().stream().map(e -> e.in(unknown)).toList());
    }

    /// Prefixes whose stations are reached through a port.
    static List<IpPrefix> connected(PortState port) {
        List<IpPrefix> prefixes = new ArrayList<>();
        for (PortState.Address address : port.addresses()) {
            if (address.length() < 32) {
                prefixes.add(address.prefix());
            }
        }
        for (PortState.Address6 address : port.addresses6()) {
            if (address.length() < 128 && !address.isLinkLocal()) {
                prefixes.add(address.prefix());
            }
        }
        return prefixes;
    }
}
