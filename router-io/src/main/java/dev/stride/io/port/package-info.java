/// The contract between ports and workers. Start at [dev.stride.io.port.Port].
@NullMarked
package dev.stride.io.port;

import org.jspecify.annotations.NullMarked;
