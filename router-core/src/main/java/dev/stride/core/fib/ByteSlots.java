package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Slots of 8 bits, for next hops up to 254: half of the memory that [NarrowSlots] take, so that
/// twice as much of the table is in the caches, which is what a lookup's time depends on.
///
/// A slot that leads to the next stride is [#DEEPER_CODE]; where it leads is in its bucket's
/// `children`: a sorted array of `slot << 22 | bucket`, so that few children cost little.
///
/// What a reader may find, who reads a slot first and its child later: while a bucket is linked, a
/// child in the array may be replaced by another, one store, and the array by a longer one, one
/// store. It never loses a child, not even when the slot becomes a next hop; to make such a slot
/// lead deeper again [#canPublish] asks for a new bucket. So the child that a reader finds is the
/// one that the slot had when the reader read it, or one that came in its place.
final class ByteSlots extends Slots {
    private static final VarHandle CHILDREN = MethodHandles.arrayElementVarHandle(int[][].class);
    private static final VarHandle CHILD = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int DEEPER_CODE = 0xff;
    private static final int BUCKET_BITS = 22;

    private final Octets slots;
    private final int[] @Nullable [] children; // by bucket

    /// Slots for `buckets` buckets, of which the first ones are the constants.
    ByteSlots(int buckets) {
        this(Octets.of(buckets), new int[buckets][]);
        for (int value = 0; value < DEEPER_CODE; value++) {
            slots.publish(value, value);
        }
    }

    private ByteSlots(Octets slots, int[] @Nullable [] children) {
        this.slots = slots;
        this.children = children;
    }

    @Override
    int get(int index) {
        return answer(slots.get(index), index);
    }

    @Override
    int answer(int stepped, int index) {
        if (stepped != DEEPER_CODE) {
            return stepped;
        }
        Slots.betweenSteps();
        int[] of = children[index >>> 8];
        assert of != null : "a slot leads deeper, its bucket nowhere";
        return DEEPER | of[position(of, index & 0xff)] & (1 << BUCKET_BITS) - 1;
    }

    /// Where a slot's child is, or would be.
    private static int position(int[] of, int slot) {
        return -Arrays.binarySearch(of, slot << BUCKET_BITS) - 1; // there is no bucket 0
    }

    private static boolean isAt(int[] of, int position, int slot) {
        return position < of.length && of[position] >>> BUCKET_BITS == slot;
    }

    @Override
    boolean canPublish(int index, int value) {
        int[] of = children[index >>> 8];
        int slot = index & 0xff;
        return value >= 0
                || of == null
                || slots.get(index) == DEEPER_CODE
                || !isAt(of, position(of, slot), slot);
    }

    @Override
    void set(int index, int value) {
        publish(index, value);
    }

    @Override
    void publish(int index, int value) {
        if (value < 0) {
            lead(index >>> 8, index & 0xff, value & ~DEEPER);
        }
        slots.publish(index, value < 0 ? DEEPER_CODE : value);
    }

    @Override
    boolean publishTogether(int bucket, int[] which, int count, int value) {
        int index = bucket << 8 | which[0] & ~3;
        if (which[0] >>> 2 != which[count - 1] >>> 2) {
            return false;
        }
        int word = slots.word(index);
        for (int i = 0; i < count; i++) {
            int shift = which[i] << 3; // counts modulo 32
            if ((word >>> shift & 0xff) == DEEPER_CODE) {
                return false;
            }
            word = word & ~(0xff << shift) | value << shift;
        }
        slots.publishWord(index, word);
        return true;
    }

    private void lead(int bucket, int slot, int to) {
        int[] of = children[bucket];
        int child = slot << BUCKET_BITS | to;
        if (of == null) {
            CHILDREN.setRelease(children, bucket, new int[] {child});
            return;
        }
        int at = position(of, slot);
        if (isAt(of, at, slot)) {
            CHILD.setRelease(of, at, child);
            return;
        }
        int[] more = new int[of.length + 1];
        System.arraycopy(of, 0, more, 0, at);
        more[at] = child;
        System.arraycopy(of, at, more, at + 1, of.length - at);
        CHILDREN.setRelease(children, bucket, more);
    }

    @Override
    boolean holds(int value) {
        return value < DEEPER_CODE; // DEEPER is negative
    }

    @Override
    void copy(int fromBucket, int toBucket) {
        slots.copy(fromBucket, toBucket);
        int[] of = children[fromBucket];
        children[toBucket] = of == null ? null : living(fromBucket, of);
    }

    /// The children that slots lead to now.
    private int @Nullable [] living(int bucket, int[] of) {
        int[] living = new int[of.length];
        int count = 0;
        for (int child : of) {
            if (slots.get(bucket << 8 | child >>> BUCKET_BITS) == DEEPER_CODE) {
                living[count++] = child;
            }
        }
        return count == 0 ? null : Arrays.copyOf(living, count);
    }

    @Override
    void fill(int bucket, int value) {
        slots.fill(bucket, value);
        children[bucket] = null;
    }

    @Override
    Slots grown(int buckets) {
        return new ByteSlots(slots.grown(buckets), Arrays.copyOf(children, buckets));
    }

    @Override
    Slots widened() {
        NarrowSlots narrow = new NarrowSlots(children.length);
        for (int i = 0; i < slots.length(); i++) {
            int value = i < CONSTANTS ? i : get(i);
            if (!narrow.holds(value)) {
                return widenedTwice();
            }
            narrow.set(i, value);
        }
        return narrow;
    }

    /// Straight to the widest form: there are more buckets of the next stride than narrow slots can
    /// tell apart.
    private Slots widenedTwice() {
        int[] wide = new int[slots.length()];
        Arrays.setAll(wide, i -> i < CONSTANTS ? i : get(i));
        return new WideSlots(wide);
    }

    @Override
    long bytes() {
        long bytes = slots.length() + (long) children.length * Integer.BYTES;
        for (int[] of : children) {
            bytes += of == null ? 0 : (long) of.length * Integer.BYTES;
        }
        return bytes;
    }

    @Override
    boolean gathers() {
        return slots.gathers();
    }

    @Override
    boolean step(int[] indexes, int[] answers, int count) {
        return (slots.step(indexes, answers, count) & ~0xff) != 0; // 0 or DEEPER_CODE
    }
}
