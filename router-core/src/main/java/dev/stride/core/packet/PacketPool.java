package dev.stride.core.packet;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// All packets of one worker: a stack of free ones over one piece of native memory. Not
/// thread-safe, on purpose.
public final class PacketPool {
    /// Bytes of a slot: head-room and the largest super-frame. An odd number of cache lines, so
    /// that the first lines of successive slots fall into different cache sets.
    public static final int SLOT = 64 * 1035;

    private final Packet[] free;
    private int available;

    /// @param memory native memory for as many packets as slots fit into it; it must outlive the
    ///   pool
    public PacketPool(MemorySegment memory) {
        int packets = (int) (memory.byteSize() / SLOT);
        free = new Packet[packets];
        for (int i = 0; i < packets; i++) {
            free[i] = new Packet(memory.asSlice((long) SLOT * i, SLOT));
        }
        available = packets;
    }

    /// A packet, [reset][Packet#reset], or null when all are taken.
    public @Nullable Packet take() {
        if (available == 0) {
            return null;
        }
        Packet packet = free[--available];
        packet.reset();
        return packet;
    }

    /// Gives back a packet that was taken from here; the caller must not touch it any more.
    public void release(Packet packet) {
        packet.settled = true;
        free[available++] = packet;
    }

    /// Packets that can be taken now.
    public int available() {
        return available;
    }

    /// All packets, taken or not.
    public int size() {
        return free.length;
    }
}
