/// Value types for what is written in a configuration and seen on a screen. Start at
/// [dev.stride.core.addr.IpPrefix]. Immutable, any thread; depends on nothing.
@NullMarked
package dev.stride.core.addr;

import org.jspecify.annotations.NullMarked;
