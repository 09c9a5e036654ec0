package dev.stride.core.fib;

import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.PrefixMap;
import dev.stride.core.stats.Counts;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/// The IPv6 FIB: the same table as [Fib4] for 128 bits, in up to 16 strides of 8. The first two
/// share a root of 65,536 slots. The others have buckets of 256 slots ([Buckets6]), dense ones up
/// to /32, where providers are told apart and most addresses end, and behind it, where there are
/// many more buckets than IPv4 has with few different answers each, such of runs of equal slots.
///
/// ```
/// bits    0-15     16-23    24-31     32-39  40-47  ...  120-127
///        [ root ] [dense]  [dense]   [runs] [runs]        [runs]
/// ```
///
/// Threads and what a lookup answers are as with [Fib4]:
///
/// 1. A slot holds the final answer, so one load decides, whatever else changes meanwhile.
/// 2. A change of a prefix is one store for the bucket that it ends in: of a value, or of the value
///    that leads to a bucket that was filled while private. More stores are needed for the buckets
///    below that, for the root slots of a prefix up to /15, and while so many buckets wait for a
///    slow reader that they are changed in place: for a while some addresses have the old answer
///    and others the new one.
/// 3. A step's loads come before the next step's; the buckets that they lead to stay as they are
///    until this reader's next quiescent point.
/// 4. A slot without a next hop stands for the default route ([DefaultRoute]).
///
/// Buckets that wait for a slow reader may take a quarter of what the linked ones take; from there
/// on changes are made in place ([Buckets6]). Only prefixes that come as the only ones of their
/// buckets still take new ones; those that went just before find theirs ([Withdrawn]). What is free
/// beyond a twenty-fourth is given back: the next changes move buckets together and cut off the end
/// of their array.
public final class Fib6 extends Padded {
    /// Levels whose buckets are dense: those of the bits 16 to 31.
    static final int DENSE_LEVELS = 2;

    private static final VarHandle ROOT;
    private static final VarHandle ROOT_SLOT = MethodHandles.arrayElementVarHandle(int[].class);

    static {
        try {
            ROOT = MethodHandles.lookup().findVarHandle(Fib6.class, "root", int[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// What a burst needs besides its answers: of the thread, so that a lookup allocates nothing.
    private static final ThreadLocal<Burst6> BURST = ThreadLocal.withInitial(Burst6::new);

    // control: rw, readers: ro. A next hop, or Slots.DEEPER and the place of a bucket. The first
    // route replaces it, as with Fib4.
    private int[] root = Fib4.EMPTY_ROOT;
    private final Buckets6 buckets;
    private final int[][] published; // the buckets, for readers
    private final DefaultRoute fallback = new DefaultRoute();
    private final Quiescence readers;
    private final Strides6 strides;
    private final Counts updates = new Counts(1);

    /// An empty table whose readers are those of `readers`.
    public Fib6(Quiescence readers) {
        this.readers = readers;
        buckets = new Buckets6(readers);
        published = buckets.published();
        strides = new Strides6(this, buckets);
    }

    /// The next hop of the most specific prefix that holds an address, 0 where there is none.
    ///
    /// @param high the address's first 64 bits
    /// @param low its last 64 bits
    public int lookup(long high, long low) {
        while (true) {
            long before = fallback.read();
            int nextHop = specific(high, low);
            if (nextHop != 0 || fallback.isStill(before)) {
                return nextHop != 0 ? nextHop : (int) before;
            }
        }
    }

    private int[] root() {
        return (int[]) ROOT.getAcquire(this);
    }

    private int specific(long high, long low) {
        int answer = root()[(int) (high >>> 48)];
        for (int level = 0; answer < 0; level++) {
            Slots.betweenSteps();
            int[] words = Buckets6.words(published);
            int slot = slot(level < 6 ? high : low, level);
            int place = answer & ~Slots.DEEPER;
            answer =
                    level < DENSE_LEVELS
                            ? Buckets6.dense(words, place, slot)
                            : Buckets6.inRuns(words, place, slot);
        }
        return answer;
    }

    /// The 8 bits of a level, counted from bit 16 on; shifts count modulo 64.
    static int slot(long half, int level) {
        return (int) (half >>> 40 - 8 * level) & 0xff;
    }

    /// [#lookup(long,long)] for `count` addresses at once, which is much faster: their memory
    /// accesses overlap.
    ///
    /// @param highs first halves of addresses, from index `from` on
    /// @param lows their second halves, from the same index on
    /// @param nextHops gets the answers, from index 0 on
    public void lookup(long[] highs, long[] lows, int from, int[] nextHops, int count) {
        Objects.checkFromIndexSize(from, count, highs.length);
        Objects.checkFromIndexSize(from, count, lows.length);
        Objects.checkFromIndexSize(0, count, nextHops.length);
        long before;
        boolean fellBack;
        do {
            before = fallback.read();
            fellBack = burst(highs, lows, from, nextHops, count, (int) before);
        } while (fellBack && !fallback.isStill(before));
    }

    /// One pass over a burst; true where some address had only the default route.
    private boolean burst(
            long[] highs, long[] lows, int from, int[] nextHops, int count, int otherwise) {
        Burst6 burst = BURST.get();
        burst.start(count, loadsByVectors());
        burst.root(root(), highs, from, count);
        Slots.betweenSteps();
        burst.dense(Buckets6.words(published), 8, count);
        Slots.betweenSteps();
        burst.dense(Buckets6.words(published), 0, count);
        int left = burst.collect(nextHops, count);
        for (int level = DENSE_LEVELS; left > 0; level++) {
            Slots.betweenSteps();
            long[] halves = level < 6 ? highs : lows;
            left = burst.runs(Buckets6.words(published), halves, from, level, nextHops, left);
        }
        int none = 0;
        for (int i = 0; i < count; i++) {
            none |= nextHops[i] - 1;
        }
        return none < 0 && fallBack(nextHops, count, otherwise);
    }

    private static boolean fallBack(int[] nextHops, int count, int otherwise) {
        for (int i = 0; i < count; i++) {
            nextHops[i] = nextHops[i] == 0 ? otherwise : nextHops[i];
        }
        return true;
    }

    /// Inserts a route, replaces its next hop or, with next hop 0, removes it: its addresses then
    /// follow the next less specific one. The control thread only.
    ///
    /// @param high the prefix's first 64 address bits; bits beyond `length` are ignored
    /// @param low its last 64
    /// @param length 0-128
    /// @param nextHop 0 to 2^31 - 1
    /// @return the next hop before, 0 where there was no such route
    public int set(long high, long low, int length, int nextHop) {
        if (nextHop < 0) {
            throw new IllegalArgumentException("next hop " + nextHop + " is out of range");
        }
        int before =
                checkLength(length) == 0
                        ? fallback.set(nextHop)
                        : strides.set(
                                high & Ip6Prefix.highMask(length),
                                low & Ip6Prefix.lowMask(length),
                                length,
                                nextHop);
        if (before != nextHop) {
            updates.add(0, 1);
        }
        return before;
    }

    /// [#set] with a next hop.
    public void put(long high, long low, int length, int nextHop) {
        if (nextHop == 0) {
            throw new IllegalArgumentException("next hop 0 is none");
        }
        set(high, low, length, nextHop);
    }

    /// [#set] without one; returns whether there was such a route.
    public boolean remove(long high, long low, int length) {
        return set(high, low, length, 0) != 0;
    }

    /// The next hop of exactly this prefix, 0 where there is no such route. The control thread
    /// only.
    public int get(long high, long low, int length) {
        return checkLength(length) == 0
                ? (int) fallback.read()
                : strides.get(
                        high & Ip6Prefix.highMask(length), low & Ip6Prefix.lowMask(length), length);
    }

    private static int checkLength(int length) {
        return Objects.checkIndex(length, 129);
    }

    /// What a root slot holds.
    int root(int slot) {
        return root[slot];
    }

    /// Every reader sees the slot as it was or as it is now.
    void publishRoot(int slot, int value) {
        if (Fib4.isEmpty(root)) {
            int[] own = new int[Fib4.ROOT_SLOTS];
            own[slot] = value;
            ROOT.setRelease(this, own);
        } else {
            ROOT_SLOT.setRelease(root, slot, value);
        }
    }

    /// How many routes the table holds. The control thread only.
    public int routes() {
        return strides.routes() + ((int) fallback.read() == 0 ? 0 : 1);
    }

    /// Shows all routes. The control thread only.
    public void visit(PrefixMap.Visitor visitor) {
        int otherwise = (int) fallback.read();
        if (otherwise == 0 || visitor.visit(0, 0, 0, otherwise)) {
            strides.visit(visitor);
        }
    }

    /// How many buckets are linked. The control thread only.
    public int buckets() {
        return buckets.used();
    }

    /// The memory that lookups reach, without what all tables share. Any thread.
    public long bytes() {
        return (Fib4.isEmpty(root()) ? 0 : (long) Fib4.ROOT_SLOTS * Integer.BYTES)
                + buckets.bytes();
    }

    /// As [Fib4#loadsByVectors].
    public boolean loadsByVectors() {
        return Gathers.from(Buckets6.words(published).length);
    }

    /// How many changes were made. The control thread only.
    public long updates() {
        return updates.get(0);
    }

    /// How many unlinked buckets wait until every reader has passed a quiescent point. The control
    /// thread only.
    public int waitingBuckets() {
        return buckets.waiting();
    }

    /// The slowest reader, on which reclamation waits. Any thread.
    public Quiescence.Lag lag() {
        return readers.lag();
    }
}
