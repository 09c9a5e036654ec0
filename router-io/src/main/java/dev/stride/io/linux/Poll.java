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
    private static final short POLLIN = 1;

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

    /// Returns when a descriptor is readable or broken, or after `milliseconds`, or earlier for no
    /// reason.
    ///
    /// @return whether a descriptor is
    public boolean await(int milliseconds) {
        try {
            return (int) POLL.invokeExact(entries, (long) count, milliseconds) > 0;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }
}
