package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;
import static dev.stride.io.linux.Syscall.LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// read(2) and write(2) of frames on a file that never waits ([FileDescriptor#O_NONBLOCK]), one
/// call after the other: with page-table isolation, what is touched between two calls has to be
/// looked up in the page tables anew. errno is looked at only after calls that failed, which
/// [FileDescriptor] has captured for each. Use from one thread.
public final class FrameCalls {
    /// Frames at a time.
    public static final int MOST = 64;

    /// Not the C library's read and write, where a thread can be cancelled, which takes a while.
    private static final MethodHandle CALL =
            Syscall.downcall(
                    "syscall",
                    FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG),
                    Linker.Option.firstVariadicArg(1));

    private static final MethodHandle ERRNO = Syscall.errnoLocation();
    private static final long READ = Syscall.number(0, 63);
    private static final long WRITE = Syscall.number(1, 64);

    private final FileDescriptor file;
    private final long number;
    private final long[] addresses = new long[MOST];
    private final long[] lengths = new long[MOST];

    public FrameCalls(FileDescriptor file) {
        this.file = file;
        number = file.number();
    }

    /// Says where frame `i` is, or where there is room for it.
    public void place(int i, MemorySegment memory, long at, long length) {
        addresses[i] = FileDescriptor.address(memory, at, length);
        lengths[i] = length;
    }

    /// What became of frame `i`: bytes read or written, or minus the [Errno].
    public long result(int i) {
        return lengths[i];
    }

    /// Reads into the first `count` places until there is no frame left, or an error.
    ///
    /// @return how many frames there are
    public int read(int count) {
        try {
            for (int i = 0; i < count; i++) {
                long got = (long) CALL.invokeExact(READ, number, addresses[i], lengths[i]);
                if (got <= 0 && (got = readAgain(i)) <= 0) {
                    return i;
                }
                lengths[i] = got;
            }
            return count;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// After a call that failed. What errno says may be about a call of the JVM's own.
    private long readAgain(int i) throws Throwable {
        int errno = ((MemorySegment) ERRNO.invokeExact()).get(INT, 0);
        return errno == Errno.EAGAIN ? -errno : file.read(addresses[i], lengths[i]);
    }

    /// Writes the first `count` frames, each whether or not those before it were taken.
    public void write(int count) {
        try {
            for (int i = 0; i < count; i++) {
                long done = (long) CALL.invokeExact(WRITE, number, addresses[i], lengths[i]);
                lengths[i] = done >= 0 ? done : file.write(addresses[i], lengths[i]);
            }
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }
}
