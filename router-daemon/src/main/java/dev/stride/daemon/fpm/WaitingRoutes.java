package dev.stride.daemon.fpm;

import dev.stride.core.rib.Destination;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// Destinations whose next-hop id is not known yet. One thread.
final class WaitingRoutes {
    private static final int LIMIT = 1 << 16;

    private final Map<Destination, Integer> ids = new HashMap<>();
    private final Map<Integer, Set<Destination>> destinations = new HashMap<>(); // by id

    int size() {
        return ids.size();
    }

    /// Notes a destination that is not noted; returns false when too many wait.
    boolean add(Destination to, int id) {
        if (ids.size() >= LIMIT) {
            return false;
        }
        ids.put(to, id);
        destinations.computeIfAbsent(id, key -> new LinkedHashSet<>()).add(to);
        return true;
    }

    /// Something newer was said about a destination.
    void remove(Destination to) {
        Integer id = ids.isEmpty() ? null : ids.remove(to);
        Set<Destination> same = id == null ? null : destinations.get(id);
        if (same != null && same.remove(to) && same.isEmpty()) {
            destinations.remove(id);
        }
    }

    /// An id is known: takes out what waited for it.
    Set<Destination> release(int id) {
        Set<Destination> due = destinations.remove(id);
        if (due == null) {
            return Set.of();
        }
        due.forEach(ids::remove);
        return due;
    }
}
