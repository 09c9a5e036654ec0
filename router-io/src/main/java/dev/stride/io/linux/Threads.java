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

/// Where threads run, sched_setaffinity(2), how soon they get a CPU, sched_setattr(2), and how
/// exactly they sleep, prctl(2).
public final class Threads {
    private static final int MAX_CPUS = 1024; // CPU_SETSIZE

    private static final MethodHandle SET_AFFINITY =
            Syscall.capturing("sched_setaffinity", FunctionDescriptor.of(INT, INT, LONG, POINTER));

    private static final MethodHandle PRCTL =
            Syscall.downcall(
                    "prctl",
                    FunctionDescriptor.of(INT, INT, LONG),
                    Linker.Option.firstVariadicArg(1));

    /// The C library has no function for either before glibc 2.41.
    private static final MethodHandle SCHEDULING =
            Syscall.capturing(
                    "syscall",
                    FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG),
                    Linker.Option.firstVariadicArg(1));

    private static final long SCHED_SETATTR = Syscall.number(314, 274);
    private static final long SCHED_GETATTR = Syscall.number(315, 275);
    private static final long ATTR_SIZE = 48; // SCHED_ATTR_SIZE_VER0
    private static final long ATTR_POLICY = 4; // of struct sched_attr
    private static final long ATTR_RUNTIME = 24;
    private static final int SCHED_OTHER = 0;
    private static final long SLICE_NANOS = 100_000; // the least that the kernel takes

    private static final int PR_SET_TIMERSLACK = 29;
    private static final long SLACK_NANOS = 1;

    private Threads() {}

    /// Lets the calling thread's timed waits end on time, where the kernel else adds up to 50 us.
    public static void sleepExactly() {
        try {
            int _ = (int) PRCTL.invokeExact(PR_SET_TIMERSLACK, SLACK_NANOS); // cannot fail
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Lets the calling thread have its share of a CPU in slices of 0.1 ms: it is kept waiting for
    /// a shorter time by others of the same CPU, and keeps them for a shorter time (EEVDF). Kernels
    /// before Linux 6.12 take no notice. Nothing changes where the system does not let it, or
    /// somebody gave the thread a real-time priority.
    public static void runInShortSlices() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            long at = attr.address();
            long got = (long) SCHEDULING.invokeExact(state, SCHED_GETATTR, 0L, at, ATTR_SIZE, 0L);
            if (got == 0 && attr.get(INT, ATTR_POLICY) == SCHED_OTHER) {
                attr.set(LONG, ATTR_RUNTIME, SLICE_NANOS);
                long _ = (long) SCHEDULING.invokeExact(state, SCHED_SETATTR, 0L, at, 0L, 0L);
            }
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Binds the calling thread to one CPU, from 0.
    ///
    /// @throws SyscallException when there is no such CPU, or the process may not use it
    public static void pinTo(int cpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            MemorySegment set = arena.allocate(MAX_CPUS / 8, 8);
            if (cpu < MAX_CPUS) {
                set.set(ValueLayout.JAVA_BYTE, cpu / 8, (byte) (1 << cpu % 8));
            }
            if ((int) SET_AFFINITY.invokeExact(state, 0, set.byteSize(), set) < 0) {
                throw Syscall.failed("sched_setaffinity to CPU " + cpu, state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }
}
