package dev.stride.io.packet;

/// How frames are given to a device.
public enum Transmit {
    /// [#XDP] where that was found to be cheaper and the kernel permits it, else [#SENDMMSG].
    AUTO,

    /// An AF_XDP socket in copy mode, without an XDP program; frames with unfinished checksums and
    /// super-frames by sendmmsg(2).
    XDP,

    /// sendmmsg(2) on the packet socket.
    SENDMMSG
}
