package dev.stride.daemon.systemd;

import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Datagrams to the service manager, where there is one: sd_notify(3). None of the methods waits.
/// [#alive] is for one thread, the others for any; a status may be told before readiness.
public final class SdNotify {
    private static final System.Logger LOG = System.getLogger("systemd");
    private static final SdNotify MANAGER =
            new SdNotify(System.getenv(), ProcessHandle.current().pid());

    private final @Nullable String socket;
    private final boolean watched;
    private String lastStatus = "";

    /// @param environment with `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` as systemd sets
    ///   them
    SdNotify(Map<String, String> environment, long pid) {
        String named = environment.getOrDefault("NOTIFY_SOCKET", "");
        socket = named.isEmpty() ? null : named;
        String watchedPid = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        watched = environment.containsKey("WATCHDOG_USEC") && watchedPid.equals(Long.toString(pid));
    }

    /// Ports are open, the configuration is in, packets pass.
    public static void ready() {
        MANAGER.send("READY=1\n");
    }

    /// All threads were seen to work: feeds the watchdog (`WatchdogSec=`, at least 3 s), and tells
    /// the status when it is a new one. Call once a second.
    public static void alive(String status) {
        MANAGER.tellAlive(status);
    }

    /// The service is on its way down.
    public static void stopping() {
        MANAGER.send("STOPPING=1\n");
    }

    void tellAlive(String status) {
        String message = watched ? "WATCHDOG=1\n" : "";
        if (!status.equals(lastStatus)) {
            lastStatus = status;
            message += "STATUS=" + status + "\n";
        }
        if (!message.isEmpty()) {
            send(message);
        }
    }

    void send(String message) {
        if (socket == null) {
            return;
        }
        try {
            Sockets.sendUnixDatagram(socket, message.getBytes(StandardCharsets.UTF_8));
        } catch (SyscallException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, "systemd was not told: {0}", e.getMessage());
        }
    }
}
