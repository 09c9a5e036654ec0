/// The router as a whole: how it starts, what it answers, and how its configuration changes while
/// it runs. Start at [dev.stride.daemon.running.Daemon]: it starts everything in order and stops it
/// in reverse.
///
/// Threads: the workers (dev.stride.io.worker), the control thread
/// ([dev.stride.daemon.live.Control]), Netty's event loops for the control socket and HTTP, one
/// that hears of links ([dev.stride.daemon.kernel.LinkWatch]), one that keeps packets which met
/// bugs, and the main thread, which waits. What is asked runs on the thread of who asks; one reload
/// at a time.
@NullMarked
package dev.stride.daemon.running;

import org.jspecify.annotations.NullMarked;
