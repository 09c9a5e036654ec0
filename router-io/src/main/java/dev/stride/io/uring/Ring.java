package dev.stride.io.uring;

import dev.stride.io.linux.IoUring;
import dev.stride.io.linux.Memory;
import dev.stride.io.linux.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// An io_uring: a queue of requests that we fill and the kernel empties, and one of completions the
/// other way round (io_uring(7), linux/io_uring.h). All requests are about one registered file.
///
/// (1) The kernel looks at requests within [#enter] only (no SQPOLL); the tail is stored with
/// release all the same, as the interface asks for. (2) A completion is read after its tail was
/// loaded with acquire, and given back by a release store of the head.
///
/// Made by any thread; from [#enable] on it belongs to the thread that called it.
public final class Ring implements AutoCloseable {
    private static final int SETUP_CQSIZE = 1 << 3;
    private static final int SETUP_R_DISABLED = 1 << 6;
    private static final int SETUP_SUBMIT_ALL = 1 << 7;
    private static final int SETUP_TASKRUN_FLAG = 1 << 9;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int SETUP_DEFER_TASKRUN = 1 << 13; // Linux 6.1
    private static final int SETUP_NO_SQARRAY = 1 << 16; // Linux 6.6
    private static final int ENTER_GETEVENTS = 1;
    private static final int SQ_TASKRUN = 1 << 2;

    private static final int REGISTER_FILES = 2;
    private static final int UNREGISTER_FILES = 3;
    private static final int REGISTER_ENABLE_RINGS = 12;

    private static final int PARAMETERS = 120; // struct io_uring_params
    private static final int SQ_OFFSETS = 40;
    private static final int CQ_OFFSETS = 80;
    private static final int HEAD = 0;
    private static final int TAIL = 4;
    private static final int SQ_FLAGS = 16;
    private static final int CQ_ENTRIES = 20;
    private static final long SQES = 0x10000000L;

    private static final int CQE = 16; // user_data 8, result 4, flags 4
    static final int FILE = 0; // index of the one registered file

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final VarHandle WORD = INT.varHandle();

    private final IoUring uring;
    private final Arena mapping = Arena.ofShared();
    private final MemorySegment shared;
    private final Requests requests;
    private final int requestHead; // offsets in shared
    private final int requestTail;
    private final int flags;
    private final int completionHead;
    private final int completionTail;
    private final int completions;
    private final int mask; // of completions
    private int taken; // completions that we gave back
    private int submitted; // requests that the kernel took
    private boolean enabled;

    /// Makes a ring that is not enabled yet.
    ///
    /// @param requests that may wait, a power of two
    /// @param completions that may wait, a power of two
    /// @throws SyscallException when the kernel says no
    public Ring(int requests, int completions) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment p = arena.allocate(PARAMETERS, 8);
            p.set(INT, 4, completions);
            p.set(
                    INT,
                    8,
                    SETUP_CQSIZE
                            | SETUP_R_DISABLED
                            | SETUP_SUBMIT_ALL
                            | SETUP_TASKRUN_FLAG
                            | SETUP_SINGLE_ISSUER
                            | SETUP_DEFER_TASKRUN
                            | SETUP_NO_SQARRAY);
            uring = IoUring.setUp(requests, p);
            requestHead = p.get(INT, SQ_OFFSETS + HEAD);
            requestTail = p.get(INT, SQ_OFFSETS + TAIL);
            flags = p.get(INT, SQ_OFFSETS + SQ_FLAGS);
            completionHead = p.get(INT, CQ_OFFSETS + HEAD);
            completionTail = p.get(INT, CQ_OFFSETS + TAIL);
            this.completions = p.get(INT, CQ_OFFSETS + CQ_ENTRIES);
            mask = completions - 1;
        }
        try {
            long bytes = this.completions + (long) completions * CQE;
            shared = Memory.map(mapping, uring.file(), 0, bytes);
            long entries = (long) requests * Requests.SIZE;
            this.requests =
                    new Requests(Memory.map(mapping, uring.file(), SQES, entries), requests);
        } catch (SyscallException e) {
            close();
            throw e;
        }
    }

    /// Takes the ring over for the calling thread, and registers the file that requests are about.
    ///
    /// @throws SyscallException when the kernel says no
    public void enable(int descriptor) {
        register("IORING_REGISTER_ENABLE_RINGS", REGISTER_ENABLE_RINGS, MemorySegment.NULL, 0);
        enabled = true;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment files = arena.allocateFrom(INT, descriptor);
            register("IORING_REGISTER_FILES", REGISTER_FILES, files, 1);
        }
    }

    public boolean isEnabled() {
        return enabled;
    }

    void register(String what, int operation, MemorySegment argument, int count) {
        uring.register(what, operation, argument, count);
    }

    /// Forgets the file, after all requests have ended: the ring holds it open no longer.
    public void forgetFile() {
        register("IORING_UNREGISTER_FILES", UNREGISTER_FILES, MemorySegment.NULL, 0);
    }

    /// Where requests are made. They wait for [#enter].
    public Requests requests() {
        return requests;
    }

    /// Whether [#enter] has something to do.
    public boolean hasWork() {
        return requests.tail != submitted
                || ((int) WORD.getOpaque(shared, (long) flags) & SQ_TASKRUN) != 0;
    }

    /// Submits what waits; what can end at once has then ended.
    ///
    /// @return requests that the kernel took, or minus the [dev.stride.io.linux.Errno]
    public int submit() {
        return enter(0, 0);
    }

    /// Submits what waits and lets the kernel do what is due.
    ///
    /// @param wait completions to wait for
    /// @return requests that the kernel took, or minus the [dev.stride.io.linux.Errno]
    public int enter(int wait) {
        return enter(wait, ENTER_GETEVENTS);
    }

    private int enter(int wait, int how) {
        WORD.setRelease(shared, (long) requestTail, requests.tail);
        int result = uring.enter(requests.tail - submitted, wait, how);
        submitted = (int) WORD.getAcquire(shared, (long) requestHead);
        return result;
    }

    /// Takes back the requests that the kernel did not take.
    public void withdraw() {
        requests.tail = submitted;
        WORD.setRelease(shared, (long) requestTail, submitted);
    }

    /// Whether a completion waits. The next three are about it.
    public boolean hasCompletion() {
        return (int) WORD.getAcquire(shared, (long) completionTail) != taken;
    }

    private long completion() {
        return completions + (long) (taken & mask) * CQE;
    }

    /// The tag of the request.
    public int tag() {
        return shared.get(INT, completion());
    }

    /// What the system call would have returned, or minus the [dev.stride.io.linux.Errno].
    public int result() {
        return shared.get(INT, completion() + 8);
    }

    /// The IORING_CQE_F_ flags.
    public int flags() {
        return shared.get(INT, completion() + 12);
    }

    /// Gives the completion back.
    public void next() {
        taken++;
        WORD.setRelease(shared, (long) completionHead, taken);
    }

    /// Gives all back, the memory too, which holds the ring open beyond the end of its descriptor.
    @Override
    public void close() {
        if (mapping.scope().isAlive()) {
            mapping.close();
            uring.close();
        }
    }
}
