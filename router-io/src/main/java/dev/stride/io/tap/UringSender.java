package dev.stride.io.tap;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.io.offload.VirtioHeader;
import dev.stride.io.uring.Ring;

/// Gives frames to a TAP, a burst with one system call. All writes have ended when it returns, so
/// that the packets are free.
final class UringSender {
    private final int file;
    private final int header;
    private final Ring ring;

    /// @param file descriptor of the TAP
    /// @param header bytes before each frame, [VirtioHeader#SIZE] or none
    /// @throws dev.stride.io.linux.SyscallException when the kernel says no
    UringSender(int file, int header) {
        this.file = file;
        this.header = header;
        ring = new Ring(Burst.SIZE, 2 * Burst.SIZE);
    }

    void transmit(Packet[] packets, int from, int to) {
        if (!ring.isEnabled()) {
            ring.enable(file);
        }
        for (int first = from; first < to; first += Burst.SIZE) {
            transmitSome(packets, first, Math.min(first + Burst.SIZE, to));
        }
    }

    private void transmitSome(Packet[] packets, int from, int to) {
        for (int i = from; i < to; i++) {
            Packet packet = packets[i];
            if (header != 0) {
                VirtioHeader.write(packet);
            }
            long start = packet.memory.address() + packet.start - header;
            ring.requests().write(start, packet.length + header, i);
            packet.sent = Reason.TRANSMIT_FULL; // if the kernel has no memory for the request
        }
        int waiting = Math.max(0, ring.submit());
        ring.withdraw();
        waiting -= reap(packets);
        while (waiting > 0) {
            // Not seen yet: writes that may not wait end at once. The packets must come back.
            int _ = ring.enter(waiting);
            waiting -= reap(packets);
        }
    }

    private int reap(Packet[] packets) {
        int count = 0;
        for (; ring.hasCompletion(); ring.next()) {
            int result = ring.result();
            packets[ring.tag()].sent = result >= 0 ? Reason.FORWARDED : TapErrors.transmit(-result);
            count++;
        }
        return count;
    }

    /// The worker's thread, or any if the worker has never sent.
    void close() {
        if (ring.isEnabled()) {
            ring.forgetFile();
        }
        ring.close();
    }
}
