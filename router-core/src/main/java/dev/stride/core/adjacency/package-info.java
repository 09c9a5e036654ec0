/// Where a packet goes next on the wire. Start at [dev.stride.core.adjacency.Adjacency].
///
/// Written by the control thread, read by workers; each class says how it is published.
/// [dev.stride.core.adjacency.NeighborTable] decides who is believed and for how long,
/// [dev.stride.core.adjacency.NeighborShares] who gives way when there are too many.
@NullMarked
package dev.stride.core.adjacency;

import org.jspecify.annotations.NullMarked;
