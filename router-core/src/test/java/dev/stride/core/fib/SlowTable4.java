package dev.stride.core.fib;

import java.util.HashMap;
import java.util.Map;

/// The longest prefix match as its definition says: the slow and obvious oracle.
final class SlowTable4 {
    private final Map<Long, Integer> routes = new HashMap<>();

    private static long key(int bits, int length) {
        int mask = length == 0 ? 0 : -1 << (32 - length);
        return (long) (bits & mask) << 8 | length;
    }

    void put(int bits, int length, int nextHop) {
        routes.put(key(bits, length), nextHop);
    }

    boolean remove(int bits, int length) {
        return routes.remove(key(bits, length)) != null;
    }

    int get(int bits, int length) {
        return routes.getOrDefault(key(bits, length), 0);
    }

    int lookup(int address) {
        for (int length = 32; length >= 0; length--) {
            int nextHop = get(address, length);
            if (nextHop != 0) {
                return nextHop;
            }
        }
        return 0;
    }

    int size() {
        return routes.size();
    }
}
