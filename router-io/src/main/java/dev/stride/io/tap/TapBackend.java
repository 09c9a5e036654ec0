package dev.stride.io.tap;

/// How frames are exchanged with the kernel.
public enum TapBackend {
    /// [#URING] where the kernel permits it, else [#SYSCALL].
    AUTO,

    /// io_uring, several frames a system call.
    URING,

    /// read(2) and write(2), a frame each.
    SYSCALL
}
