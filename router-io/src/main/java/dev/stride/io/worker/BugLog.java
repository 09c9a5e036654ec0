package dev.stride.io.worker;

import dev.stride.core.packet.Packet;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/// Reports bugs of the data path, with the packet that met them, at most one a minute. Belongs to
/// its worker.
final class BugLog {
    private static final System.Logger LOG = System.getLogger("worker");
    private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);
    private static final int SHOWN = 256; // bytes of the packet

    private long last = System.nanoTime() - PAUSE;
    private long unsaid;

    /// The forwarding of a packet has thrown.
    void report(RuntimeException bug, Packet packet) {
        long now = System.nanoTime();
        if (now - last < PAUSE) {
            unsaid++;
            return;
        }
        last = now;
        LOG.log(
                System.Logger.Level.ERROR,
                "internal error, please report it with this packet: "
                        + hex(packet)
                        + (unsaid == 0 ? "" : "; " + unsaid + " more since the last report"),
                bug);
        unsaid = 0;
    }

    private static String hex(Packet packet) {
        byte[] bytes = new byte[Math.min(packet.length, SHOWN)];
        packet.memory.asSlice(packet.start, bytes.length).asByteBuffer().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
