package dev.stride.core.forward;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a port lets pass and says beyond the RFCs' defaults.
///
/// @param reversePath what is asked of sources of packets that arrive
/// @param ttlSecurity smallest TTL or hop limit, but for ICMP, of what arrives for the router
///   itself (RFC 5082); 0 for any
/// @param allowed what is off unless it is in here
public record PortPolicy(ReversePath reversePath, int ttlSecurity, Set<Allowed> allowed) {
    /// Nothing beyond.
    public static final PortPolicy NONE = new PortPolicy(ReversePath.OFF, 0, Set.of());

    public PortPolicy {
        allowed = Set.copyOf(allowed);
    }

    /// Whether the port is set so.
    public boolean allows(Allowed what) {
        return allowed.contains(what);
    }

    /// The same with another check of sources.
    public PortPolicy with(ReversePath other) {
        return new PortPolicy(other, ttlSecurity, allowed);
    }

    /// The same with another smallest TTL.
    public PortPolicy withTtlSecurity(int smallest) {
        return new PortPolicy(reversePath, smallest, allowed);
    }

    /// The same that allows one more.
    public PortPolicy with(Allowed more) {
        Set<Allowed> all =
                Stream.concat(allowed.stream(), Stream.of(more)).collect(Collectors.toSet());
        return new PortPolicy(reversePath, ttlSecurity, all);
    }

    /// What may be switched on.
    public enum Allowed {
        /// ARP requests for stations behind other ports are answered (RFC 1027).
        PROXY_ARP,
        /// IPv4 packets with a source route may arrive.
        SOURCE_ROUTES,
        /// Hosts are told of better first hops on their link.
        REDIRECTS,
        /// IPv4 packets from other ports for all stations of the port's networks leave by it (RFC
        /// 2644).
        DIRECTED_BROADCASTS,
        /// IPv4 packets with a router alert (RFC 2113) go up to the host behind the port's
        /// companion, where there is one.
        ROUTER_ALERTS;

        /// The word in the configuration.
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// Unicast reverse path forwarding (RFC 3704 section 2): packets whose source could not be
    /// answered are dropped. A route that drops, as blackhole does, answers nobody; a default route
    /// counts.
    public enum ReversePath {
        /// Every source passes.
        OFF,
        /// There is a route to the source.
        LOOSE,
        /// A route to the source leads back through the arriving port; each of several paths
        /// counts.
        STRICT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
