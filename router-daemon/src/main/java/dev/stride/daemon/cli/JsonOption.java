package dev.stride.daemon.cli;

import picocli.CommandLine.Option;

/// Option of every command that prints a result.
final class JsonOption {
    @Option(names = "--json", description = "print JSON instead of text")
    boolean json;
}
