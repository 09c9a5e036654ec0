package dev.stride.core.adjacency;

/// What a route leads to: one adjacency, or several to share the load over. Immutable.
///
/// `paths` holds an adjacency once for each share of its weight; its length is a power of two, so
/// that a flow hash picks one with a mask.
public final class NextHop {
    private final Adjacency[] paths;

    /// @param paths at least one; the length must be a power of two
    public NextHop(Adjacency... paths) {
        if (paths.length == 0 || Integer.bitCount(paths.length) != 1) {
            throw new IllegalArgumentException("length " + paths.length + " is no power of two");
        }
        this.paths = paths.clone();
    }

    /// Whether all flows go the same way, so that no flow hash is needed.
    public boolean isSingle() {
        return paths.length == 1;
    }

    /// The adjacency for flows with this hash; any hash will do when [#isSingle].
    public Adjacency select(int flowHash) {
        return paths[flowHash & paths.length - 1];
    }

    /// Whether packets go anywhere at all.
    public boolean isForwarding() {
        return paths[0].port >= 0; // a route that drops has no other paths
    }

    /// Index of the routing table that packets go on to; -1 for none.
    public int table() {
        return paths[0].table; // such a route has no other paths
    }

    /// Whether one of the paths leaves by `port`.
    public boolean leavesBy(int port) {
        for (Adjacency path : paths) {
            if (path.port == port) {
                return true;
            }
        }
        return false;
    }

    /// Shares of the load, a power of two.
    public int shares() {
        return paths.length;
    }
}
