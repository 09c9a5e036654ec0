package dev.stride.core.fib;

import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.PrefixMap;
import java.util.Arrays;

/// The one writer of a [Fib6], as [Strides4] is of a [Fib4]: it keeps the routes themselves and
/// which of them end in each stride of 8 bits, and derives every slot from those. The control
/// thread only.
///
/// A stride behind the root has a level, from 0 on for the bits 16 to 23, and in each level a node
/// for every beginning of an address that has more specific routes. A node has a bucket, which a
/// change replaces by another. A change works on the nodes from the root to its own level: `path`.
final class Strides6 extends Padded {
    private static final int LEVELS = 14;
    private static final int TIDIED_AT_ONCE = 8; // root slots
    private static final int MIN_NODES = 16;

    private final Fib6 fib;
    private final Buckets6 buckets;
    private final PrefixMap routes = new PrefixMap(false);
    private final ShortPrefixes shortPrefixes = new ShortPrefixes();
    private final StridePrefixes prefixes = new StridePrefixes(MIN_NODES); // by node
    private int nodeCapacity = MIN_NODES;
    private int freshNode;
    private int[] freeNodes = new int[64];
    private int freeNodeCount;
    private final Withdrawn withdrawn = new Withdrawn();
    private int tidied; // root slots seen, of those that are being tidied

    // The change that is being made.
    private long high;
    private long low;
    private final int[] path = new int[LEVELS]; // places of buckets
    private int leaf; // what the last bucket of the path says of these addresses
    private final int[][] values = new int[LEVELS][256]; // of the bucket worked on in each level
    private final int[][] reached = new int[LEVELS][256]; // its slots that the change reaches

    Strides6(Fib6 fib, Buckets6 buckets) {
        this.fib = fib;
        this.buckets = buckets;
    }

    int routes() {
        return routes.size();
    }

    void visit(PrefixMap.Visitor visitor) {
        routes.visit(0, 0, 0, visitor);
    }

    int get(long highBits, long lowBits, int length) {
        return routes.get(highBits, lowBits, length);
    }

    /// Returns the next hop before; 0 is none, before and now.
    int set(long highBits, long lowBits, int length, int nextHop) {
        int before =
                nextHop == 0
                        ? routes.remove(highBits, lowBits, length)
                        : routes.put(highBits, lowBits, length, nextHop);
        if (before == nextHop) {
            return before;
        }
        high = highBits;
        low = lowBits;
        if (length <= 16) {
            shortPrefixes.set(top(), length, nextHop != 0);
            repaintRoot(length, nextHop == 0 ? covering(length) : nextHop);
        } else if (nextHop != 0) {
            put(level(length), index(length), nextHop);
        } else {
            remove(level(length), index(length), covering(length));
        }
        buckets.retire();
        if (before != 0 && nextHop == 0 && length > 16) {
            withdrawn.add(high, low, length);
        }
        while (withdrawn.size() > Math.min(Withdrawn.MAX, routes.size() >>> 8)) {
            forget();
        }
        tidy();
        return before;
    }

    /// Takes what the route that was withdrawn first has left, unless it is back.
    private void forget() {
        high = withdrawn.high();
        low = withdrawn.low();
        int length = withdrawn.take();
        int level = level(length);
        if (routes.get(high, low, length) != 0 || descend(level) <= level) {
            return;
        }
        if (isLeaf(level, -1)) {
            unlink(level);
        } else {
            relink(level, buckets.merge(path[level]));
        }
        buckets.retire();
    }

    /// Moves buckets together once many changes have left room between them: those behind a few
    /// root slots with each change, until all were seen.
    private void tidy() {
        if (tidied == 0) {
            if (!buckets.isLoose()) {
                return;
            }
            buckets.beginMoves();
        }
        for (int end = tidied + TIDIED_AT_ONCE; tidied < end; tidied++) {
            int value = fib.root(tidied);
            int moved = value < 0 ? Slots.DEEPER | buckets.move(value & ~Slots.DEEPER) : value;
            if (moved != value) {
                fib.publishRoot(tidied, moved);
            }
        }
        buckets.retire();
        if (tidied == Fib4.ROOT_SLOTS) {
            buckets.endMoves();
            tidied = 0;
        }
    }

    /// The first 32 bits.
    private int top() {
        return (int) (high >>> 32);
    }

    private int rootSlot() {
        return (int) (high >>> 48);
    }

    private static int level(int length) {
        return (length - 17) >>> 3;
    }

    /// Where the address goes on in a bucket of a level.
    private int slot(int level) {
        return Fib6.slot(level < 6 ? high : low, level);
    }

    /// The base index of a prefix in the node of its level ([StridePrefixes]).
    private int index(int length) {
        int within = length - 16 - 8 * level(length);
        return 1 << within | slot(level(length)) >>> (8 - within);
    }

    /// Fills `path` down to a level; returns how many of its nodes there are. The value of the slot
    /// that leads no further is in `leaf`.
    private int descend(int level) {
        int value = fib.root(rootSlot());
        int found = 0;
        while (value < 0) {
            path[found] = value & ~Slots.DEEPER;
            if (found == level) {
                return found + 1;
            }
            value = buckets.get(path[found], slot(found));
            found++;
        }
        leaf = value;
        return found;
    }

    /// Makes the slot that leads to a level hold `value`; whatever it takes is one store.
    private void link(int level, int value) {
        if (level == 0) {
            if (fib.root(rootSlot()) != value) {
                fib.publishRoot(rootSlot(), value);
            }
            return;
        }
        int above = level - 1;
        int slot = slot(above);
        relink(above, buckets.replace(path[above], slot, slot + 1, value));
    }

    private void put(int level, int index, int nextHop) {
        int found = descend(level);
        if (found > level) {
            prefixes.add(buckets.node(path[level]), index);
            repaint(level, index, nextHop);
            return;
        }
        int node = newNode();
        prefixes.add(node, index);
        int[] slots = values[level];
        Arrays.fill(slots, leaf);
        int count = prefixes.uncovered(node, index, reached[level], 0);
        for (int i = 0; i < count; i++) {
            slots[reached[level][i]] = nextHop;
        }
        int place = buckets.allocate(slots, node, level < Fib6.DENSE_LEVELS);
        for (int above = level - 1; above >= found; above--) {
            Arrays.fill(values[above], leaf);
            values[above][slot(above)] = Slots.DEEPER | place;
            place = buckets.allocate(values[above], newNode(), above < Fib6.DENSE_LEVELS);
        }
        link(found, Slots.DEEPER | place);
    }

    private void remove(int level, int index, int value) {
        descend(level);
        prefixes.remove(buckets.node(path[level]), index);
        repaint(level, index, value);
    }

    /// Takes out the empty node of a level, and those above it that are empty then.
    private void unlink(int level) {
        int value = buckets.get(path[level], 0); // of all slots
        int from = level;
        drop(from);
        while (from > 0 && isLeaf(from - 1, slot(from - 1))) {
            drop(--from);
        }
        link(from, value);
        if (from > 0) {
            relink(from - 1, buckets.merge(path[from - 1]));
        }
    }

    /// Whether nothing ends in the node of a level and nothing but perhaps one slot leads deeper.
    private boolean isLeaf(int level, int except) {
        if (!prefixes.isEmpty(buckets.node(path[level]))) {
            return false;
        }
        int child = except < 0 ? 0 : buckets.get(path[level], except);
        return !buckets.leadsDeeper(path[level], 0, Buckets6.SLOTS, child);
    }

    private void drop(int level) {
        int node = buckets.node(path[level]);
        buckets.replaced(path[level]);
        if (freeNodeCount == freeNodes.length) {
            freeNodes = Arrays.copyOf(freeNodes, 2 * freeNodeCount);
        }
        freeNodes[freeNodeCount++] = node;
    }

    private int newNode() {
        if (freeNodeCount > 0) {
            return freeNodes[--freeNodeCount]; // empty: that is why it was dropped
        }
        if (freshNode == nodeCapacity) {
            nodeCapacity += nodeCapacity < 1024 ? nodeCapacity : nodeCapacity >>> 3;
            prefixes.grow(nodeCapacity);
        }
        return freshNode++;
    }

    /// Gives the slots below `index` of a linked bucket their answer, with one store for them all.
    private void repaint(int level, int index, int value) {
        relink(level, repaint(path[level], level, index, value));
    }

    private void relink(int level, int place) {
        if (place != path[level]) {
            path[level] = place;
            link(level, Slots.DEEPER | place);
        }
    }

    /// The same in one bucket; returns its place.
    private int repaint(int place, int level, int index, int value) {
        int count = prefixes.uncovered(buckets.node(place), index, reached[level], 0);
        if (count == 0) {
            return place;
        }
        int from = reached[level][0];
        int to = reached[level][count - 1] + 1;
        boolean one = to - from == count && !buckets.leadsDeeper(place, from, to, 0);
        return one
                ? buckets.replace(place, from, to, value)
                : buckets.replace(place, paint(place, level, count, value));
    }

    /// What a bucket must hold when the first `count` slots reached get their answer. Buckets below
    /// it have it already, or there are new ones, which the store that comes later shows.
    private int[] paint(int place, int level, int count, int value) {
        int[] slots = values[level];
        buckets.decode(place, slots);
        for (int i = 0; i < count; i++) {
            int slot = reached[level][i];
            int now = slots[slot];
            slots[slot] =
                    now >= 0
                            ? value
                            : Slots.DEEPER | repaintChild(now & ~Slots.DEEPER, level, value);
        }
        return slots;
    }

    private int repaintChild(int place, int above, int value) {
        int level = above + 1;
        int count = prefixes.uncovered(buckets.node(place), 1, reached[level], 0);
        return count == 0 ? place : buckets.repaint(place, paint(place, level, count, value));
    }

    /// Gives every root slot below a prefix up to /16 its answer.
    private void repaintRoot(int length, int value) {
        int first = rootSlot();
        for (int slot = first; slot < first + (1 << (16 - length)); slot++) {
            if (shortPrefixes.longest(slot) > length) {
                continue;
            }
            int now = fib.root(slot);
            if (now >= 0) {
                fib.publishRoot(slot, value);
                continue;
            }
            int place = now & ~Slots.DEEPER;
            int next = repaint(place, 0, 1, value);
            if (next != place) {
                fib.publishRoot(slot, Slots.DEEPER | next);
            }
        }
    }

    /// The next hop of the most specific route shorter than `length` that holds the address, 0
    /// where there is none.
    private int covering(int length) {
        int shorter = length <= 16 ? shortPrefixes.longestAbove(top(), length) : above(length);
        return shorter == 0
                ? 0
                : routes.get(
                        high & Ip6Prefix.highMask(shorter),
                        low & Ip6Prefix.lowMask(shorter),
                        shorter);
    }

    private int above(int length) {
        int index = index(length) >>> 1;
        int last = level(length);
        descend(last);
        for (int level = last; level >= 0; level--) {
            int found = prefixes.longest(buckets.node(path[level]), index);
            if (found != 0) {
                return 16 + 8 * level + StridePrefixes.length(found);
            }
            index = level == 0 ? 0 : 256 | slot(level - 1);
        }
        return shortPrefixes.longest(rootSlot());
    }
}
