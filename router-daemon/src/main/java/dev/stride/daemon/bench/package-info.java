/// The built-in benchmarks of RIB and FIB. Start at [dev.stride.daemon.bench.LookupBench].
///
/// One thread, apart from the [dev.stride.daemon.bench.LookupLoop] beside a writer. Depends on
/// `core` only; [dev.stride.daemon.cli] prints the rows.
@NullMarked
package dev.stride.daemon.bench;

import org.jspecify.annotations.NullMarked;
