/// The command `stride`. Start at [dev.stride.daemon.Main]; the router itself is in
/// [dev.stride.daemon.running].
@NullMarked
package dev.stride.daemon;

import org.jspecify.annotations.NullMarked;
