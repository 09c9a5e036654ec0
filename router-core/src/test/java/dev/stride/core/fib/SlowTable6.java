package dev.stride.core.fib;

import dev.stride.core.addr.Ip6Prefix;
import java.util.HashMap;
import java.util.Map;

/// The obvious table: one map, longest length first.
final class SlowTable6 {
    private final Map<Ip6Prefix, Integer> routes = new HashMap<>();

    void set(Ip6Prefix prefix, int nextHop) {
        if (nextHop == 0) {
            routes.remove(prefix);
        } else {
            routes.put(prefix, nextHop);
        }
    }

    int get(Ip6Prefix prefix) {
        return routes.getOrDefault(prefix, 0);
    }

    int lookup(long high, long low) {
        for (int length = 128; length >= 0; length--) {
            Integer nextHop = routes.get(Ip6Prefix.of(high, low, length));
            if (nextHop != null) {
                return nextHop;
            }
        }
        return 0;
    }

    int size() {
        return routes.size();
    }

    Map<Ip6Prefix, Integer> routes() {
        return routes;
    }
}
