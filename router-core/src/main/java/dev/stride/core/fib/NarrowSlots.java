package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// Slots of 16 bits: next hops and bucket numbers up to 32,767, the top bit is [Slots#DEEPER].
final class NarrowSlots extends Slots {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(char[].class);
    private static final int FLAG = 0x8000;

    private final char[] slots;

    NarrowSlots(int buckets) {
        this(new char[buckets << 8]);
    }

    private NarrowSlots(char[] slots) {
        this.slots = slots;
    }

    @Override
    int get(int index) {
        return value(slots[index]);
    }

    @Override
    void set(int index, int value) {
        slots[index] = encode(value);
    }

    @Override
    void publish(int index, int value) {
        SLOT.setRelease(slots, index, encode(value));
    }

    @Override
    boolean holds(int value) {
        return (value & ~DEEPER) < FLAG;
    }

    private static char encode(int value) {
        return (char) (value | value >>> 16); // DEEPER >>> 16 is FLAG
    }

    @Override
    int answer(int stepped, int index) {
        return value(stepped);
    }

    private static int value(int slot) {
        return (slot & FLAG - 1) | (slot & FLAG) << 16;
    }

    @Override
    void copy(int fromBucket, int toBucket) {
        System.arraycopy(slots, fromBucket << 8, slots, toBucket << 8, 256);
    }

    @Override
    void fill(int bucket, int value) {
        Arrays.fill(slots, bucket << 8, (bucket + 1) << 8, encode(value));
    }

    @Override
    Slots grown(int buckets) {
        return new NarrowSlots(Copies.of(slots, buckets << 8));
    }

    @Override
    Slots widened() {
        int[] wide = new int[slots.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = value(slots[i]);
        }
        return new WideSlots(wide);
    }

    @Override
    long bytes() {
        return (long) slots.length * Character.BYTES;
    }

    @Override
    boolean step(int[] indexes, int[] answers, int count) {
        char[] s = slots;
        for (int i = 0; i < count; i++) {
            answers[i] = s[indexes[i]];
        }
        int flags = 0;
        for (int i = 0; i < count; i++) {
            flags |= answers[i] - 1; // no route borrows through bit 15; bucket 0 is never linked
        }
        return (flags & -FLAG) != 0;
    }
}
