package dev.stride.io.packet;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.io.linux.Errno;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Sockets;
import dev.stride.io.offload.VirtioHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Sends frames, each with a virtio header before it, many with one sendmmsg(2).
final class SendBatch {
    private static final int MAX = 64;
    private static final int MESSAGE = 64; // struct mmsghdr on 64-bit machines
    private static final int MESSAGE_VECTOR = 16;
    private static final int MESSAGE_VECTOR_LENGTH = 24;
    private static final int VECTOR = 16; // struct iovec

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = Sockets.state(arena);
    private final MemorySegment messages = arena.allocate((long) MAX * MESSAGE, 8);
    private final MemorySegment vectors = arena.allocate((long) MAX * VECTOR, 8);

    SendBatch() {
        for (int i = 0; i < MAX; i++) {
            long vector = vectors.address() + (long) i * VECTOR;
            messages.set(ValueLayout.JAVA_LONG, (long) i * MESSAGE + MESSAGE_VECTOR, vector);
            messages.set(ValueLayout.JAVA_LONG, (long) i * MESSAGE + MESSAGE_VECTOR_LENGTH, 1);
        }
    }

    /// Sends `packets[from, to)` and says of each what became of it.
    void send(FileDescriptor socket, Packet[] packets, int from, int to) {
        for (int first = from; first < to; first += MAX) {
            sendSome(socket, packets, first, Math.min(first + MAX, to));
        }
    }

    private void sendSome(FileDescriptor socket, Packet[] packets, int from, int to) {
        for (int i = from; i < to; i++) {
            Packet packet = packets[i];
            VirtioHeader.write(packet);
            long start = packet.memory.address() + packet.start - VirtioHeader.SIZE;
            long vector = (long) (i - from) * VECTOR;
            vectors.set(ValueLayout.JAVA_LONG, vector, start);
            vectors.set(ValueLayout.JAVA_LONG, vector + 8, packet.length + VirtioHeader.SIZE);
        }
        int next = from;
        while (next < to) {
            long message = messages.address() + (long) (next - from) * MESSAGE;
            int sent = Sockets.send(state, socket, message, to - next);
            int end =
                    sent > 0 ? next + sent : next + 1; // a frame that was refused holds up no other
            Reason reason = sent > 0 ? Reason.FORWARDED : reason(-sent);
            for (; next < end; next++) {
                packets[next].sent = reason;
            }
        }
    }

    /// What has become of a frame that the kernel refused.
    static Reason reason(int errno) {
        return switch (errno) {
            case Errno.ENETDOWN, Errno.ENXIO, Errno.ENODEV -> Reason.PORT_DOWN;
            case Errno.EAGAIN, Errno.ENOBUFS -> Reason.TRANSMIT_FULL;
            default -> Reason.TRANSMIT_ERROR;
        };
    }
}
