package dev.stride.core.adjacency;

import dev.stride.core.adjacency.Neighbor.State;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/// Who gives way when there are too many neighbors. Those that are asked for have a share apart
/// from those that are known, so that a scan of a prefix takes no room from stations that are there
/// (RFC 6583 section 7.1); and the port with most of them gives way, so that one link takes none
/// from the others. Next hops of routes and static entries neither count nor give way.
///
/// Every operation takes the same short time, however many there are: that is what counts under
/// attack. The control thread only.
final class NeighborShares {
    /// The neighbors of one port, each group in the order in which they entered it.
    private static final class Share {
        final SequencedSet<Neighbor> unresolved = new LinkedHashSet<>();
        final SequencedSet<Neighbor> idle = new LinkedHashSet<>();
        final SequencedSet<Neighbor> confirmed = new LinkedHashSet<>();

        int known() {
            return idle.size() + confirmed.size();
        }
    }

    private final Map<Integer, Share> shares = new HashMap<>(); // by port
    private int unresolved;
    private int known;

    /// Puts a neighbor where its state says, behind the others: after each change of it.
    void file(Neighbor neighbor) {
        take(neighbor);
        if (neighbor.pinned || neighbor.state == State.PERMANENT) {
            return;
        }
        Share share = shares.computeIfAbsent(neighbor.port(), port -> new Share());
        switch (neighbor.state) {
            case INCOMPLETE -> {
                share.unresolved.add(neighbor);
                unresolved++;
            }
            case STALE, FAILED -> {
                share.idle.add(neighbor);
                known++;
            }
            case REACHABLE, PROBE, PERMANENT -> {
                share.confirmed.add(neighbor);
                known++;
            }
        }
    }

    /// A neighbor is none any more.
    void take(Neighbor neighbor) {
        Share share = shares.get(neighbor.port());
        if (share == null) {
            return;
        }
        if (share.unresolved.remove(neighbor)) {
            unresolved--;
        } else if (share.idle.remove(neighbor) || share.confirmed.remove(neighbor)) {
            known--;
        }
        if (share.known() + share.unresolved.size() == 0) {
            shares.remove(neighbor.port());
        }
    }

    /// Neighbors that are known, without those that do not count.
    int known() {
        return known;
    }

    /// Neighbors that are asked for, without those that do not count.
    int unresolved() {
        return unresolved;
    }

    /// The one that was asked for first, on the port with most that are asked for.
    @Nullable Neighbor oldestQuestion() {
        Share fullest = null;
        for (Share share : shares.values()) {
            if (fullest == null || share.unresolved.size() > fullest.unresolved.size()) {
                fullest = share;
            }
        }
        return fullest == null || fullest.unresolved.isEmpty()
                ? null
                : fullest.unresolved.getFirst();
    }

    /// The one to go for a newcomer on `port`: on the port with most, the one that has been idle
    /// for longest, else the one that was confirmed first; but nobody who is confirmed goes for a
    /// newcomer on the same port. Null when none is to go.
    @Nullable Neighbor leastKnown(int port) {
        int fullestPort = -1;
        Share fullest = null;
        for (Map.Entry<Integer, Share> each : shares.entrySet()) {
            if (fullest == null || each.getValue().known() > fullest.known()) {
                fullestPort = each.getKey();
                fullest = each.getValue();
            }
        }
        if (fullest == null) {
            return null;
        }
        if (!fullest.idle.isEmpty()) {
            return fullest.idle.getFirst();
        }
        return fullestPort == port || fullest.confirmed.isEmpty()
                ? null
                : fullest.confirmed.getFirst();
    }
}
