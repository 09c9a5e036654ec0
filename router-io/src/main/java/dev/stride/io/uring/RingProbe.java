package dev.stride.io.uring;

import dev.stride.io.linux.Errno;
import dev.stride.io.linux.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Whether this kernel lets this process use io_uring as a port needs it.
public final class RingProbe {
    private static final int REGISTER_PROBE = 8;
    private static final int PROBE = 16; // struct io_uring_probe without operations
    private static final int OPERATION = 8; // struct io_uring_probe_op
    private static final int OPERATIONS = 64;
    private static final int READ_MULTISHOT = 49;
    private static final int SUPPORTED = 1;

    private RingProbe() {}

    /// Tries it.
    ///
    /// @return why not, and what to do about it; null if it does
    public static @Nullable String refusal() {
        try (Ring ring = new Ring(1, 2);
                Arena arena = Arena.ofConfined()) {
            MemorySegment probe = arena.allocate(PROBE + OPERATIONS * OPERATION, 8);
            ring.register("IORING_REGISTER_PROBE", REGISTER_PROBE, probe, OPERATIONS);
            long flags = PROBE + READ_MULTISHOT * OPERATION + 2;
            if ((probe.get(ValueLayout.JAVA_SHORT, flags) & SUPPORTED) == 0) {
                return "this kernel's io_uring has no multishot read; it needs Linux 6.7";
            }
            var _ = new PacketBuffers(ring, 1, 0);
            return null;
        } catch (SyscallException e) {
            return why(e);
        }
    }

    private static String why(SyscallException e) {
        return switch (e.errno()) {
            case Errno.ENOSYS -> "this kernel has no io_uring; it needs Linux 6.7";
            case Errno.EINVAL -> "this kernel's io_uring is too old; it needs Linux 6.7";
            case Errno.EPERM, Errno.EACCES ->
                    "io_uring is not permitted here; allow it by `sysctl kernel.io_uring_disabled=0`"
                            + " and in the seccomp filter (systemd: SystemCallFilter=@aio)";
            default -> e.what();
        };
    }
}
