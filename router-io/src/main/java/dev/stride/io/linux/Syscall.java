package dev.stride.io.linux;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// What the families of system calls share: how a function of the C library becomes a method
/// handle, and where errno goes.
final class Syscall {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final AddressLayout POINTER = ValueLayout.ADDRESS;

    private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private Syscall() {}

    /// A function that does not set errno.
    @SuppressWarnings("restricted")
    static MethodHandle downcall(String name, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
    }

    /// A function whose first argument becomes the memory that errno is captured in, see [#state].
    @SuppressWarnings("restricted")
    static MethodHandle capturing(String name, FunctionDescriptor type, Linker.Option... more) {
        Linker.Option[] options = Arrays.copyOf(more, more.length + 1);
        options[more.length] = Linker.Option.captureCallState("errno");
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
    }

    /// A system call's number: x86 has its own, all others share theirs.
    static long number(int x86, int others) {
        return X86 ? x86 : others;
    }

    /// Where the C library keeps the errno of the thread. The JVM may make calls of its own before
    /// this one.
    @SuppressWarnings("restricted")
    static MethodHandle errnoLocation() {
        return downcall("__errno_location", FunctionDescriptor.of(POINTER.withTargetLayout(INT)));
    }

    /// Memory for errno, for one thread at a time.
    static MemorySegment state(Arena arena) {
        return arena.allocate(STATE);
    }

    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /// The exception for a call that returned -1.
    static SyscallException failed(String call, MemorySegment state) {
        return new SyscallException(call, errno(state));
    }

    /// A method handle threw, which a C function cannot make it do.
    static AssertionError impossible(Throwable t) {
        return new AssertionError(t);
    }
}
