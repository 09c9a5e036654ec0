/// Requests to the kernel through io_uring (io_uring(7)), for ports that read and write frames.
/// Start at [dev.stride.io.uring.Ring].
///
/// A ring is made by the control thread and from [dev.stride.io.uring.Ring#enable] on belongs to
/// one worker. Depends on packets and system calls, and knows nothing of devices.
///
/// 1. A ring each for reading and for writing: completions of either kind come without the other's
///    between them. Cost: one system call more a burst. Revisit if bursts become short.
/// 2. IORING_SETUP_DEFER_TASKRUN: frames are read when the worker asks for them and in its own
///    time, never in an interrupt of its work; what waits stays with the device.
/// 3. The kernel reads into the packets of the worker's pool: a buffer that it has filled is the
///    packet, and another packet takes its place.
/// 4. No SQPOLL: a kernel thread that polls takes a core of its own; on two cores it loses.
@NullMarked
package dev.stride.io.uring;

import org.jspecify.annotations.NullMarked;
