package dev.stride.core.fib;

import dev.stride.core.addr.Ip6Prefix;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// A slow and obvious routing table that knows the answers for a fixed set of addresses, and which
/// of them a change touches. IPv4 is in the upper 32 bits.
final class Replica {
    private final Map<Ip6Prefix, Integer> routes = new HashMap<>();
    private final int[] lengths = new int[129];
    private final long[] highs; // sorted as unsigned numbers, with the lows
    private final long[] lows;
    final int[] answers;

    /// Knows the answers for these addresses, which are in order.
    Replica(long[] highs, long[] lows) {
        this.highs = highs;
        this.lows = lows;
        this.answers = new int[highs.length];
    }

    /// Makes a change, and marks in `touched` which answers are new.
    void set(Ip6Prefix prefix, int nextHop, BitSet touched) {
        Integer before = nextHop == 0 ? routes.remove(prefix) : routes.put(prefix, nextHop);
        lengths[prefix.length()] += (nextHop == 0 ? 0 : 1) - (before == null ? 0 : 1);
        touched.clear();
        for (int i = first(prefix); i < highs.length && holds(prefix, i); i++) {
            int answer = lookup(highs[i], lows[i]);
            if (answer != answers[i]) {
                answers[i] = answer;
                touched.set(i);
            }
        }
    }

    int get(Ip6Prefix prefix) {
        return routes.getOrDefault(prefix, 0);
    }

    private boolean holds(Ip6Prefix prefix, int i) {
        return Ip6Prefix.of(highs[i], lows[i], prefix.length()).equals(prefix);
    }

    /// The first address that is not before the prefix.
    private int first(Ip6Prefix prefix) {
        int from = 0;
        int to = highs.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            int order = Long.compareUnsigned(highs[middle], prefix.high());
            order = order != 0 ? order : Long.compareUnsigned(lows[middle], prefix.low());
            if (order < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private int lookup(long high, long low) {
        for (int length = 128; length >= 0; length--) {
            Integer found =
                    lengths[length] == 0 ? null : routes.get(Ip6Prefix.of(high, low, length));
            if (found != null) {
                return found;
            }
        }
        return 0;
    }
}
