/// Datagrams in fragments: cut for a link with a smaller MTU, and put together again. Start at
/// [dev.stride.core.fragment.Fragmentation] for the first, at [dev.stride.core.fragment.Datagram]
/// for the second. The table of datagrams that are being put together is the data path's.
///
/// Belongs to the worker whose packets they are. Uses wire, packet and stats alone.
///
/// 1. A datagram is put together in one packet of the pool, each fragment copied to its place as it
///    comes; its own packet is free at once. Many tiny fragments cost no more memory than few long
///    ones. Cost: a copy. Revisit if the router ever terminates bulk traffic in fragments.
/// 2. What has come is a bit for each eight bytes, the unit of fragment offsets: overlaps are found
///    exactly and in bounded time, whatever the order. Cost: 1 KiB a datagram.
/// 3. The key and the bounds of a fragment are read apart from the placing, so that another family
///    needs another reader only.
@NullMarked
package dev.stride.core.fragment;

import org.jspecify.annotations.NullMarked;
