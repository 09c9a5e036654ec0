package dev.stride.daemon.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `stride completion`: what a shell needs to complete commands and options.
@Command(
        mixinStandardHelpOptions = true,
        name = "completion",
        description = "Print a completion script for bash and zsh.",
        footer = {"", "In a shell, or in its start-up file: source <(stride completion)"})
@SuppressWarnings("NullAway.Init") // picocli fills the field
public final class Completion implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().print(AutoComplete.bash("stride", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
    }
}
