package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;
import static dev.stride.io.linux.Syscall.LONG;
import static dev.stride.io.linux.Syscall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Waits for descriptors: poll(2). Between two waits the kernel knows nothing of it, where epoll(7)
/// has it note each frame that arrives while nobody waits. Use from one thread.
public final class Poll {
    private static final int ENTRY = 8; // struct pollfd
    private static final int REVENTS = 6;
    private static final short POLLIN = 1;

    /// A descriptor that has nothing but an error, as that of a device that is gone, would end each
    /// wait at once: it ends it after so many milliseconds.
    private static final int BROKEN_MS = 10;

    private static final MethodHandle POLL =
            Syscall.downcall("poll", FunctionDescriptor.of(INT, POINTER, LONG, INT));

    private final MemorySegment entries;
    private int count;

    /// @param most descriptors at a time
    public Poll(int most) {
        entries = Arena.ofAuto().allocate((long) most * ENTRY, ENTRY);
    }

    /// Forgets all descriptors.
    public void clear() {
        count = 0;
    }

    /// Waits for this descriptor, too; a negative one is left out.
    public void add(int descriptor) {
        if (descriptor >= 0) {
            long at = (long) ENTRY * count++;
            entries.set(INT, at, descriptor);
            entries.set(ValueLayout.JAVA_SHORT, at + 4, POLLIN);
        }
    }

    /// Returns when a descriptor is readable, soon when one is broken, or after `milliseconds`, or
    /// earlier for no reason.
    ///
    /// @return whether a descriptor is
    public boolean await(int milliseconds) {
        boolean ready = poll(milliseconds) > 0;
        if (ready && !isAnyReadable()) {
            leaveOutBroken();
            int _ = poll(Math.min(milliseconds, BROKEN_MS));
            takeBackBroken();
        }
        return ready;
    }

    private short events(int entry) {
        return entries.get(ValueLayout.JAVA_SHORT, (long) ENTRY * entry + REVENTS);
    }

    private boolean isAnyReadable() {
        for (int i = 0; i < count; i++) {
            if ((events(i) & POLLIN) != 0) {
                return true;
            }
        }
        return false;
    }

    /// poll(2) takes no notice of negative ones.
    private void leaveOutBroken() {
        for (int i = 0; i < count; i++) {
            if (events(i) != 0) {
                invert(i);
            }
        }
    }

    private void takeBackBroken() {
        for (int i = 0; i < count; i++) {
            if (entries.get(INT, (long) ENTRY * i) < 0) {
                invert(i);
            }
        }
    }

    private void invert(int entry) {
        long at = (long) ENTRY * entry;
        entries.set(INT, at, ~entries.get(INT, at));
    }

    private int poll(int milliseconds) {
        try {
            return (int) POLL.invokeExact(entries, (long) count, milliseconds);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }
}
