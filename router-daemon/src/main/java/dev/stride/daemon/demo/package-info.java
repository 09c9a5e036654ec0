/// `stride demo`: the main job on one machine, shown with the tools that a network engineer would
/// use. Start at [dev.stride.daemon.demo.Demo].
@NullMarked
package dev.stride.daemon.demo;

import org.jspecify.annotations.NullMarked;
