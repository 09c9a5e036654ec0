/// Candidate routes, the best of each prefix, and what the FIB is told. Start at
/// [dev.stride.core.rib.Rib].
///
/// The control thread only. No I/O, no clock.
///
/// 1. The RIB holds everything that any source said; the FIB shadows the best that is usable
///    (PAPER: the table "shadows" the full tree). Cost: memory twice. Reason: a withdrawn route
///    uncovers the next best at once.
/// 2. Both families are in one RIB: a next hop of one may be reached through the other (RFC 8950).
///    Per prefix it keeps one number; what routes say besides is shared. Cost: a prefix and its
///    attributes meet only in a lookup.
/// 3. Each routing table has prefixes of its own ([dev.stride.core.rib.RibTable]); next hops, their
///    numbers and what is known of neighbors are common to all, since a next hop of one may be
///    found by another. Cost: a next hop's key says which table finds it.
/// 4. Next hops are interned: routes with the same next hops share one number, and a change behind
///    that number is one store for all of them.
/// 4. [dev.stride.core.rib.FibAudit] compares the FIB with the RIB for ever, and mends: a mistake
///    somewhere costs minutes of wrong forwarding for some addresses instead of a restart. Cost: a
///    few percent of the control thread.
@NullMarked
package dev.stride.core.rib;

import org.jspecify.annotations.NullMarked;
