/// What a network card would have done: unfinished checksums and super-frames, finished in
/// software. Pure functions over packet memory, tested without a device. Start at
/// [dev.stride.io.offload.Segmentation].
///
/// For an egress that takes no offloads; between two ports that do, frames pass as they are.
@NullMarked
package dev.stride.io.offload;

import org.jspecify.annotations.NullMarked;
