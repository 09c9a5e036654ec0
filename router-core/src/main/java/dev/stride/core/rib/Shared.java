package dev.stride.core.rib;

/// Attributes that routes have, once for all of them, and the group that their next hops are. The
/// number is what [dev.stride.core.addr.PrefixMap] holds.
final class Shared {
    final int number;
    final Attributes attributes;
    final NextHopGroup group;
    int routes; // candidates that have it

    Shared(int number, Attributes attributes, NextHopGroup group) {
        this.number = number;
        this.attributes = attributes;
        this.group = group;
    }

    RouteSource source() {
        return attributes.source();
    }
}
