/// The configuration: a HOCON file in, immutable records or a list of every problem out. Start at
/// [dev.stride.daemon.config.ConfigReader]. The records are immutable and for any thread; a reading
/// happens within one call, and opens nothing but files.
///
/// 1. Records of our own, not the library's tree: the daemon and a comparison of two generations
///    need values that are checked once. Cost: each key is named in a reader and in a record.
///    Revisit when a reader does nothing but copy.
/// 2. Every problem is collected with its place; a reading never stops at the first. Cost: readers
///    go on with a default where a value was bad. Revisit never: operators mend files in one go.
/// 3. Unknown keys are errors, so that a slip of the pen is not a silent default. Cost: a file for
///    a newer version is refused by an older one. Revisit when a fleet has to share one file.
@NullMarked
package dev.stride.daemon.config;

import org.jspecify.annotations.NullMarked;
