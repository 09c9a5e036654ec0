package dev.stride.daemon.systemd;

import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import java.nio.charset.StandardCharsets;

/// Datagrams to the service manager, where there is one: sd_notify(3). Any thread.
public final class SdNotify {
    private static final System.Logger LOG = System.getLogger("systemd");

    private SdNotify() {}

    /// Ports are open, the configuration is in, packets pass.
    public static void ready(String status) {
        send("READY=1\nSTATUS=" + status + "\n");
    }

    /// The service is on its way down.
    public static void stopping() {
        send("STOPPING=1\n");
    }

    private static void send(String message) {
        String socket = System.getenv("NOTIFY_SOCKET");
        if (socket == null || socket.isEmpty()) {
            return;
        }
        try {
            Sockets.sendUnixDatagram(socket, message.getBytes(StandardCharsets.UTF_8));
        } catch (SyscallException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, "systemd was not told: {0}", e.getMessage());
        }
    }
}
