package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `stride neighbor ...`: static entries, and forgetting learned ones.
@Command(
        mixinStandardHelpOptions = true,
        name = "neighbor",
        description = "Change neighbors. Changes last until the daemon ends.",
        synopsisSubcommandLabel = "(add|del|flush)")
public final class NeighborCommands {
    @Command(mixinStandardHelpOptions = true, description = "Add a static neighbor.")
    void add(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "PORT", description = "name of the port") String port,
            @Parameters(paramLabel = "ADDR", description = "its address") String address,
            @Parameters(paramLabel = "MAC", description = "its MAC address") String mac) {
        call(
                daemon,
                Client.request("neighbor-add")
                        .put("port", port)
                        .put("address", address)
                        .put("mac", mac));
    }

    @Command(mixinStandardHelpOptions = true, description = "Forget a neighbor, static or learned.")
    void del(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "PORT", description = "name of the port") String port,
            @Parameters(paramLabel = "ADDR", description = "its address") String address) {
        call(daemon, Client.request("neighbor-del").put("port", port).put("address", address));
    }

    @Command(mixinStandardHelpOptions = true, description = "Forget all learned neighbors.")
    void flush(
            @Mixin DaemonOptions daemon,
            @Parameters(paramLabel = "PORT", arity = "0..1", description = "only of this port")
                    @Nullable String port) {
        ObjectNode request = Client.request("neighbor-flush");
        call(daemon, port == null ? request : request.put("port", port));
    }

    private static void call(DaemonOptions daemon, ObjectNode request) {
        try (Client client = daemon.connect()) {
            client.call(request);
        }
    }
}
