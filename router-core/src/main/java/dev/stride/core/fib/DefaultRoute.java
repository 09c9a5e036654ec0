package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The next hop of the prefix of length 0, as one word with a version, so that a reader can tell
/// whether it was the same all along: a lookup that found nothing more specific reads it before and
/// must find it unchanged after. One load would not do: the more specific route could have been
/// missing only while the default route was another.
///
/// Written by the control thread, read by any.
final class DefaultRoute extends Padded {
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(DefaultRoute.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long word; // control: rw, readers: ro; version << 32 | next hop

    /// The word as it is; the lower half is the next hop, 0 for none.
    long read() {
        return (long) WORD.getAcquire(this);
    }

    /// Whether the word has not changed since it was read as `before`.
    boolean isStill(long before) {
        VarHandle.acquireFence();
        return before == (long) WORD.getOpaque(this);
    }

    /// Sets the next hop and returns the one before.
    int set(int nextHop) {
        int before = (int) word;
        WORD.setRelease(this, (word >>> 32) + 1 << 32 | nextHop);
        return before;
    }
}
