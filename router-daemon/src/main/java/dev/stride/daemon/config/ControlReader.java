package dev.stride.daemon.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Reads how the daemon is talked to, and where it keeps what outlives it. The defaults stand here,
/// and in `conf/stride.conf` for people.
final class ControlReader {
    private static final int MAX_SOCKET_PATH = 107; // sun_path, unix(7), less its end
    private static final Path SOCKET = Path.of("/run/stride/control.sock");
    private static final Path STATE = Path.of("/var/lib/stride");

    private ControlReader() {}

    static ControlConfig control(Section control) {
        Node mode = control.get("mode");
        ControlConfig config =
                new ControlConfig(
                        control.parse("socket", ControlReader::socket, SOCKET),
                        mode == null ? null : mode.parse(ControlReader::mode),
                        group(control, "group"),
                        group(control, "read-only-group"),
                        control.duration(
                                "write-timeout",
                                Duration.ofSeconds(30),
                                Duration.ofMillis(100),
                                Duration.ofHours(1)));
        control.end();
        return config;
    }

    static StateConfig state(Section state) {
        StateConfig config =
                new StateConfig(
                        state.parse("directory", ControlReader::absolute, STATE),
                        state.get("snapshot") == null ? null : snapshot(state.section("snapshot")));
        state.end();
        return config;
    }

    private static SnapshotConfig snapshot(Section snapshot) {
        Duration second = Duration.ofSeconds(1);
        Duration day = Duration.ofDays(1);
        SnapshotConfig config =
                new SnapshotConfig(
                        snapshot.duration("interval", Duration.ofMinutes(1), second, day),
                        snapshot.duration("max-age", Duration.ofMinutes(10), second, day),
                        snapshot.duration("hold", Duration.ofMinutes(5), second, day));
        snapshot.end();
        return config;
    }

    private static Path absolute(String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(
                    Node.quoted(text) + " is relative; write the whole path, from /");
        }
        return path;
    }

    private static Path socket(String text) {
        Path path = absolute(text);
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_SOCKET_PATH) {
            throw new IllegalArgumentException(
                    "the path has "
                            + bytes
                            + " bytes; that of a socket has at most "
                            + MAX_SOCKET_PATH);
        }
        return path;
    }

    private static String mode(String text) {
        if (!text.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException(
                    Node.quoted(text) + " is no mode of a file; write three octal digits: 0660");
        }
        return text;
    }

    private static @Nullable String group(Section control, String key) {
        Node node = control.get(key);
        return node == null ? null : node.parse(ControlReader::groupName);
    }

    private static String groupName(String text) {
        if (!text.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}")) {
            throw new IllegalArgumentException(
                    Node.quoted(text) + " cannot name a group; \"getent group\" lists them");
        }
        return text;
    }
}
