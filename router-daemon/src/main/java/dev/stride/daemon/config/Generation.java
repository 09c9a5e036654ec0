package dev.stride.daemon.config;

import java.time.Instant;

/// A configuration that has run.
///
/// @param number from 1, counting on across restarts
/// @param time when it began to run
/// @param cause why it came: `start of the daemon`, `reload of FILE`
/// @param text the whole of it, includes and substitutions filled in
public record Generation(int number, Instant time, String cause, String text) {
    private static final String HEAD = "# generation ";

    /// As a file: a configuration itself, with the rest as a comment.
    String toFile() {
        return HEAD + number + ", " + time + ", " + cause.replace('\n', ' ') + "\n" + text;
    }

    /// Reads what [#toFile] wrote.
    ///
    /// @throws IllegalArgumentException when it is nothing of the kind
    static Generation of(String file) {
        int end = file.indexOf('\n');
        String[] parts = file.substring(0, Math.max(0, end)).split(", ", 3);
        if (parts.length < 3 || !parts[0].startsWith(HEAD)) {
            throw new IllegalArgumentException("its first line names no generation");
        }
        try {
            return new Generation(
                    Integer.parseInt(parts[0].substring(HEAD.length())),
                    Instant.parse(parts[1]),
                    parts[2],
                    file.substring(end + 1));
        } catch (NumberFormatException | java.time.format.DateTimeParseException e) {
            throw new IllegalArgumentException("its first line names no generation", e);
        }
    }
}
