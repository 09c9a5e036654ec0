package dev.stride.core.fib;

import java.util.Arrays;

/// All buckets of one stride: their slots, which prefixes end in them, and which buckets are free.
/// A bucket is a number from 1 on, or from a higher one where the first slots are constants.
///
/// Threads: the control thread does everything here; readers only look at what is [#published].
///
/// A bucket's life, and why readers are safe:
///
/// 1. [#allocate] hands out a number that no reader can reach; its slots are filled with plain
///    stores.
/// 2. The control thread links it by one release store to the slot that leads to it. A reader that
///    finds the number there finds the slots filled.
/// 3. Another such store unlinks it. The control thread then calls [#retire], which marks it with
///    the epoch that begins after that store.
/// 4. When every reader has reached that epoch, nobody holds the number, and it is free again.
///
/// The array grows by a copy. The copy is published before any bucket in its new part is linked,
/// and a reader takes it after the slot that it follows, so it finds every number that it can hold;
/// a reader with the older array sees the table of a moment of its burst.
final class Buckets {
    private static final int EPOCH_BATCH = 32; // retired buckets that share an epoch
    private static final int MIN_CROWD = 256;

    private final Quiescence readers;
    private final int first;
    final StridePrefixes prefixes;
    private final PublishedSlots published;
    private Slots slots; // what is published
    private int capacity;
    private int fresh; // numbers from here on were never used
    private int[] free = new int[64];
    private int freeCount;

    // Unlinked buckets, oldest first, in a ring whose length is a power of two.
    private int[] limbo = new int[64];
    private long[] limboMark = new long[64];
    private int limboHead;
    private int limboCount;
    private int unmarked; // at the end of the ring: replaced, but still linked
    private int inEpoch; // marked since this table last began an epoch

    /// @param first the first bucket that is handed out
    private Buckets(Quiescence readers, int first, int capacity, Slots slots) {
        this.readers = readers;
        this.first = first;
        this.fresh = first;
        this.capacity = capacity;
        this.slots = slots;
        this.published = new PublishedSlots(slots);
        this.prefixes = new StridePrefixes(capacity);
    }

    /// Of the third stride: the first slots are constants, and slots are as small as can be.
    static Buckets third(Quiescence readers) {
        int first = Slots.CONSTANTS >>> 8;
        return new Buckets(readers, first, 2 * first, new ByteSlots(2 * first));
    }

    /// Of the fourth stride.
    static Buckets fourth(Quiescence readers) {
        return new Buckets(readers, 1, 64, new NarrowSlots(64));
    }

    /// Where readers find the slots: after they have read the slot that leads here.
    PublishedSlots published() {
        return published;
    }

    private void publish(Slots longer) {
        slots = longer;
        published.set(longer);
    }

    int get(int bucket, int slot) {
        return slots.get(bucket << 8 | slot);
    }

    /// Changes a slot of a bucket that no reader can reach.
    void set(int bucket, int slot, int value) {
        admit(value);
        slots.set(bucket << 8 | slot, value);
    }

    /// Changes a slot of a linked bucket: every reader sees the old value or the new one.
    void publish(int bucket, int slot, int value) {
        admit(value);
        slots.publish(bucket << 8 | slot, value);
    }

    /// Whether [#publish] is enough, or the change needs a new bucket.
    boolean canPublish(int bucket, int slot, int value) {
        return slots.canPublish(bucket << 8 | slot, value);
    }

    /// Makes sure that slots can hold `value`.
    void admit(int value) {
        while (!slots.holds(value)) {
            publish(slots.widened());
        }
    }

    /// A bucket with every slot at `value` and no prefixes.
    int allocate(int value) {
        admit(value);
        int bucket = take();
        slots.fill(bucket, value);
        prefixes.clear(bucket);
        return bucket;
    }

    /// A bucket with the slots and prefixes of another.
    int copyOf(int bucket) {
        int copy = take();
        slots.copy(bucket, copy);
        prefixes.copy(bucket, copy);
        return copy;
    }

    private int take() {
        if (freeCount == 0) {
            reclaim();
        }
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (fresh == capacity) {
            grow();
        }
        return fresh++;
    }

    /// By doubling while small, then by a 32nd: memory follows use.
    private void grow() {
        capacity += capacity < 4096 ? capacity : capacity >>> 5;
        prefixes.grow(capacity);
        publish(slots.grown(capacity));
    }

    /// A bucket is about to be unlinked: [#retire] must follow the store that does it.
    void replaced(int bucket) {
        if (limboCount == limbo.length) {
            growLimbo();
        }
        limbo[(limboHead + limboCount++) & (limbo.length - 1)] = bucket;
        unmarked++;
    }

    /// The buckets of [#replaced] have been unlinked.
    void retire() {
        for (; unmarked > 0; unmarked--) {
            limboMark[(limboHead + limboCount - unmarked) & (limbo.length - 1)] = readers.mark();
            inEpoch++;
        }
        if (inEpoch >= EPOCH_BATCH) {
            reclaim();
        }
    }

    /// Frees what every reader has left behind.
    private void reclaim() {
        if (limboCount == unmarked) {
            return;
        }
        int newest = (limboHead + limboCount - unmarked - 1) & (limbo.length - 1);
        if (limboMark[newest] == readers.mark()) {
            readers.advance();
        }
        inEpoch = 0;
        long passed = readers.passed();
        while (limboCount > unmarked && limboMark[limboHead] <= passed) {
            if (freeCount == free.length) {
                free = Arrays.copyOf(free, 2 * freeCount);
            }
            free[freeCount++] = limbo[limboHead];
            limboHead = (limboHead + 1) & (limbo.length - 1);
            limboCount--;
        }
    }

    private void growLimbo() {
        int length = limbo.length;
        int[] moreLimbo = new int[2 * length];
        long[] moreMarks = new long[2 * length];
        for (int i = 0; i < limboCount; i++) {
            moreLimbo[i] = limbo[(limboHead + i) & (length - 1)];
            moreMarks[i] = limboMark[(limboHead + i) & (length - 1)];
        }
        limbo = moreLimbo;
        limboMark = moreMarks;
        limboHead = 0;
    }

    /// Whether so many buckets wait for a slow reader, a 64th of those in use, that no more should
    /// be replaced without need: memory stays bounded however long a reader stalls.
    boolean isCrowded() {
        if (limboCount < Math.max(MIN_CROWD, used() >>> 6)) {
            return false;
        }
        reclaim();
        return limboCount >= Math.max(MIN_CROWD, used() >>> 6);
    }

    /// How many buckets are linked.
    int used() {
        return fresh - first - freeCount - limboCount;
    }

    /// How many buckets wait for readers.
    int waiting() {
        return limboCount;
    }

    /// The memory that lookups reach.
    long bytes() {
        return published.get().bytes();
    }
}
