package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.IntConsumer;

/// Sends the routes of a file to the daemon: a batch a request, several requests on the way at a
/// time. One thread.
final class RouteFile {
    private static final int BATCH = 1000;
    private static final int ON_THE_WAY = 4;

    private final Client client;
    private final String name;
    private final IntConsumer progress;
    private final Queue<int[]> waiting = new ArrayDeque<>(); // line numbers of each batch
    private int[] numbers = new int[BATCH];
    private ObjectNode request = Client.request("route-add");
    private ArrayNode batch = request.putArray("routes");
    private int loaded;

    /// @param name of the file, for messages
    /// @param progress is told how many are in, after each batch
    RouteFile(Client client, String name, IntConsumer progress) {
        this.client = client;
        this.name = name;
        this.progress = progress;
    }

    /// Loads all lines and says how many routes they were.
    ///
    /// @throws CommandFailure with file and line at the first that is wrong or refused; batches
    ///   before it stay
    int load(BufferedReader lines) throws IOException {
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            int comment = line.indexOf('#');
            String content = (comment < 0 ? line : line.substring(0, comment)).strip();
            if (!content.isEmpty()) {
                add(number, List.of(content.split("\\s+")));
            }
        }
        send();
        while (!waiting.isEmpty()) {
            receive();
        }
        return loaded;
    }

    private void add(int number, List<String> words) {
        try {
            numbers[batch.size()] = number;
            batch.add(RouteWords.line(words));
        } catch (IllegalArgumentException e) {
            throw wrong(number, String.valueOf(e.getMessage()));
        }
        if (batch.size() == BATCH) {
            send();
        }
    }

    private void send() {
        if (batch.isEmpty()) {
            return;
        }
        client.send(request);
        waiting.add(Arrays.copyOf(numbers, batch.size()));
        request = Client.request("route-add");
        batch = request.putArray("routes");
        numbers = new int[BATCH];
        while (waiting.size() >= ON_THE_WAY) {
            receive();
        }
    }

    private void receive() {
        int[] lines = waiting.remove();
        try {
            client.receive(part -> true);
        } catch (Client.Refusal e) {
            throw wrong(lines[Math.max(0, e.index())], String.valueOf(e.getMessage()));
        }
        loaded += lines.length;
        progress.accept(loaded);
    }

    private CommandFailure wrong(int line, String message) {
        String before = loaded == 0 ? "" : "; at least " + loaded + " routes before it are loaded";
        return new CommandFailure(ExitCode.FAILED, name + ":" + line + ": " + message + before);
    }
}
