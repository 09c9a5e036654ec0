/// The lock-free PFIL hook chain: packet filters hang into the path at named points. Start at
/// [dev.stride.core.pfil.HookPoint].
///
/// [dev.stride.core.pfil.Pfil] belongs to the control thread; workers read a chain once a burst.
///
/// 1. A chain is an immutable array published by one release store: no lock for readers, no packet
///    lost while it changes. Cost: a change copies the array, which is short. (Oppermann 2005; the
///    reader/writer lock that this replaces cost a bus transaction a packet.)
/// 2. Registering a hook by name is apart from linking it, so that one hook may hang at several
///    points.
/// 3. `WIRE` is nearest the wire at both points: first on input, last on output, so that filters
///    meet a packet in mirrored order.
@NullMarked
package dev.stride.core.pfil;

import org.jspecify.annotations.NullMarked;
