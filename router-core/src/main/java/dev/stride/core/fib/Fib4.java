package dev.stride.core.fib;

import dev.stride.core.addr.PrefixMap;
import dev.stride.core.stats.Counts;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/// The IPv4 FIB: the longest of up to millions of prefixes that holds an address, in at most three
/// loads (A. Oppermann, "Optimizing the FreeBSD IP and TCP Stack", EuroBSDCon 2005: four strides of
/// 8 bits in dense buckets; here strides 1 and 2 share a root of 65,536 slots).
///
/// ```
/// address   10 . 1  . 2 . 3
///          [ root ]   |   |       65,536 slots: next hop, or bucket of stride 3
///             +---> [ 3 ] |       256 slots: next hop, or bucket of stride 4
///                     +-> [ 4 ]   256 slots: next hop
/// ```
///
/// Threads: any number of readers, each with an online [Quiescence.Reader] (the control thread
/// needs none), and the control thread, which alone changes. What a lookup answers was the table's
/// answer at some moment of the call, for each address of a burst:
///
/// 1. A slot holds the final answer, so one load decides, whatever else changes meanwhile.
/// 2. Each change reaches a slot with one release store. A change of a prefix longer than /15 is
///    one store in all: of the slot itself, of slots side by side, or of the slot that leads to a
///    bucket that was filled while private. Of a prefix up to /15, or while a reader is far behind,
///    it is one store for each slot, and for a while some addresses have the old answer and others
///    the new one.
/// 3. A step's loads come before the next step's ([Slots#betweenSteps]); the buckets that they lead
///    to stay as they are until this reader's next quiescent point ([Buckets]).
/// 4. A slot without a next hop stands for the default route, which is a word of its own with a
///    version: where the word changed during a call, the call starts again ([DefaultRoute]).
public final class Fib4 extends Padded {
    static final int ROOT_SLOTS = 1 << 16;

    /// What a burst needs besides its answers: of the thread, so that a lookup allocates nothing.
    private static final ThreadLocal<int[]> SCRATCH =
            ThreadLocal.withInitial(() -> new int[256 + INTS]);

    /// The root of every table that has nothing but a default route: never written.
    static final int[] EMPTY_ROOT = new int[ROOT_SLOTS];

    private static final VarHandle ROOT;
    private static final VarHandle ROOT_SLOT = MethodHandles.arrayElementVarHandle(int[].class);

    static {
        try {
            ROOT = MethodHandles.lookup().findVarHandle(Fib4.class, "root", int[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // control: rw, readers: ro. A root slot is twice the index of a slot of the third stride: of
    // the constant that is its next hop or, with bit 0 set as well, of the first slot of a bucket.
    // The first route has it replaced, once, by an array of the table's own that shows the route.
    private int[] root = EMPTY_ROOT;
    private final PublishedSlots third;
    private final PublishedSlots fourth;
    private final DefaultRoute fallback = new DefaultRoute();
    private final Quiescence readers;
    private final Strides4 strides;
    private final Counts updates = new Counts(1);

    /// An empty table whose readers are those of `readers`.
    public Fib4(Quiescence readers) {
        this.readers = readers;
        strides = new Strides4(this, readers);
        third = strides.third.published();
        fourth = strides.fourth.published();
    }

    /// The next hop of the most specific prefix that holds `address`, 0 where there is none.
    public int lookup(int address) {
        while (true) {
            long before = fallback.read();
            int nextHop = specific(address);
            if (nextHop != 0 || fallback.isStill(before)) {
                return nextHop != 0 ? nextHop : (int) before;
            }
        }
    }

    /// Whether it is the one that all tables share.
    @SuppressWarnings("ReferenceEquality")
    static boolean isEmpty(int[] root) {
        return root == EMPTY_ROOT;
    }

    private int[] root() {
        return (int[]) ROOT.getAcquire(this);
    }

    private int specific(int address) {
        int entry = root()[address >>> 16];
        if ((entry & 1) == 0) {
            return entry >>> 1;
        }
        Slots.betweenSteps();
        int slot = third.get().get((entry >>> 1) + (address >>> 8 & 0xff));
        return slot >= 0 ? slot : deepest(slot, address);
    }

    private int deepest(int slot, int address) {
        Slots.betweenSteps();
        return fourth.get().get((slot & ~Slots.DEEPER) << 8 | address & 0xff);
    }

    /// [#lookup(int)] for `count` addresses at once, which is much faster: their memory accesses
    /// overlap.
    ///
    /// @param addresses the addresses, from index `from` on
    /// @param nextHops another array, gets the answers, from index 0 on
    public void lookup(int[] addresses, int from, int[] nextHops, int count) {
        Objects.checkFromIndexSize(from, count, addresses.length);
        Objects.checkFromIndexSize(0, count, nextHops.length);
        long before;
        boolean fellBack;
        do {
            before = fallback.read();
            fellBack = burst(addresses, from, nextHops, count, (int) before);
        } while (fellBack && !fallback.isStill(before));
    }

    /// One pass over a burst; true where some address had only the default route.
    private boolean burst(int[] addresses, int from, int[] nextHops, int count, int otherwise) {
        int[] indexes = scratch(count);
        int[] r = root();
        int done = third.get().gathers() ? Lanes.roots(r, addresses, from, nextHops, count) : 0;
        for (int i = done; i < count; i++) {
            nextHops[i] = r[addresses[from + i] >>> 16];
        }
        done = Slots.LANES ? Lanes.indexes(nextHops, addresses, from, indexes, count) : 0;
        for (int i = done; i < count; i++) {
            int entry = nextHops[i];
            indexes[i] = (entry >>> 1) + (addresses[from + i] >>> 8 & 0xff & -(entry & 1));
        }
        Slots.betweenSteps();
        Slots slots = third.get();
        return slots.step(indexes, nextHops, count)
                && finish(slots, addresses, from, indexes, nextHops, count, otherwise);
    }

    private static int[] scratch(int count) {
        int[] scratch = SCRATCH.get();
        if (scratch.length < count + INTS) { // apart from what the collector puts behind it
            scratch = new int[count + INTS];
            SCRATCH.set(scratch);
        }
        return scratch;
    }

    /// The fourth stride and the default route, for the few addresses that need them.
    private boolean finish(
            Slots stepped,
            int[] addresses,
            int from,
            int[] indexes,
            int[] nextHops,
            int count,
            int otherwise) {
        boolean fellBack = false;
        for (int i = 0; i < count; i++) {
            int answer = stepped.answer(nextHops[i], indexes[i]);
            if (answer < 0) {
                answer = deepest(answer, addresses[from + i]);
            }
            fellBack |= answer == 0;
            nextHops[i] = answer == 0 ? otherwise : answer;
        }
        return fellBack;
    }

    /// Inserts a route, replaces its next hop or, with next hop 0, removes it: its addresses then
    /// follow the next less specific one. The control thread only.
    ///
    /// @param bits the prefix's address bits; bits beyond `length` are ignored
    /// @param length 0-32
    /// @param nextHop 0 to 2^27 - 1
    /// @return the next hop before, 0 where there was no such route
    public int set(int bits, int length, int nextHop) {
        if (nextHop < 0 || nextHop > ExactRoutes4.MAX_NEXT_HOP) {
            throw new IllegalArgumentException("next hop " + nextHop + " is out of range");
        }
        int before =
                checkLength(length) == 0
                        ? fallback.set(nextHop)
                        : strides.set(bits & mask(length), length, nextHop);
        if (before != nextHop) {
            updates.add(0, 1);
        }
        return before;
    }

    /// [#set] with a next hop.
    public void put(int bits, int length, int nextHop) {
        if (nextHop == 0) {
            throw new IllegalArgumentException("next hop 0 is none");
        }
        set(bits, length, nextHop);
    }

    /// [#set] without one; returns whether there was such a route.
    public boolean remove(int bits, int length) {
        return set(bits, length, 0) != 0;
    }

    /// The next hop of exactly this prefix, 0 where there is no such route. The control thread
    /// only.
    public int get(int bits, int length) {
        return checkLength(length) == 0
                ? (int) fallback.read()
                : strides.get(bits & mask(length), length);
    }

    private static int checkLength(int length) {
        return Objects.checkIndex(length, 33);
    }

    private static int mask(int length) {
        return length == 0 ? 0 : -1 << (32 - length);
    }

    /// The next hop in a root slot, or the bucket that it leads to with [Slots#DEEPER].
    int root(int slot) {
        int entry = root[slot];
        return (entry & 1) == 0 ? entry >>> 1 : entry >>> 9 | Slots.DEEPER;
    }

    /// Links what [#root] returns: every reader sees the slot as it was or as it is now. A next hop
    /// must be one of [Slots#CONSTANTS].
    void publishRoot(int slot, int value) {
        int entry = value < 0 ? value << 9 | 1 : value << 1;
        if (isEmpty(root)) {
            int[] own = new int[ROOT_SLOTS];
            own[slot] = entry;
            ROOT.setRelease(this, own);
        } else {
            ROOT_SLOT.setRelease(root, slot, entry);
        }
    }

    /// How many routes the table holds. The control thread only.
    public int routes() {
        return strides.routes() + ((int) fallback.read() == 0 ? 0 : 1);
    }

    /// Shows all routes in no order; an address is shown in the upper half of `high`. The control
    /// thread only.
    public void visit(PrefixMap.Visitor visitor) {
        int otherwise = (int) fallback.read();
        if (otherwise == 0 || visitor.visit(0, 0, 0, otherwise)) {
            strides.visit(visitor);
        }
    }

    /// How many buckets are linked. The control thread only.
    public int buckets() {
        return strides.third.used() + strides.fourth.used();
    }

    /// The memory that lookups reach, without what all tables share. Any thread.
    public long bytes() {
        return (isEmpty(root()) ? 0 : (long) ROOT_SLOTS * Integer.BYTES)
                + strides.third.bytes()
                + strides.fourth.bytes();
    }

    /// Whether bursts load from the table by vectors, which is measured once it is large. Any
    /// thread.
    public boolean loadsByVectors() {
        return third.get().gathers();
    }

    /// How many changes were made. The control thread only.
    public long updates() {
        return updates.get(0);
    }

    /// How many unlinked buckets wait until every reader has passed a quiescent point. The control
    /// thread only.
    public int waitingBuckets() {
        return strides.third.waiting() + strides.fourth.waiting();
    }

    /// The slowest reader, on which reclamation waits. Any thread.
    public Quiescence.Lag lag() {
        return readers.lag();
    }
}
