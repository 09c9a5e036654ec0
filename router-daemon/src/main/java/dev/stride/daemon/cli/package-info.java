/// The command line: one class a command, all of them clients of the control socket but `run`,
/// `check` and `demo`. Start at [dev.stride.daemon.cli.ShowCommand].
@NullMarked
package dev.stride.daemon.cli;

import org.jspecify.annotations.NullMarked;
