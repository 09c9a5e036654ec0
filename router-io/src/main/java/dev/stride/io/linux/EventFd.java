package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// A bell that wakes a thread in [Poll]: eventfd(2).
public final class EventFd implements AutoCloseable {
    private static final MethodHandle EVENTFD =
            Syscall.capturing("eventfd", FunctionDescriptor.of(INT, INT, INT));

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
    private final MemorySegment count = arena.allocate(8, 8);
    private final FileDescriptor file;
    private final FileDescriptor ringer;
    private boolean closed;

    /// @throws SyscallException when the kernel has none left
    public EventFd() {
        MemorySegment state = Syscall.state(arena);
        try {
            int flags = FileDescriptor.O_NONBLOCK | FileDescriptor.O_CLOEXEC;
            int fd = (int) EVENTFD.invokeExact(state, 0, flags);
            if (fd < 0) {
                throw Syscall.failed("eventfd", state);
            }
            file = new FileDescriptor(fd, true);
            ringer = file.view();
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    public int descriptor() {
        return file.number();
    }

    /// Makes the descriptor readable, unless it is closed. Any thread.
    public synchronized void ring() {
        if (!closed) {
            ringer.write(one, 0, 8);
        }
    }

    /// Makes it unreadable again. The thread that waits.
    public void drain() {
        file.read(count, 0, 8);
    }

    @Override
    public synchronized void close() {
        closed = true;
        file.close();
    }
}
