package dev.stride.core.fib;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A seeded sequence of changes over few address bits, so that prefixes nest and overlap and the
/// same ones come again.
final class Churn4 {
    /// One change; next hop 0 withdraws.
    record Change(int bits, int length, int nextHop) {
        void applyTo(Fib4 fib) {
            if (nextHop == 0) {
                fib.remove(bits, length);
            } else {
                fib.put(bits, length, nextHop);
            }
        }

        void applyTo(SlowTable4 table) {
            if (nextHop == 0) {
                table.remove(bits, length);
            } else {
                table.put(bits, length, nextHop);
            }
        }
    }

    private final SplittableRandom random;
    private final int shortest;
    private final int maxNextHop;

    /// @param shortest the shortest prefix: the changes of short ones take their time
    Churn4(long seed, int shortest, int maxNextHop) {
        this.random = new SplittableRandom(seed);
        this.shortest = shortest;
        this.maxNextHop = maxNextHop;
    }

    Change next() {
        int bits = address();
        int length = random.nextInt(8) == 0 ? shortest : random.nextInt(shortest, 33);
        boolean withdraw = random.nextInt(5) < 2;
        int nextHop = withdraw ? 0 : 1 + random.nextInt(maxNextHop);
        return new Change(bits, length, nextHop);
    }

    List<Change> next(int count) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            changes.add(next());
        }
        return changes;
    }

    /// Two values an octet, sometimes a third: four strides with few different buckets.
    int address() {
        int address = 0;
        for (int octet = 0; octet < 4; octet++) {
            int value = random.nextInt(10) == 0 ? random.nextInt(256) : 96 + random.nextInt(2) * 16;
            address = address << 8 | value;
        }
        return address;
    }
}
