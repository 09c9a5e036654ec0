/// The data path of one worker: from a frame that arrived to a frame on a transmit queue, or to a
/// named [dev.stride.core.stats.Reason]. Start at [dev.stride.core.forward.Forwarder], whose steps
/// are numbered.
///
/// ```
/// Forwarder   frame, IPv4 checks, hooks, local? -> Fib4 -> send: TTL, MTU, neighbor, hooks -> Output
///   Forwarder6  the same checks of IPv6 --------> Fib6 -> send
///   SlowPath    what leaves the path: OptionsInput, ArpInput, NdInput, LocalDelivery(6),
///               Reassembly, TcpResets, IcmpErrors, Icmp6Errors, Redirects, Punt to and from a
///               port's companion, and HoldQueue
/// ```
///
/// Threads: everything belongs to its worker but [dev.stride.core.forward.ForwardingState], which
/// the control thread writes and all workers read, and the records in it. What the control thread
/// must hear goes as a [dev.stride.core.forward.WorkerEvent]; of what is said on a link, each port
/// has its share ([dev.stride.core.forward.LinkEvents]). Depends on all of core but rib; knows no
/// clock, no thread and no I/O.
///
/// 1. A burst passes in two rounds, with one lookup for all of it in between, so that the cache
///    misses of its packets overlap. Cost: arrays of the burst's size, and IPv6 behind IPv4.
/// 2. Nothing of a packet is changed before every check has passed: an error quotes it as it came.
/// 3. Every packet ends exactly once, in `Output`: the counters are the sum of what came in.
/// 4. What decides on a packet, FIBs and own addresses, is in the
///    [dev.stride.core.forward.RoutingTable] of the port that it came by; next-hop numbers are
///    common to all tables. A burst with packets of several tables has a lookup for each. A route
///    may lead to another table, where it is looked up once more and no further. Cost: a compare a
///    packet, and a FIB's root for each table.
/// 5. The slow path runs on the same thread, at once: no queue, no copy, no reordering, but for
///    fragments that another worker puts together (`FragmentHandover`). Cost: its work delays the
///    burst, so each kind of answer has a token bucket.
/// 6. What is for the host goes up as it came, by class and within the class's rate: classes share
///    no bucket, so that no flood starves a session. The fast path does not know of it.
@NullMarked
package dev.stride.core.forward;

import org.jspecify.annotations.NullMarked;
