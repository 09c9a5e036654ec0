package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The slots of a stride as readers find them, in a pair of cache lines of their own: the writer
/// works on what is beside it without taking the line from the readers at every change.
///
/// Written by the control thread, by a release store; readers acquire.
final class PublishedSlots extends Padded {
    private static final int PAD = 32; // references: two cache lines on either side
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(Slots[].class);

    private final Slots[] cell = new Slots[2 * PAD + 1]; // control: rw, readers: ro

    PublishedSlots(Slots first) {
        set(first);
    }

    Slots get() {
        return (Slots) CELL.getAcquire(cell, PAD);
    }

    void set(Slots slots) {
        CELL.setRelease(cell, PAD, slots);
    }
}
