package dev.stride.daemon.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Options of every command that talks to the daemon.
final class DaemonOptions {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            defaultValue = "/run/stride/control.sock",
            description = "control socket of the daemon (default: ${DEFAULT-VALUE})")
    Path socket = Path.of("/run/stride/control.sock");

    Client connect() {
        return new Client(socket);
    }
}
