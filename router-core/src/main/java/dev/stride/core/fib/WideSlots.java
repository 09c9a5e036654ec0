package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// Slots of 32 bits, for the table with a next hop or a bucket number beyond [NarrowSlots].
final class WideSlots extends Slots {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(int[].class);

    private final int[] slots;
    private final boolean gathers;

    WideSlots(int[] slots) {
        this.slots = slots;
        this.gathers = Gathers.decide(slots.length);
    }

    @Override
    int get(int index) {
        return slots[index];
    }

    @Override
    void set(int index, int value) {
        slots[index] = value;
    }

    @Override
    void publish(int index, int value) {
        SLOT.setRelease(slots, index, value);
    }

    @Override
    boolean holds(int value) {
        return true;
    }

    @Override
    int answer(int stepped, int index) {
        return stepped;
    }

    @Override
    void copy(int fromBucket, int toBucket) {
        System.arraycopy(slots, fromBucket << 8, slots, toBucket << 8, 256);
    }

    @Override
    void fill(int bucket, int value) {
        Arrays.fill(slots, bucket << 8, (bucket + 1) << 8, value);
    }

    @Override
    Slots grown(int buckets) {
        return new WideSlots(Copies.of(slots, buckets << 8));
    }

    @Override
    Slots widened() {
        return this;
    }

    @Override
    long bytes() {
        return (long) slots.length * Integer.BYTES;
    }

    @Override
    boolean gathers() {
        return gathers;
    }

    @Override
    boolean step(int[] indexes, int[] answers, int count) {
        int[] s = slots;
        int done = gathers ? Lanes.gather(s, indexes, answers, count) : 0;
        for (int i = done; i < count; i++) {
            answers[i] = s[indexes[i]];
        }
        int flags = 0;
        for (int i = 0; i < count; i++) {
            flags |= answers[i] - 1; // no route borrows; bucket 0 is never linked
        }
        return flags < 0;
    }
}
