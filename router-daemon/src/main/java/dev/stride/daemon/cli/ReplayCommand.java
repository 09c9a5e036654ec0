package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stride.daemon.config.ConfigReader;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.control.Json;
import dev.stride.daemon.running.Replay;
import dev.stride.io.capture.CaptureException;
import dev.stride.io.capture.CaptureReader;
import dev.stride.io.capture.CaptureWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `stride replay`: a capture through the router, without privileges.
@Command(
        mixinStandardHelpOptions = true,
        name = "replay",
        description = {
            "Run a capture through a configuration: no devices, no privileges, the same result each"
                    + " time.",
            "Frames of a pcapng interface that is called as a port, or its device, arrive there; all"
                    + " others at --port. Give ports the mac that the frames are sent to."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class ReplayCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "the configuration")
    private Path file;

    @Option(
            names = "--port",
            paramLabel = "NAME",
            description = "where frames arrive whose file does not say (default: the first port)")
    private @Nullable String port;

    @Parameters(index = "0", paramLabel = "IN", description = "a pcap or pcapng file of Ethernet")
    private Path in;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "what the router sends; with the port's name where it ends in .pcapng")
    private Path out;

    @Mixin private JsonOption print;

    @Override
    public Integer call() {
        ConfigReader.Result read = ConfigReader.read(file);
        read.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
        RouterConfig config = read.config();
        if (config == null) {
            return ExitCode.CONFIG;
        }
        List<String> ports = config.ports().stream().map(PortConfig::name).toList();
        if (ports.isEmpty()) {
            throw new CommandFailure(ExitCode.CONFIG, file + " has no ports");
        }
        if (port != null && !ports.contains(port)) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "no port is named " + port + "; there are " + String.join(", ", ports));
        }
        Replay.Result result = replay(config, ports);
        print(result);
        if (result.broken() != null) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    in + ": " + result.broken() + "; the frames before it were replayed");
        }
        return ExitCode.DONE;
    }

    private Replay.Result replay(RouterConfig config, List<String> ports) {
        CaptureReader reader;
        try {
            reader = CaptureReader.open(in);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot read " + in + ": " + e.getMessage());
        } catch (CaptureException e) {
            throw new CommandFailure(ExitCode.FAILED, in + ": " + e.getMessage());
        }
        try (CaptureWriter writer = new CaptureWriter(out, ports)) {
            return new Replay(config, reader, writer, port).run();
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.FAILED, "cannot write " + out + ": " + e.getMessage());
        }
    }

    private void print(Replay.Result result) {
        PrintWriter out = spec.commandLine().getOut();
        if (print.json) {
            out.println(json(result).toPrettyString());
            return;
        }
        out.println(result.frames() + " frames replayed");
        Table ports = new Table("PORT", "RX PACKETS", "TX PACKETS");
        Table endings = new Table("PORT", "ENDING", "PACKETS");
        for (Replay.PortResult each : result.ports()) {
            ports.row(each.port(), "" + each.received(), "" + each.transmitted());
            each.endings()
                    .forEach((reason, packets) -> endings.row(each.port(), reason, "" + packets));
        }
        ports.print(out);
        endings.print(out);
    }

    private static ObjectNode json(Replay.Result result) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("frames", result.frames()).put("broken", result.broken());
        ArrayNode ports = json.putArray("ports");
        for (Replay.PortResult each : result.ports()) {
            ObjectNode port = ports.addObject().put("name", each.port());
            port.put("receive_packets", each.received());
            port.put("transmit_packets", each.transmitted());
            ObjectNode endings = port.putObject("endings");
            each.endings().forEach(endings::put);
        }
        return json;
    }
}
