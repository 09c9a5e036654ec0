/// The router as a whole. Start at [dev.stride.daemon.Daemon]: it starts everything in order and
/// stops it in reverse.
///
/// Threads: the workers (dev.stride.io.worker), the control thread ([dev.stride.daemon.Control]),
/// Netty's event loops for the control socket and HTTP, one that hears of links
/// ([dev.stride.daemon.kernel.LinkWatch]), one that keeps packets which met bugs, and the main
/// thread, which waits.
@NullMarked
package dev.stride.daemon;

import org.jspecify.annotations.NullMarked;
