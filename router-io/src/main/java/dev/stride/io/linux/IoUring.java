package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The descriptor of an io_uring: io_uring_setup(2), io_uring_enter(2), io_uring_register(2). The C
/// library has no functions for them, so they go through syscall(2). One thread at a time.
public final class IoUring implements AutoCloseable {
    private static final long SETUP = 425; // the numbers are the same on all architectures
    private static final long ENTER = 426;
    private static final long REGISTER = 427;

    private static final MethodHandle SETUP_CALL =
            Syscall.capturing(
                    "syscall",
                    FunctionDescriptor.of(LONG, LONG, LONG, LONG),
                    Linker.Option.firstVariadicArg(1));
    private static final MethodHandle ENTER_CALL =
            Syscall.capturing(
                    "syscall",
                    FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG),
                    Linker.Option.firstVariadicArg(1));
    private static final MethodHandle REGISTER_CALL =
            Syscall.capturing(
                    "syscall",
                    FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG),
                    Linker.Option.firstVariadicArg(1));

    private final FileDescriptor file;
    private final MemorySegment state = Syscall.state(Arena.ofAuto());

    private IoUring(FileDescriptor file) {
        this.file = file;
    }

    /// Makes a ring.
    ///
    /// @param entries of the submission queue
    /// @param parameters struct io_uring_params; the kernel fills in the rest
    /// @throws SyscallException when the kernel says no
    public static IoUring setUp(int entries, MemorySegment parameters) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            long fd =
                    (long)
                            SETUP_CALL.invokeExact(
                                    state, SETUP, (long) entries, parameters.address());
            if (fd < 0) {
                throw Syscall.failed("io_uring_setup", state);
            }
            return new IoUring(new FileDescriptor((int) fd, true));
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// The descriptor, for mmap(2).
    public FileDescriptor file() {
        return file;
    }

    /// Submits requests and waits for completions.
    ///
    /// @param flags IORING_ENTER_...
    /// @return how many were submitted, or minus the [Errno]
    public int enter(int submit, int wait, int flags) {
        try {
            long done =
                    (long)
                            ENTER_CALL.invokeExact(
                                    state,
                                    ENTER,
                                    (long) file.number(),
                                    (long) submit,
                                    (long) wait,
                                    (long) flags,
                                    0L,
                                    0L);
            return done >= 0 ? (int) done : -Syscall.errno(state);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Tells the kernel of something that it is to know, or to forget.
    ///
    /// @param what for the exception: the name of the operation
    /// @throws SyscallException when the kernel says no
    public void register(String what, int operation, MemorySegment argument, int count) {
        try {
            long done =
                    (long)
                            REGISTER_CALL.invokeExact(
                                    state,
                                    REGISTER,
                                    (long) file.number(),
                                    (long) operation,
                                    argument.address(),
                                    (long) count);
            if (done < 0) {
                throw Syscall.failed(what, state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Closes the descriptor, once.
    @Override
    public void close() {
        file.close();
    }
}
