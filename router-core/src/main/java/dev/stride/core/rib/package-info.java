/// Candidate routes, the best of each prefix, and what the FIB is told. Start at
/// [dev.stride.core.rib.Rib].
///
/// The control thread only. No I/O, no clock.
///
/// 1. The RIB holds everything that any source said; the FIB shadows the best that is usable
///    (PAPER: the table "shadows" the full tree). Cost: memory twice. Reason: a withdrawn route
///    uncovers the next best at once.
/// 2. Next hops are interned: routes with the same next hops share one number, and a change behind
///    that number is one store for all of them.
@NullMarked
package dev.stride.core.rib;

import org.jspecify.annotations.NullMarked;
