package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;
import static dev.stride.io.linux.Syscall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Waits until a descriptor is readable: epoll(7), level-triggered. Belongs to one thread at a
/// time.
public final class Epoll implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLLIN = 1;
    private static final int MAX_EVENTS = 16;

    private static final MethodHandle CREATE =
            Syscall.capturing("epoll_create1", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle CTL =
            Syscall.capturing("epoll_ctl", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));
    private static final MethodHandle WAIT =
            Syscall.capturing("epoll_wait", FunctionDescriptor.of(INT, INT, POINTER, INT, INT));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = Syscall.state(arena);
    private final MemorySegment events = arena.allocate(16L * MAX_EVENTS, 16);
    private final FileDescriptor file;

    /// @throws SyscallException when the kernel has none left
    public Epoll() {
        try {
            int fd = (int) CREATE.invokeExact(state, EPOLL_CLOEXEC);
            if (fd < 0) {
                throw Syscall.failed("epoll_create1", state);
            }
            file = new FileDescriptor(fd, true);
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Waits for this descriptor, too.
    public void add(int descriptor) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment event = call.allocate(16, 8);
            event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
            int done =
                    (int) CTL.invokeExact(state, file.number(), EPOLL_CTL_ADD, descriptor, event);
            if (done < 0) {
                throw Syscall.failed("epoll_ctl", state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Returns when a descriptor is readable or after `milliseconds`, or earlier for no reason.
    public void await(int milliseconds) {
        try {
            int ignored =
                    (int) WAIT.invokeExact(state, file.number(), events, MAX_EVENTS, milliseconds);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    @Override
    public void close() {
        file.close();
        arena.close();
    }
}
