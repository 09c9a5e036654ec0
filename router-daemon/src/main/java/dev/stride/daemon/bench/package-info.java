/// The built-in benchmarks of the FIB. Start at [dev.stride.daemon.bench.LookupBench].
///
/// One thread, apart from the writer that [dev.stride.daemon.bench.UpdateBench] sets beside a
/// reader. Depends on `core` only; [dev.stride.daemon.cli] prints the rows.
@NullMarked
package dev.stride.daemon.bench;

import org.jspecify.annotations.NullMarked;
