package dev.stride.io.offload;

import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Udp;

/// Finishes a transport checksum whose field holds the pseudo-header's sum (virtio 1.2 section
/// 5.1.6.2).
public final class ChecksumCompletion {
    private ChecksumCompletion() {}

    /// Does what [Packet#needsChecksum] asks for, if it does; the metadata must lie within the
    /// frame.
    public static void complete(Packet packet) {
        if (!packet.needsChecksum) {
            return;
        }
        int from = packet.start + packet.checksumStart;
        int sum = Checksum.of(packet.memory, from, packet.length - packet.checksumStart);
        boolean zeroMeansNone = packet.checksumOffset == Udp.CHECKSUM; // RFC 768
        Bytes.put16(
                packet.memory,
                from + packet.checksumOffset,
                sum == 0 && zeroMeansNone ? 0xffff : sum);
        packet.clearOffload();
    }
}
