/// What a network card would have done: unfinished checksums and super-frames, finished in
/// software. Pure functions over packet memory, tested without a device. Start at
/// [dev.stride.io.offload.Segmentation].
///
/// For an egress that takes no offloads; between two ports that do, frames pass as they are, and
/// from one that does not to one that does [dev.stride.io.offload.Coalescing] does the reverse.
@NullMarked
package dev.stride.io.offload;

import org.jspecify.annotations.NullMarked;
