package dev.stride.io.tap;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.io.linux.Errno;
import dev.stride.io.offload.VirtioHeader;
import dev.stride.io.uring.PacketBuffers;
import dev.stride.io.uring.Ring;
import org.jspecify.annotations.Nullable;

/// Takes frames from a TAP by one read request that stays: each frame that the kernel reads is a
/// completion. The request ends when no buffer is left (ENOBUFS) or the device fails; then the next
/// look makes another one.
final class UringReceiver {
    /// Buffers. The kernel reads 20 frames a look when many wait, and each look lends anew. More
    /// buffers than stay in the cache cost: with 128 a packet took 7 % more CPU.
    private static final int BUFFERS = Burst.SIZE;

    private static final int READ = 1; // tags of requests
    private static final int CANCEL = 2;
    private static final int CQE_BUFFER = 1; // flags of completions
    private static final int CQE_MORE = 2;
    private static final int CQE_BUFFER_SHIFT = 16;

    private final int file;
    private final int header;
    private final Ring ring;
    private final PacketBuffers buffers;
    private @Nullable PacketPool pool; // that the buffers are from
    private boolean reading; // whether the request stands

    /// @param file descriptor of the TAP
    /// @param header bytes before each frame, [VirtioHeader#SIZE] or none
    /// @throws dev.stride.io.linux.SyscallException when the kernel says no
    UringReceiver(int file, int header) {
        this.file = file;
        this.header = header;
        ring = new Ring(2, 2 * BUFFERS);
        buffers = new PacketBuffers(ring, BUFFERS, header);
    }

    int receive(Burst into, PacketPool from) {
        if (!ring.isEnabled()) {
            ring.enable(file);
            pool = from;
        }
        if (!reading) {
            prepare(from);
        }
        int before = into.count;
        while (into.count < into.packets.length && (ring.hasCompletion() || look(from))) {
            take(into, from);
        }
        return into.count - before;
    }

    /// Lends packets, and makes the request where none stands.
    private void prepare(PacketPool from) {
        buffers.fill(from);
        if (!reading && buffers.hasAny()) {
            ring.requests().readMultishot(READ);
            reading = true;
        }
    }

    /// Lets the kernel read what waits, some frames at a time; costs nothing when nothing waits.
    private boolean look(PacketPool from) {
        if (!ring.hasWork()) {
            return false;
        }
        prepare(from);
        int _ = ring.enter(0); // a failure leaves the work for the next look
        return ring.hasCompletion();
    }

    private void take(Burst into, PacketPool from) {
        int flags = ring.flags();
        int result = ring.result();
        reading = (flags & CQE_MORE) != 0;
        ring.next();
        if ((flags & CQE_BUFFER) == 0) {
            if (result == -Errno.ENOBUFS) {
                prepare(from); // now: what waits raises no event, so a sleeper would miss it
            }
            return;
        }
        Packet packet = buffers.take(flags >>> CQE_BUFFER_SHIFT);
        if (result < header) {
            from.release(packet);
            return;
        }
        packet.length = result - header;
        if (header != 0) {
            VirtioHeader.read(packet);
        }
        into.add(packet);
    }

    /// The device's: what waits stays there until the worker looks, and Linux 6.18 wakes nobody who
    /// polls a ring of the DEFER_TASKRUN kind.
    int descriptor() {
        return file;
    }

    /// Ends the request and gives the packets back. The worker's thread, or any if the worker has
    /// never received.
    void close() {
        PacketPool from = pool;
        if (from != null) {
            pool = null;
            if (reading) {
                cancel();
            }
            ring.forgetFile();
            buffers.release(from);
        }
        ring.close();
    }

    private void cancel() {
        ring.requests().cancel(READ, CANCEL);
        while (reading) {
            int _ = ring.enter(1);
            for (; ring.hasCompletion(); ring.next()) {
                if (ring.tag() == READ) {
                    reading = (ring.flags() & CQE_MORE) != 0;
                }
            }
        }
    }
}
