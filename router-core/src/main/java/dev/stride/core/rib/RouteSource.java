package dev.stride.core.rib;

import java.util.Locale;

/// Who said a route, with the administrative distance that it has unless the route says otherwise;
/// lower wins.
public enum RouteSource {
    /// The link of one of our own ports.
    CONNECTED(0),
    /// A neighbor on a link whose MAC address is known: a host route that any other route to the
    /// host beats.
    NEIGHBOR(255),
    /// The configuration file.
    STATIC(1),
    /// Typed while the daemon runs.
    CLI(1),
    /// A routing daemon, over FPM.
    FPM(20),
    /// A table of the kernel.
    NETLINK(20);

    private final int distance;
    private final String label = name().toLowerCase(Locale.ROOT);

    RouteSource(int distance) {
        this.distance = distance;
    }

    /// The default administrative distance.
    public int distance() {
        return distance;
    }

    /// The word on screens and in metrics.
    public String label() {
        return label;
    }
}
