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
final class Buckets extends Padded {
    private static final int MIN_CROWD = 256;
    private static final int FEW = 8; // that an empty table has room for

    private final int first;
    final StridePrefixes prefixes;
    private final PublishedSlots published;
    private Slots slots; // what is published
    private int capacity;
    private int fresh; // numbers from here on were never used
    private int[] free = new int[64];
    private int freeCount;

    private final Limbo limbo;

    /// @param first the first bucket that is handed out
    private Buckets(Quiescence readers, int first, int capacity, Slots slots) {
        this.first = first;
        this.fresh = first;
        this.capacity = capacity;
        this.slots = slots;
        this.published = new PublishedSlots(slots);
        this.prefixes = new StridePrefixes(capacity);
        this.limbo = new Limbo(readers, this::free);
    }

    /// Of the third stride: the first slots are constants, and slots are as small as can be.
    static Buckets third(Quiescence readers) {
        int first = Slots.CONSTANTS >>> 8;
        int capacity = first + FEW;
        return new Buckets(readers, first, capacity, new ByteSlots(capacity));
    }

    /// Of the fourth stride.
    static Buckets fourth(Quiescence readers) {
        return new Buckets(readers, 1, FEW, new NarrowSlots(FEW));
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

    /// [Slots#publishTogether].
    boolean publishTogether(int bucket, int[] which, int count, int value) {
        admit(value);
        return slots.publishTogether(bucket, which, count, value);
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
            limbo.reclaim();
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

    private void free(int bucket) {
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = bucket;
    }

    /// A bucket is about to be unlinked: [#retire] must follow the store that does it.
    void replaced(int bucket) {
        limbo.add(bucket);
    }

    /// The buckets of [#replaced] have been unlinked.
    void retire() {
        limbo.retire();
    }

    /// Whether so many buckets wait for a slow reader, a 64th of those in use, that no more should
    /// be replaced without need: memory stays bounded however long a reader stalls.
    boolean isCrowded() {
        if (limbo.size() < Math.max(MIN_CROWD, used() >>> 6)) {
            return false;
        }
        limbo.reclaim();
        return limbo.size() >= Math.max(MIN_CROWD, used() >>> 6);
    }

    /// How many buckets are linked.
    int used() {
        return fresh - first - freeCount - limbo.size();
    }

    /// How many buckets wait for readers.
    int waiting() {
        return limbo.size();
    }

    /// The memory that lookups reach.
    long bytes() {
        return published.get().bytes();
    }
}
