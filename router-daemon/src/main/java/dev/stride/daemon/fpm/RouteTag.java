package dev.stride.daemon.fpm;

import dev.stride.core.rib.Attributes;

/// What tells routes of FPM in the RIB apart: the connection that said them last, and the next-hop
/// id that they have.
public final class RouteTag {
    private RouteTag() {}

    /// @param nextHopId 0 for next hops of the route's own
    static long of(int generation, int nextHopId) {
        return (long) generation << 32 | nextHopId & 0xffff_ffffL;
    }

    /// The number of the connection.
    public static int generation(Attributes attributes) {
        return (int) (attributes.tag() >>> 32);
    }
}
