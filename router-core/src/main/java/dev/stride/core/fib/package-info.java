/// The FIB: which next hop an address leads to, by the paper's table of four 8-bit strides. Start
/// at [dev.stride.core.fib.Fib4]; [dev.stride.core.fib.Fib6] is the same for IPv6.
///
/// Many threads look up without a lock; one thread, the control thread, changes. Every thread that
/// looks up is a reader of a [dev.stride.core.fib.Quiescence], which tells the writer when memory
/// that was taken out of the table may be used again. Depends on java.base only.
///
/// 1. Buckets are numbers in one array, not objects: no header, no pointer to follow for the
///    collector, 8 bits a slot for the first 254 next hops, 16 or 32 beyond. Cost: reclamation is
///    ours, and a slot that leads deeper needs a second look. Revisit with value classes.
/// 2. A slot holds the answer, routes of less specific prefixes included (leaf pushing), so that
///    one load decides a lookup and an answer is never made of two states of the table. Cost: a
///    change of a short prefix writes many slots. Revisit if short prefixes flap.
/// 3. Strides 1 and 2 are joined into a root of 65,536 slots: at most three loads instead of four.
///    Cost: 256 KiB, shared by all tables without a route, and a change of a prefix up to /15 takes
///    several stores.
/// 4. A root slot with a next hop leads to a constant slot that holds it: the steps of a burst have
///    no branch and no mask. Cost: 32 KiB of constants.
/// 5. IPv6 buckets beyond /32 are runs of equal slots instead: 58,000 buckets of 256 slots would
///    take 15 MB and more of the caches than the 64 bytes that most need as runs. Cost: a step
///    counts bits, and a change rewrites a bucket.
/// 6. The arithmetic between loads is done in vectors (jdk.incubator.vector) where the JVM was
///    started with that module: 1.1 to 1.6 times the lookups of plain loops. Cost: a line of
///    warning at start, and code for both. Gathers are not used: scalar loads were faster. Revisit
///    when the compiler vectorizes short loops.
/// 7. The default route is no slot but one word: changing it costs one store, not the whole table.
@NullMarked
package dev.stride.core.fib;

import org.jspecify.annotations.NullMarked;
