package dev.stride.daemon.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `stride port up|down NAME`.
@Command(
        mixinStandardHelpOptions = true,
        name = "port",
        description = "Switch ports on and off. Changes last until the daemon ends.",
        synopsisSubcommandLabel = "(up|down)")
public final class PortCommands {
    @Command(mixinStandardHelpOptions = true, description = "Switch a port on again.")
    void up(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "PORT", description = "name of the port") String port) {
        call(daemon, port, true);
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Switch a port off: nothing is taken from it or sent to it.")
    void down(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "PORT", description = "name of the port") String port) {
        call(daemon, port, false);
    }

    private static void call(DaemonOptions daemon, String port, boolean up) {
        try (Client client = daemon.connect()) {
            client.call(Client.request("port").put("port", port).put("up", up));
        }
    }
}
