/// Where a packet goes next on the wire. Start at [dev.stride.core.adjacency.Adjacency].
///
/// Written by the control thread, read by workers; each class says how it is published.
@NullMarked
package dev.stride.core.adjacency;

import org.jspecify.annotations.NullMarked;
