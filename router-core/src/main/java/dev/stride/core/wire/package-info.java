/// Header fields in place: static accessors over (memory, offset of the header), no header objects.
///
/// Contract: a class with `validate` or `check` says there what must hold; after it has passed no
/// accessor can fail. Multi-byte fields are in network order. Start at [dev.stride.core.wire.Ipv4].
/// Any thread that owns the memory.
@NullMarked
package dev.stride.core.wire;

import org.jspecify.annotations.NullMarked;
