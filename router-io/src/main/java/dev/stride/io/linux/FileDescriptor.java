package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;
import static dev.stride.io.linux.Syscall.LONG;
import static dev.stride.io.linux.Syscall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/// An open file: open(2), read(2), write(2), ioctl(2), close(2). Reading and writing belong to one
/// thread at a time.
public final class FileDescriptor implements AutoCloseable {
    /// Events of [#poll].
    public static final int POLLOUT = 4;

    public static final int POLLERR = 8;

    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;

    private static final MethodHandle OPEN =
            Syscall.capturing(
                    "open",
                    FunctionDescriptor.of(INT, POINTER, INT),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle READ =
            Syscall.capturing("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    private static final MethodHandle WRITE =
            Syscall.capturing("write", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    private static final MethodHandle IOCTL =
            Syscall.capturing(
                    "ioctl",
                    FunctionDescriptor.of(INT, INT, LONG, POINTER),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle POLL =
            Syscall.capturing("poll", FunctionDescriptor.of(INT, POINTER, LONG, INT));
    private static final MethodHandle CLOSE =
            Syscall.downcall("close", FunctionDescriptor.of(INT, INT));

    private final int number;
    private final boolean owned;
    private final MemorySegment state = Syscall.state(Arena.ofAuto());
    private boolean open = true;

    FileDescriptor(int number, boolean owned) {
        this.number = number;
        this.owned = owned;
    }

    /// Opens a file that exists; O_CLOEXEC is added.
    ///
    /// @throws SyscallException when the kernel says no
    public static FileDescriptor open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags | O_CLOEXEC);
            if (fd < 0) {
                throw Syscall.failed("open " + path, state);
            }
            return new FileDescriptor(fd, true);
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Another handle on the same descriptor, for another thread; closing it does nothing.
    public FileDescriptor view() {
        return new FileDescriptor(number, false);
    }

    public int number() {
        return number;
    }

    /// Reads up to `length` bytes to `memory` from `at` on.
    ///
    /// @return how many, or minus the [Errno]
    public long read(MemorySegment memory, long at, long length) {
        return read(address(memory, at, length), length);
    }

    long read(long address, long length) {
        try {
            long done = (long) READ.invokeExact(state, number, address, length);
            return done >= 0 ? done : -Syscall.errno(state);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Writes `length` bytes of `memory` from `at` on.
    ///
    /// @return how many, or minus the [Errno]
    public long write(MemorySegment memory, long at, long length) {
        return write(address(memory, at, length), length);
    }

    long write(long address, long length) {
        try {
            long done = (long) WRITE.invokeExact(state, number, address, length);
            return done >= 0 ? done : -Syscall.errno(state);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// The bare address: a slice for the call would be an object for each packet.
    static long address(MemorySegment memory, long at, long length) {
        Objects.checkFromIndexSize(at, length, memory.byteSize());
        return memory.address() + at;
    }

    /// Calls ioctl(2).
    ///
    /// @param what for the exception: the request's name
    /// @throws SyscallException when the kernel says no
    public void ioctl(String what, long request, MemorySegment argument) {
        try {
            if ((int) IOCTL.invokeExact(state, number, request, argument) < 0) {
                throw Syscall.failed(what, state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Which of `events`, and which errors, hold right now: poll(2) without waiting.
    public int poll(int events) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(8, 4);
            one.set(INT, 0, number);
            one.set(ValueLayout.JAVA_SHORT, 4, (short) events);
            int ready = (int) POLL.invokeExact(Syscall.state(arena), one, 1L, 0);
            return ready <= 0 ? 0 : one.get(ValueLayout.JAVA_SHORT, 6);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Closes the file, once.
    @Override
    public void close() {
        if (open && owned) {
            open = false;
            try {
                int ignored = (int) CLOSE.invokeExact(number);
            } catch (Throwable t) {
                throw Syscall.impossible(t);
            }
        }
    }
}
