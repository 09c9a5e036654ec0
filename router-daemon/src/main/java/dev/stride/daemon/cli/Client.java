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
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/// A connection to the daemon's control socket. One thread.
final class Client implements AutoCloseable {
    /// The daemon's no to a request.
    static final class Refusal extends CommandFailure {
        private static final long serialVersionUID = 1L;

        private final int index;

        private Refusal(String message, int index) {
            super(ExitCode.FAILED, message);
            this.index = index;
        }

        /// Which one of a list was refused, from 0; -1 where that is not said.
        int index() {
            return index;
        }
    }

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
        String what = "no daemon answers at " + path;
        String said = String.valueOf(e.getMessage());
        if (e instanceof AccessDeniedException || said.contains("ermission denied")) {
            what += ", since this user may not connect; use root or the socket's group";
        } else if (Files.exists(path)) {
            what += " (" + said + "); see whether it runs, and its log";
        } else {
            what += "; start one with `stride run -c FILE`, or name its socket with --socket PATH";
        }
        return new CommandFailure(ExitCode.NO_DAEMON, what);
    }

    /// A request without arguments; add them and give it to [#call].
    static ObjectNode request(String verb) {
        return Json.MAPPER.createObjectNode().put("do", verb);
    }

    /// Sends a request and waits for its result.
    ///
    /// @throws Refusal with the daemon's words
    JsonNode call(ObjectNode request) {
        send(request);
        return receive(part -> true);
    }

    /// Sends a request; its answer waits for [#receive].
    void send(ObjectNode request) {
        request.put("v", Json.VERSION).put("id", ++lastId);
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(request + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw noDaemon(e);
        }
    }

    /// Waits for the answer to the oldest request without one.
    ///
    /// @param parts takes the parts of a long answer; after false the rest is not waited for, and
    ///   the connection is good for nothing more
    /// @throws Refusal with the daemon's words
    JsonNode receive(Predicate<JsonNode> parts) {
        try {
            while (true) {
                String line = lines.readLine();
                if (line == null) {
                    throw new IOException("it closed the connection");
                }
                JsonNode reply = Json.MAPPER.readTree(line);
                if (reply.has("part")) {
                    if (!parts.test(reply.get("part"))) {
                        return Json.MAPPER.nullNode();
                    }
                } else if (reply.path("ok").asBoolean()) {
                    return reply.path("result");
                } else {
                    JsonNode error = reply.path("error");
                    throw new Refusal(
                            error.path("message").asText(), error.path("index").asInt(-1));
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
