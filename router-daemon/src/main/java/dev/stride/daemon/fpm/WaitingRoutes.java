package dev.stride.daemon.fpm;

import dev.stride.core.addr.IpPrefix;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// Prefixes whose next-hop id is not known yet. One thread.
final class WaitingRoutes {
    private static final int LIMIT = 1 << 16;

    private final Map<IpPrefix, Integer> ids = new HashMap<>();
    private final Map<Integer, Set<IpPrefix>> prefixes = new HashMap<>(); // by id

    int size() {
        return ids.size();
    }

    /// Notes a prefix that is not noted; returns false when too many wait.
    boolean add(IpPrefix prefix, int id) {
        if (ids.size() >= LIMIT) {
            return false;
        }
        ids.put(prefix, id);
        prefixes.computeIfAbsent(id, key -> new LinkedHashSet<>()).add(prefix);
        return true;
    }

    /// Something newer was said about a prefix.
    void remove(IpPrefix prefix) {
        Integer id = ids.isEmpty() ? null : ids.remove(prefix);
        Set<IpPrefix> same = id == null ? null : prefixes.get(id);
        if (same != null && same.remove(prefix) && same.isEmpty()) {
            prefixes.remove(id);
        }
    }

    /// An id is known: takes out what waited for it.
    Set<IpPrefix> release(int id) {
        Set<IpPrefix> due = prefixes.remove(id);
        if (due == null) {
            return Set.of();
        }
        due.forEach(ids::remove);
        return due;
    }
}
