package dev.stride.io.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Error numbers of Linux on all 64-bit architectures (errno(3)).
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int EMSGSIZE = 90;
    public static final int ENOPROTOOPT = 92;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ENOBUFS = 105;
    public static final int EHOSTUNREACH = 113;

    @SuppressWarnings("restricted")
    private static final MethodHandle STRERROR =
            Syscall.downcall(
                    "strerror",
                    FunctionDescriptor.of(
                            ValueLayout.ADDRESS.withTargetLayout(
                                    MemoryLayout.sequenceLayout(256, ValueLayout.JAVA_BYTE)),
                            ValueLayout.JAVA_INT));

    private Errno() {}

    /// What the C library says about `errno`, such as "No such device".
    public static String text(int errno) {
        try {
            return ((MemorySegment) STRERROR.invokeExact(errno)).getString(0);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }
}
