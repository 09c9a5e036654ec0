/// Addresses and prefixes: value types for what is written in a configuration and seen on a screen,
/// immutable, for any thread; and [dev.stride.core.addr.PrefixMap], of one thread, for millions of
/// them. Start at [dev.stride.core.addr.IpPrefix]. Depends on nothing.
@NullMarked
package dev.stride.core.addr;

import org.jspecify.annotations.NullMarked;
