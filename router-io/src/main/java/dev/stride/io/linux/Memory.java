package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;
import static dev.stride.io.linux.Syscall.LONG;
import static dev.stride.io.linux.Syscall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Memory that takes no room until it is touched: mmap(2). What an [Arena] allocates is filled with
/// zeros at once, and so takes all of its room from the start. Also what the kernel shares with us.
public final class Memory {
    private static final MethodHandle MMAP =
            Syscall.capturing(
                    "mmap", FunctionDescriptor.of(POINTER, POINTER, LONG, INT, INT, INT, LONG));
    private static final MethodHandle MUNMAP =
            Syscall.downcall("munmap", FunctionDescriptor.of(INT, POINTER, LONG));

    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_SHARED = 0x01;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x02 | 0x20;

    private Memory() {}

    /// Zeros, which go with the arena.
    ///
    /// @param bytes a positive number
    /// @throws SyscallException when there is not so much
    public static MemorySegment map(Arena arena, long bytes) {
        return map(arena, bytes, MAP_PRIVATE_ANONYMOUS, -1, 0);
    }

    /// Memory that the kernel shares through a descriptor; it goes with the arena.
    ///
    /// @throws SyscallException when the kernel says no
    public static MemorySegment map(Arena arena, FileDescriptor file, long from, long bytes) {
        return map(arena, bytes, MAP_SHARED, file.number(), from);
    }

    @SuppressWarnings("restricted")
    private static MemorySegment map(Arena arena, long bytes, int flags, int file, long from) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(call);
            MemorySegment start =
                    (MemorySegment)
                            MMAP.invokeExact(
                                    state,
                                    MemorySegment.NULL,
                                    bytes,
                                    PROT_READ_WRITE,
                                    flags,
                                    file,
                                    from);
            if (start.address() == -1) {
                throw Syscall.failed("mmap", state);
            }
            return start.reinterpret(bytes, arena, Memory::unmap);
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    private static void unmap(MemorySegment memory) {
        try {
            int ignored = (int) MUNMAP.invokeExact(memory, memory.byteSize());
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }
}
