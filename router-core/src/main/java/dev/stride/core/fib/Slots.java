package dev.stride.core.fib;

import java.lang.invoke.VarHandle;

/// The slots of all buckets of one stride in one array, 256 to a bucket. A slot is a next-hop
/// number, 0 for none, or [#DEEPER] and the number of a bucket of the next stride. This value is
/// what the methods take and give; how many bits it takes in the array is the form's affair.
///
/// Written by the control thread, read by every reader. Slots are single array elements, which Java
/// never tears. [#set] is for buckets that no reader can reach yet; [#publish] is the release store
/// for those that readers can.
abstract sealed class Slots permits NarrowSlots, WideSlots {
    /// The flag of a slot that leads to a bucket of the next stride. Bucket 0 is never linked.
    static final int DEEPER = 1 << 31;

    /// Narrow slots until a value does not fit.
    static Slots of(int buckets) {
        return new NarrowSlots(buckets);
    }

    abstract int get(int index);

    abstract void set(int index, int value);

    abstract void publish(int index, int value);

    /// Whether this form can store `value`.
    abstract boolean holds(int value);

    abstract void copy(int fromBucket, int toBucket);

    abstract void fill(int bucket, int value);

    /// A longer array with the same slots.
    abstract Slots grown(int buckets);

    /// The same slots in a form that holds every value.
    abstract Slots widened();

    abstract long bytes();

    /// The second step of a burst. `answers` has the root's slots of [Fib4], and gets the answer of
    /// the third stride in this form's own bits; `loaded` is scratch. True where some answer is no
    /// plain next hop: then [#answer] says what each one is.
    ///
    /// One loop for the arithmetic before the loads, one for the loads, one for the arithmetic
    /// after. The compiler makes vectors of the first and the last, and the middle one is so short
    /// that the processor has some fifty loads under way, where one loop for all has a dozen. All
    /// arrays are indexed by the same `i`: the compiler need not prove that they do not overlap.
    abstract boolean step(int[] addresses, int[] answers, int[] loaded, int count);

    /// Which slot each address needs after the root; slot 0 where the root has the answer.
    static void indexes(int[] addresses, int[] answers, int[] indexes, int count) {
        for (int i = 0; i < count; i++) {
            int root = answers[i];
            int leaf = root >> 31; // all ones where the root has the answer
            indexes[i] = root + (addresses[i] >>> 8 & 0xff) & ~leaf;
        }
    }

    /// The value of what [#step] wrote.
    abstract int answer(int stepped);

    /// Orders a reader's loads of one step before those of the next, which depend on them; pairs
    /// with the release stores of [#publish] and the root. Free on x86 and one `dmb ishld` on Arm.
    static void betweenSteps() {
        VarHandle.acquireFence();
    }
}
