package dev.stride.core.rib;

import dev.stride.core.addr.IpPrefix;

/// A prefix in a routing table: what there is one best route to. Immutable.
///
/// @param table index of the table
public record Destination(int table, IpPrefix prefix) {
    /// Index of the main routing table.
    public static final int MAIN = 0;

    /// In the main table.
    public Destination(IpPrefix prefix) {
        this(MAIN, prefix);
    }
}
