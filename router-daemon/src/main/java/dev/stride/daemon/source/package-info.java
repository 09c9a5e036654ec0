/// What sources of routes have in common, whichever way their messages come. Start at
/// [dev.stride.daemon.source.RouteSink], which is how routes leave.
///
/// One thread for each source; batches go to the control thread, which alone writes the RIB.
/// Depends on netlink, whose messages these are, and core.rib.
///
/// 1. Sources know nothing of control commands: they have a sink and callbacks. Cost: an interface.
@NullMarked
package dev.stride.daemon.source;

import org.jspecify.annotations.NullMarked;
