package dev.stride.io.linux;

/// A system call failed.
public final class SyscallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final int errno;

    SyscallException(String call, int errno) {
        super(call + ": " + Errno.text(errno));
        this.what = call + ": " + Errno.text(errno);
        this.errno = errno;
    }

    /// The call and what the kernel said.
    public String what() {
        return what;
    }

    /// The error number, see [Errno].
    public int errno() {
        return errno;
    }
}
