package dev.stride.core.forward;

import java.util.Locale;

/// What a port lets pass and says beyond the RFCs' defaults.
///
/// @param reversePath what is asked of sources of packets that arrive
/// @param proxyArp whether ARP requests for stations behind other ports are answered (RFC 1027)
/// @param sourceRoutes whether IPv4 packets with a source route may arrive
/// @param redirects whether hosts are told of better first hops on their link
/// @param ttlSecurity smallest TTL or hop limit, but for ICMP, of what arrives for the router
///   itself (RFC 5082); 0 for any
/// @param directedBroadcasts whether IPv4 packets from other ports for all stations of the port's
///   networks leave by it (RFC 2644)
/// @param routerAlerts whether IPv4 packets with a router alert (RFC 2113) go up to the host behind
///   the port's companion, where there is one
public record PortPolicy(
        ReversePath reversePath,
        boolean proxyArp,
        boolean sourceRoutes,
        boolean redirects,
        int ttlSecurity,
        boolean directedBroadcasts,
        boolean routerAlerts) {
    /// Nothing beyond.
    public static final PortPolicy NONE =
            new PortPolicy(ReversePath.OFF, false, false, false, 0, false, false);

    /// The same with another check of sources.
    public PortPolicy with(ReversePath other) {
        return new PortPolicy(
                other,
                proxyArp,
                sourceRoutes,
                redirects,
                ttlSecurity,
                directedBroadcasts,
                routerAlerts);
    }

    /// The same with or without proxy ARP.
    public PortPolicy withProxyArp(boolean on) {
        return new PortPolicy(
                reversePath,
                on,
                sourceRoutes,
                redirects,
                ttlSecurity,
                directedBroadcasts,
                routerAlerts);
    }

    /// The same that allows source routes or does not.
    public PortPolicy withSourceRoutes(boolean allowed) {
        return new PortPolicy(
                reversePath,
                proxyArp,
                allowed,
                redirects,
                ttlSecurity,
                directedBroadcasts,
                routerAlerts);
    }

    /// The same with or without redirects.
    public PortPolicy withRedirects(boolean on) {
        return new PortPolicy(
                reversePath,
                proxyArp,
                sourceRoutes,
                on,
                ttlSecurity,
                directedBroadcasts,
                routerAlerts);
    }

    /// The same with another smallest TTL.
    public PortPolicy withTtlSecurity(int smallest) {
        return new PortPolicy(
                reversePath,
                proxyArp,
                sourceRoutes,
                redirects,
                smallest,
                directedBroadcasts,
                routerAlerts);
    }

    /// The same that lets directed broadcasts leave or does not.
    public PortPolicy withDirectedBroadcasts(boolean on) {
        return new PortPolicy(
                reversePath, proxyArp, sourceRoutes, redirects, ttlSecurity, on, routerAlerts);
    }

    /// The same that hands router alerts up or does not.
    public PortPolicy withRouterAlerts(boolean on) {
        return new PortPolicy(
                reversePath,
                proxyArp,
                sourceRoutes,
                redirects,
                ttlSecurity,
                directedBroadcasts,
                on);
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
