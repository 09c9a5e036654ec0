/// The command line: one class a command, all of them clients of the control socket but `run`,
/// `check`, `demo` and `completion`. Start at [dev.stride.daemon.cli.Show].
@NullMarked
package dev.stride.daemon.cli;

import org.jspecify.annotations.NullMarked;
