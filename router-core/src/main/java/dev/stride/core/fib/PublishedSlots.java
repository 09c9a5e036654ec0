package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The slots of a stride as readers find them, apart from what the writer works on.
///
/// Written by the control thread, by a release store; readers acquire.
final class PublishedSlots extends Padded {
    private static final VarHandle SLOTS;

    static {
        try {
            SLOTS =
                    MethodHandles.lookup()
                            .findVarHandle(PublishedSlots.class, "slots", Slots.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Slots slots; // control: rw, readers: ro

    PublishedSlots(Slots first) {
        slots = first;
    }

    Slots get() {
        return (Slots) SLOTS.getAcquire(this);
    }

    void set(Slots next) {
        SLOTS.setRelease(this, next);
    }
}
