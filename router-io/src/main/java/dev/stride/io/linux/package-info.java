/// System calls: the only place that uses `java.lang.foreign` to call. One class for each family.
/// Start at [dev.stride.io.linux.Syscall].
///
/// 1. Plain downcalls, not `critical` ones: those save next to nothing and hold every safepoint
///    while the kernel runs.
/// 2. errno is captured into memory of the calling object, so that a call on the data path
///    allocates nothing. Cost: a tenth of a microsecond where a frame takes two calls, so that
///    [dev.stride.io.linux.FrameCalls] looks at it only after a failure.
@NullMarked
package dev.stride.io.linux;

import org.jspecify.annotations.NullMarked;
