package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stride.daemon.control.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/// A connection to the daemon's control socket. One thread.
final class Client implements AutoCloseable {
    private final Path path;
    private final SocketChannel channel;
    private final BufferedReader lines;
    private int lastId;

    /// Connects.
    ///
    /// @throws CommandFailure when no daemon answers
    Client(Path path) {
        this.path = path;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(path));
            lines =
                    new BufferedReader(
                            Channels.newReader(channel, StandardCharsets.UTF_8), 1 << 16);
        } catch (IOException e) {
            throw noDaemon(e);
        }
    }

    private CommandFailure noDaemon(IOException e) {
        String next =
                Files.exists(path)
                        ? "you may need root or the socket's group"
                        : "start one with `stride run -c FILE`, or name its socket with --socket PATH";
        return new CommandFailure(
                ExitCode.NO_DAEMON,
                "no daemon answers at " + path + " (" + e.getMessage() + "); " + next);
    }

    /// A request without arguments; add them and give it to [#call].
    static ObjectNode request(String verb) {
        return Json.MAPPER.createObjectNode().put("do", verb);
    }

    /// Sends a request and waits for its result.
    ///
    /// @throws CommandFailure with the daemon's words when it refuses
    JsonNode call(ObjectNode request) {
        return call(
                request,
                part -> {
                    throw new CommandFailure(ExitCode.FAILED, "the daemon answers in parts");
                });
    }

    /// The same for an answer that comes in parts.
    JsonNode call(ObjectNode request, Consumer<JsonNode> parts) {
        request.put("v", Json.VERSION).put("id", ++lastId);
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(request + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            while (true) {
                String line = lines.readLine();
                if (line == null) {
                    throw new IOException("it closed the connection");
                }
                JsonNode reply = Json.MAPPER.readTree(line);
                if (reply.has("part")) {
                    parts.accept(reply.get("part"));
                } else if (reply.path("ok").asBoolean()) {
                    return reply.path("result");
                } else {
                    throw new CommandFailure(
                            ExitCode.FAILED, reply.path("error").path("message").asText());
                }
            }
        } catch (IOException e) {
            throw noDaemon(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing is lost: each call waited for its answer
        }
    }
}
