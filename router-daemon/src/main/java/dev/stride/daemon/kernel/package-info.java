/// Routes of a table of the kernel, by rtnetlink(7): BIRD, FRR without FPM, `ip route` and DHCP
/// clients drive the router through it. Start at [dev.stride.daemon.kernel.KernelSession], which
/// listens and asks; [dev.stride.daemon.kernel.KernelState] is what the messages mean.
///
/// ```
/// kernel --notifications--> KernelSession -> KernelMirror: current KernelState --> Outlet -> RIB
///        --dump, now and then-->                         next KernelState --differences--^
/// ```
///
/// Threads: one thread reads, decodes and keeps all state; batches go to the control thread, which
/// alone writes the RIB. Depends on source, netlink, config, core.rib and io.linux.
///
/// 1. The table is kept here as well as in the RIB, 16 bytes a prefix: without it nobody could tell
///    what a dump shows that notifications did not. Cost: twice that while a dump is read.
/// 2. What the kernel does without a word is done here as well where it follows from what it says
///    (interfaces that go down, next-hop objects that go), so that it takes effect at once; a dump
///    follows where it does not. The dump every minute finds the rest.
/// 3. Of several routes to a prefix the RIB gets the first one that leads somewhere. Cost: when its
///    gateway cannot be resolved by our own routes, the next one is not tried.
/// 4. While the control thread is behind this thread waits, and the kernel's buffer fills; when it
///    overflows, a dump makes up for it. Cost: nothing is bounded by a guess.
@NullMarked
package dev.stride.daemon.kernel;

import org.jspecify.annotations.NullMarked;
