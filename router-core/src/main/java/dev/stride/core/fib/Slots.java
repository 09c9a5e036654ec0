package dev.stride.core.fib;

import java.lang.invoke.VarHandle;

/// The slots of all buckets of one stride in one array, 256 to a bucket. A slot is a next-hop
/// number, 0 for none, or [#DEEPER] and the number of a bucket of the next stride. This value is
/// what the methods take and give; how many bits it takes in the array is the form's affair.
///
/// Written by the control thread, read by every reader. Slots are single array elements, which Java
/// never tears. [#set] is for buckets that no reader can reach yet; [#publish] is the release store
/// for those that readers can.
abstract sealed class Slots extends Padded permits ByteSlots, NarrowSlots, WideSlots {
    /// The flag of a slot that leads to a bucket of the next stride. Bucket 0 is never linked.
    static final int DEEPER = 1 << 31;

    /// The third stride's first slots hold their own numbers: a root slot with a next hop leads to
    /// the constant, so that all addresses take the same steps.
    static final int CONSTANTS = 1 << 15;

    abstract int get(int index);

    abstract void set(int index, int value);

    abstract void publish(int index, int value);

    /// Whether [#publish] is enough, or the change needs a new bucket.
    boolean canPublish(int index, int value) {
        return true;
    }

    /// Gives several slots of a bucket a next hop, by one store.
    ///
    /// @param which their numbers in the bucket, ascending
    /// @return whether it did: where it cannot be one store, the change needs a new bucket
    boolean publishTogether(int bucket, int[] which, int count, int value) {
        return false;
    }

    /// Whether this form can store `value`.
    abstract boolean holds(int value);

    abstract void copy(int fromBucket, int toBucket);

    abstract void fill(int bucket, int value);

    /// A longer array with the same slots.
    abstract Slots grown(int buckets);

    /// The same slots in a form that holds every value.
    abstract Slots widened();

    abstract long bytes();

    /// Whether the table is loaded from by vectors ([Gathers]).
    boolean gathers() {
        return false;
    }

    /// Loads a slot for each of the first `count` indexes into `answers`, in this form's own bits.
    /// True where some answer is no plain next hop: then [#answer] says what each one is.
    ///
    /// The loads are a loop of their own, so short that the processor has some fifty of them under
    /// way, where one loop for everything has a dozen.
    abstract boolean step(int[] indexes, int[] answers, int count);

    /// The value of what [#step] loaded from a slot.
    abstract int answer(int stepped, int index);

    /// Whether [Lanes] can be used.
    static final boolean LANES = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    /// Orders a reader's loads of one step before those of the next, which depend on them; pairs
    /// with the release stores of [#publish] and the root. Free on x86 and one `dmb ishld` on Arm.
    static void betweenSteps() {
        VarHandle.acquireFence();
    }
}
