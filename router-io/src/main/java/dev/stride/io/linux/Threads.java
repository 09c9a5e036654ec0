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

/// Where threads run, sched_setaffinity(2), and how exactly they sleep, prctl(2).
public final class Threads {
    private static final int MAX_CPUS = 1024; // CPU_SETSIZE

    private static final MethodHandle SET_AFFINITY =
            Syscall.capturing("sched_setaffinity", FunctionDescriptor.of(INT, INT, LONG, POINTER));

    private static final MethodHandle PRCTL =
            Syscall.downcall(
                    "prctl",
                    FunctionDescriptor.of(INT, INT, LONG),
                    Linker.Option.firstVariadicArg(1));
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
