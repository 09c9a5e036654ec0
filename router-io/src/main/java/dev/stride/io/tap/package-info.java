/// Ports on TAP devices (tuntap(4), Documentation/networking/tuntap.rst). Start at
/// [dev.stride.io.tap.Tap].
///
/// 1. One read or write a frame, straight to and from packet memory: the virtio header lands in the
///    head-room before the frame, so that no vector and no copy is needed.
/// 2. A device that belongs into another namespace is made there, by a thread that has entered it:
///    one way for new and for persistent devices. The descriptor works from anywhere.
/// 3. Two backends with one contract: system calls, and io_uring where the kernel permits it, which
///    takes less CPU a packet under load where system calls are dear (the README has figures), and
///    some more when bursts are short. Revisit if kernels refuse io_uring more often than not.
@NullMarked
package dev.stride.io.tap;

import org.jspecify.annotations.NullMarked;
