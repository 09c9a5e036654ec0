package dev.stride.core.rib;

import dev.stride.core.adjacency.Adjacency;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What routes with the same next hops share: their number in the FIB and the paths that the next
/// hops resolve to.
final class NextHopGroup {
    /// An adjacency and its share.
    record Path(Adjacency adjacency, int weight) {}

    /// Routes with equal keys share a group, of whatever table they are.
    ///
    /// @param host whether it is a neighbor's own host route, which does not keep the neighbor
    ///   alive
    record Key(Route.Kind kind, int port, int table, List<Route.Gateway> gateways, boolean host) {
        /// Of a route in the table `own`.
        static Key of(Attributes said, int own) {
            return new Key(
                    said.kind(),
                    said.port(),
                    said.table(),
                    said.gateways().stream().map(gateway -> gateway.in(own)).toList(),
                    said.source() == RouteSource.NEIGHBOR);
        }
    }

    final Key key;
    final int number;
    int users; // different attributes that have this group
    int retired; // grace periods that it waits for
    List<Path> paths = List.of(); // empty: not usable now
    final Set<NextHopGroup> dependents =
            new LinkedHashSet<>(); // resolved through routes of this group
    final Set<NextHopGroup> supports = new LinkedHashSet<>(); // the other end of the same

    NextHopGroup(Key key, int number) {
        this.key = key;
        this.number = number;
    }

    boolean isUsable() {
        return !paths.isEmpty();
    }
}
