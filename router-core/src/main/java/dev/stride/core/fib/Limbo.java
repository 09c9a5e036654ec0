package dev.stride.core.fib;

import java.util.function.IntConsumer;

/// Buckets that were taken out of a table and wait until no reader can hold them any more. The
/// control thread only.
///
/// What [#add] takes may still be linked; [#retire] follows the store that unlinks it and marks it
/// with the epoch that begins then. When every reader has reached that epoch, [#reclaim] hands it
/// back.
final class Limbo extends Padded {
    private static final int EPOCH_BATCH = 32; // retired buckets that share an epoch

    private final Quiescence readers;
    private final IntConsumer free;

    // Oldest first, in a ring whose length is a power of two.
    private int[] buckets = new int[64];
    private long[] marks = new long[64];
    private int head;
    private int count;
    private int unmarked; // at the end of the ring: perhaps still linked
    private int inEpoch; // marked since an epoch last began

    /// @param free takes what may be used again
    Limbo(Quiescence readers, IntConsumer free) {
        this.readers = readers;
        this.free = free;
    }

    /// How many wait.
    int size() {
        return count;
    }

    /// A bucket is about to be unlinked: [#retire] must follow the store that does it.
    void add(int bucket) {
        if (count == buckets.length) {
            grow();
        }
        buckets[(head + count++) & (buckets.length - 1)] = bucket;
        unmarked++;
    }

    /// The buckets of [#add] have been unlinked.
    void retire() {
        for (; unmarked > 0; unmarked--) {
            marks[(head + count - unmarked) & (buckets.length - 1)] = readers.mark();
            inEpoch++;
        }
        if (inEpoch >= EPOCH_BATCH) {
            reclaim();
        }
    }

    /// Frees what every reader has left behind.
    void reclaim() {
        if (count == unmarked) {
            return;
        }
        int newest = (head + count - unmarked - 1) & (buckets.length - 1);
        if (marks[newest] == readers.mark()) {
            readers.advance();
        }
        inEpoch = 0;
        long passed = readers.passed();
        while (count > unmarked && marks[head] <= passed) {
            free.accept(buckets[head]);
            head = (head + 1) & (buckets.length - 1);
            count--;
        }
    }

    private void grow() {
        int[] more = new int[2 * count];
        long[] moreMarks = new long[2 * count];
        int front = count - head;
        System.arraycopy(buckets, head, more, 0, front);
        System.arraycopy(buckets, 0, more, front, head);
        System.arraycopy(marks, head, moreMarks, 0, front);
        System.arraycopy(marks, 0, moreMarks, front, head);
        buckets = more;
        marks = moreMarks;
        head = 0;
    }
}
