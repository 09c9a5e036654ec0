/// What the control thread alone writes: RIB, FIB, next hops, neighbors, ports, companions and hook
/// chains of the running router. Start at [dev.stride.daemon.live.Control].
///
/// ```
/// any thread --ControlCommand--> Control --single stores, inboxes--> workers
/// workers    --WorkerEvent-----^
/// ```
///
/// Threads: the control thread runs all of it; what others may call says so. They hand over a
/// [dev.stride.daemon.live.ControlCommand] and look at what is published.
///
/// 1. What changes a running router is package-private: from elsewhere it takes a command. Public
///    are looks, the start and the stop; RIB and neighbors, of `core`, are looked at by `Read`
///    only. Cost: a record for each kind of change.
/// 2. Commands never wait for a worker; what needs one goes on as a step when the worker has done
///    its part. Cost: changes of ports are written as chains of steps.
@NullMarked
package dev.stride.daemon.live;

import org.jspecify.annotations.NullMarked;
