package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `stride fpm sweep`.
@Command(
        mixinStandardHelpOptions = true,
        name = "fpm",
        description = "Routes from FRR.",
        synopsisSubcommandLabel = "(sweep)")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class FpmCommands {
    @Spec private CommandSpec spec;

    @Command(
            mixinStandardHelpOptions = true,
            description = "Withdraw now what zebra has not sent since it connected.")
    void sweep(
            @Mixin DaemonOptions daemon,
            @Option(names = "--all", description = "all routes of FPM, when zebra is away")
                    boolean all) {
        try (Client client = daemon.connect()) {
            JsonNode result = client.call(Client.request("fpm-sweep").put("all", all));
            spec.commandLine()
                    .getOut()
                    .printf("%d stale routes withdrawn%n", result.path("swept").asInt());
        }
    }
}
