package dev.stride.core.fib;

import dev.stride.core.addr.PrefixMap;

/// The one writer of a [Fib4]: turns a change of a route into stores to slots. It keeps the routes
/// themselves ([ExactRoutes4]) and which of them end in each 8-bit stride ([StridePrefixes]), and
/// derives every slot from those. The control thread only.
///
/// A change of a prefix reaches the slots below it that no more specific prefix covers, in its own
/// stride and, where such a slot leads to a bucket, in all of that bucket. What one store can
/// change is stored in place: one slot, or next hops side by side in slots of 8 bits, as those of
/// most prefixes from /22 on are. More are changed in a copy of the bucket, which is then linked in
/// place of the old one.
final class Strides4 {
    private final Fib4 fib;
    final Buckets third;
    final Buckets fourth;
    private final ExactRoutes4 routes = new ExactRoutes4();
    private final ShortPrefixes shortPrefixes = new ShortPrefixes();
    private final int[] thirdSlots = new int[256];
    private final int[] fourthSlots = new int[256];

    Strides4(Fib4 fib, Quiescence readers) {
        this.fib = fib;
        third = Buckets.third(readers);
        fourth = Buckets.fourth(readers);
    }

    int routes() {
        return routes.size();
    }

    void visit(PrefixMap.Visitor visitor) {
        routes.visit(visitor);
    }

    int get(int bits, int length) {
        return routes.get(bits, length);
    }

    /// Returns the next hop before; 0 is none, before and now.
    int set(int bits, int length, int nextHop) {
        int before = nextHop == 0 ? routes.remove(bits, length) : routes.put(bits, length, nextHop);
        if (before != nextHop) {
            change(bits, length, nextHop);
            third.retire();
            fourth.retire();
        }
        return before;
    }

    private void change(int bits, int length, int nextHop) {
        int index = StridePrefixes.index(bits, length);
        if (length <= 16) {
            shortPrefixes.set(bits, length, nextHop != 0);
            repaintRoot(bits, length, nextHop == 0 ? covering(bits, length) : nextHop);
        } else if (nextHop != 0) {
            put(bits, length, index, nextHop);
        } else if (length <= 24) {
            removeThird(bits >>> 16, index, covering(bits, length));
        } else {
            removeFourth(bits >>> 16, bits >>> 8 & 0xff, index, covering(bits, length));
        }
    }

    private void put(int bits, int length, int index, int nextHop) {
        if (length <= 24) {
            putThird(bits >>> 16, index, nextHop);
        } else {
            putFourth(bits >>> 16, bits >>> 8 & 0xff, index, nextHop);
        }
    }

    /// The next hop of the most specific route shorter than `length` that holds `bits`, 0 where
    /// there is none.
    private int covering(int bits, int length) {
        int shorter = length <= 16 ? shortPrefixes.longestAbove(bits, length) : above(bits, length);
        return shorter == 0 ? 0 : routes.get(bits & -1 << (32 - shorter), shorter);
    }

    private int above(int bits, int length) {
        int parent = fib.root(bits >>> 16) & ~Slots.DEEPER;
        int index = StridePrefixes.index(bits, length) >>> 1;
        if (length > 24) {
            int child = third.get(parent, bits >>> 8 & 0xff) & ~Slots.DEEPER;
            int found = fourth.prefixes.longest(child, index);
            if (found != 0) {
                return 24 + StridePrefixes.length(found);
            }
            index = 256 | bits >>> 8 & 0xff;
        }
        int found = third.prefixes.longest(parent, index);
        return found != 0 ? 16 + StridePrefixes.length(found) : shortPrefixes.longest(bits >>> 16);
    }

    /// Gives every root slot below a prefix up to /16 its answer.
    private void repaintRoot(int bits, int length, int value) {
        int first = bits >>> 16;
        for (int slot = first; slot < first + (1 << (16 - length)); slot++) {
            if (shortPrefixes.longest(slot) > length) {
                continue;
            }
            int now = fib.root(slot);
            if (now >= 0 || isUniform(now & ~Slots.DEEPER)) {
                replaceRoot(slot, now, value);
            } else {
                linkThird(slot, now, repaintThird(now & ~Slots.DEEPER, 1, value));
            }
        }
    }

    /// Gives a whole root slot one answer. What is no constant needs a bucket full of it.
    private void replaceRoot(int slot, int now, int value) {
        if (now == value) {
            return;
        }
        if (now < 0) {
            third.replaced(now & ~Slots.DEEPER);
        }
        third.admit(value);
        int next = value < Slots.CONSTANTS ? value : Slots.DEEPER | third.allocate(value);
        fib.publishRoot(slot, next);
    }

    /// Whether a bucket of the third stride has the same answer everywhere.
    private boolean isUniform(int bucket) {
        return third.prefixes.isEmpty(bucket) && children(bucket) == 0;
    }

    private void putThird(int rootSlot, int index, int nextHop) {
        int now = fib.root(rootSlot);
        if (now >= 0) {
            int bucket = third.allocate(now);
            third.prefixes.add(bucket, index);
            paint(third, bucket, index, nextHop);
            fib.publishRoot(rootSlot, Slots.DEEPER | bucket);
        } else {
            third.prefixes.add(now & ~Slots.DEEPER, index);
            linkThird(rootSlot, now, repaintThird(now & ~Slots.DEEPER, index, nextHop));
        }
    }

    private void putFourth(int rootSlot, int slot, int index, int nextHop) {
        int now = fib.root(rootSlot);
        int parent = now & ~Slots.DEEPER;
        int answer = now >= 0 ? now : third.get(parent, slot);
        if (answer < 0) {
            fourth.prefixes.add(answer & ~Slots.DEEPER, index);
            linkFourth(parent, slot, answer, repaintFourth(answer & ~Slots.DEEPER, index, nextHop));
            return;
        }
        int bucket = fourth.allocate(answer);
        fourth.prefixes.add(bucket, index);
        paint(fourth, bucket, index, nextHop);
        if (now < 0) {
            deepen(rootSlot, parent, slot, Slots.DEEPER | bucket);
        } else {
            int fresh = third.allocate(now);
            third.set(fresh, slot, Slots.DEEPER | bucket);
            fib.publishRoot(rootSlot, Slots.DEEPER | fresh);
        }
    }

    /// Makes a slot of a linked bucket, until now a next hop, lead to a bucket of the fourth
    /// stride.
    private void deepen(int rootSlot, int parent, int slot, int child) {
        if (third.canPublish(parent, slot, child) || third.isCrowded()) {
            third.publish(parent, slot, child);
            return;
        }
        int copy = third.copyOf(parent);
        third.set(copy, slot, child);
        third.replaced(parent);
        fib.publishRoot(rootSlot, Slots.DEEPER | copy);
    }

    private void removeThird(int rootSlot, int index, int value) {
        int now = fib.root(rootSlot);
        int bucket = now & ~Slots.DEEPER;
        third.prefixes.remove(bucket, index);
        if (isUniform(bucket)) {
            replaceRoot(rootSlot, now, value);
        } else {
            linkThird(rootSlot, now, repaintThird(bucket, index, value));
        }
    }

    private void removeFourth(int rootSlot, int slot, int index, int value) {
        int parent = fib.root(rootSlot) & ~Slots.DEEPER;
        int now = third.get(parent, slot);
        int bucket = now & ~Slots.DEEPER;
        fourth.prefixes.remove(bucket, index);
        if (!fourth.prefixes.isEmpty(bucket)) {
            linkFourth(parent, slot, now, repaintFourth(bucket, index, value));
            return;
        }
        fourth.replaced(bucket);
        if (third.prefixes.isEmpty(parent) && children(parent) == 1) {
            replaceRoot(rootSlot, Slots.DEEPER | parent, value);
        } else {
            third.publish(parent, slot, value);
        }
    }

    private int children(int bucket) {
        int count = 0;
        for (int slot = 0; slot < StridePrefixes.SLOTS; slot++) {
            count += third.get(bucket, slot) >>> 31;
        }
        return count;
    }

    private void linkThird(int rootSlot, int now, int next) {
        if (next != now) {
            fib.publishRoot(rootSlot, next);
        }
    }

    private void linkFourth(int parent, int slot, int now, int next) {
        if (next != now) {
            third.publish(parent, slot, next);
        }
    }

    /// Gives the slots below `index` their answer in a bucket that no reader can reach and that
    /// leads nowhere.
    private void paint(Buckets buckets, int bucket, int index, int value) {
        int count = buckets.prefixes.uncovered(bucket, index, fourthSlots, 0);
        for (int i = 0; i < count; i++) {
            buckets.set(bucket, fourthSlots[i], value);
        }
    }

    /// Gives the slots below `index` of a linked bucket their answer, in place or in a copy;
    /// returns what the root must lead to.
    private int repaintThird(int bucket, int index, int value) {
        int count = third.prefixes.uncovered(bucket, index, thirdSlots, 0);
        if (count == 0 || count > 1 && third.publishTogether(bucket, thirdSlots, count, value)) {
            return Slots.DEEPER | bucket;
        }
        if (count == 1 || third.isCrowded()) {
            for (int i = 0; i < count; i++) {
                int slot = thirdSlots[i];
                int now = third.get(bucket, slot);
                int next = now >= 0 ? value : repaintFourth(now & ~Slots.DEEPER, 1, value);
                linkFourth(bucket, slot, now, next);
            }
            return Slots.DEEPER | bucket;
        }
        int copy = third.copyOf(bucket);
        for (int i = 0; i < count; i++) {
            int slot = thirdSlots[i];
            int now = third.get(copy, slot);
            int next = now >= 0 ? value : replaceFourth(now & ~Slots.DEEPER, value);
            third.set(copy, slot, next);
        }
        third.replaced(bucket);
        return Slots.DEEPER | copy;
    }

    /// The same for the fourth stride; returns what the slot of the third must lead to.
    private int repaintFourth(int bucket, int index, int value) {
        int count = fourth.prefixes.uncovered(bucket, index, fourthSlots, 0);
        if (count > 1 && !fourth.isCrowded()) {
            return copyFourth(bucket, count, value);
        }
        for (int i = 0; i < count; i++) {
            fourth.publish(bucket, fourthSlots[i], value);
        }
        return Slots.DEEPER | bucket;
    }

    /// A new answer for a whole bucket of the fourth stride, never in place: the one store that
    /// shows it is the root's.
    private int replaceFourth(int bucket, int value) {
        int count = fourth.prefixes.uncovered(bucket, 1, fourthSlots, 0);
        return count == 0 ? Slots.DEEPER | bucket : copyFourth(bucket, count, value);
    }

    private int copyFourth(int bucket, int count, int value) {
        int copy = fourth.copyOf(bucket);
        for (int i = 0; i < count; i++) {
            fourth.set(copy, fourthSlots[i], value);
        }
        fourth.replaced(bucket);
        return Slots.DEEPER | copy;
    }
}
