/// Companions of ports: TAPs by which routing daemons on the host speak on a port's link. Start at
/// [dev.stride.io.companion.CompanionPort].
///
/// The control thread opens them and keeps the kernel's side in step; frames belong to the worker
/// whose queue it is.
///
/// 1. A companion is a port to the worker, which knows by the queue's type what it has: what
///    arrives is not forwarded, but leaves by the port as it is. The forwarder never meets it.
/// 2. One queue, read by one worker: what daemons say is little, and a TCP stream comes in
///    super-frames. To be revisited when hosts serve bulk traffic over companions.
/// 3. The kernel has the port's MAC address and addresses, so that it and the router are one
///    station on the link; it neither probes for duplicates, which the router does, nor forwards.
@NullMarked
package dev.stride.io.companion;

import org.jspecify.annotations.NullMarked;
