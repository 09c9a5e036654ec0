/// Endings and counters. Start at [dev.stride.core.stats.Reason]: the closed list of what can
/// become of a packet.
///
/// Each counter has one writing thread (plain read, opaque store); any thread may read.
@NullMarked
package dev.stride.core.stats;

import org.jspecify.annotations.NullMarked;
