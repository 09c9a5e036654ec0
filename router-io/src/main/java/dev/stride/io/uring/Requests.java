package dev.stride.io.uring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The requests of a [Ring], each a struct io_uring_sqe.
///
/// ```
///  0        1       2        4    8        16        24       28         32          40
/// | opcode | flags | ioprio | fd | offset | address | length | rw flags | user data | group ...
/// ```
public final class Requests {
    static final int SIZE = 64;

    private static final byte OP_ASYNC_CANCEL = 14;
    private static final byte OP_WRITE = 23;
    private static final byte OP_READ_MULTISHOT = 49; // Linux 6.7
    private static final byte FIXED_FILE = 1;
    private static final byte BUFFER_SELECT = 1 << 5;
    private static final int RWF_NOWAIT = 8;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final MemorySegment entries;
    private final int mask;
    int tail; // requests made so far; the ring reads it

    Requests(MemorySegment entries, int count) {
        this.entries = entries;
        this.mask = count - 1;
    }

    /// Reads into provided buffers of group 0 again and again, each time that there is something,
    /// until there is no buffer or the file fails.
    public void readMultishot(int tag) {
        long at = start(OP_READ_MULTISHOT, (byte) (FIXED_FILE | BUFFER_SELECT), tag);
        entries.set(LONG, at + 8, -1); // not a file with positions
    }

    /// Writes now, or fails with EAGAIN: it has ended when [Ring#enter] returns.
    public void write(long address, int length, int tag) {
        long at = start(OP_WRITE, FIXED_FILE, tag);
        entries.set(LONG, at + 8, -1);
        entries.set(LONG, at + 16, address);
        entries.set(INT, at + 24, length);
        entries.set(INT, at + 28, RWF_NOWAIT);
    }

    /// Ends the request with the tag `other`.
    public void cancel(int other, int tag) {
        long at = start(OP_ASYNC_CANCEL, (byte) 0, tag);
        entries.set(LONG, at + 16, other);
    }

    private long start(byte operation, byte flags, int tag) {
        long at = (long) (tail++ & mask) * SIZE;
        for (int i = 0; i < SIZE; i += 8) {
            entries.set(LONG, at + i, 0);
        }
        entries.set(ValueLayout.JAVA_BYTE, at, operation);
        entries.set(ValueLayout.JAVA_BYTE, at + 1, flags);
        entries.set(INT, at + 4, Ring.FILE);
        entries.set(LONG, at + 32, tag);
        return at;
    }
}
