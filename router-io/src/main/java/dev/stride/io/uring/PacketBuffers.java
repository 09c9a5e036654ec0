package dev.stride.io.uring;

import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.io.linux.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Packets that the kernel may read into: a ring of provided buffers, group 0
/// (io_uring_register(2), IORING_REGISTER_PBUF_RING). A packet belongs to the kernel from [#fill]
/// to [#take].
///
/// ```
/// struct io_uring_buf, the first one with the ring's tail at its end
///  0         8        12          14       16
/// | address | length | buffer id | tail   |
/// ```
///
/// The kernel sees a buffer after the release store of the tail. Belongs to one worker.
public final class PacketBuffers {
    private static final int REGISTER_PBUF_RING = 22;
    private static final int BUFFER = 16;
    private static final int LEAST = 8;
    private static final int SHARE = 16;
    private static final int TAIL = 14;
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();

    private final MemorySegment ring;
    private final int before; // bytes before the frame
    private final @Nullable Packet[] lent; // by buffer id: what the kernel has
    private final int[] unused; // a stack of buffer ids without a packet
    private int unusedCount;
    private int tail;

    /// Tells the ring of it, without packets yet.
    ///
    /// @param count of buffers, a power of two
    /// @param before bytes to read to before [Packet#start]
    /// @throws dev.stride.io.linux.SyscallException when the kernel says no
    public PacketBuffers(Ring ring, int count, int before) {
        this.ring = Memory.map(Arena.ofAuto(), (long) count * BUFFER);
        this.before = before;
        lent = new Packet[count];
        unused = new int[count];
        for (int id = count - 1; id >= 0; id--) {
            unused[unusedCount++] = id;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment what = arena.allocate(40, 8); // struct io_uring_buf_reg
            what.set(ValueLayout.JAVA_LONG, 0, this.ring.address());
            what.set(ValueLayout.JAVA_INT, 8, count);
            ring.register("IORING_REGISTER_PBUF_RING", REGISTER_PBUF_RING, what, 1);
        }
    }

    /// Lends packets until every buffer has one, but no more than a share of those that are free:
    /// there may be many rings, and the worker needs some as well.
    public void fill(PacketPool pool) {
        int most = Math.max(LEAST, pool.available() / SHARE);
        int wanted = Math.min(unusedCount, most - (lent.length - unusedCount));
        if (wanted <= 0) {
            return;
        }
        for (int i = 0; i < wanted; i++) {
            Packet packet = pool.take();
            if (packet == null) {
                break;
            }
            lend(packet, unused[--unusedCount]);
        }
        SHORT.setRelease(ring, (long) TAIL, (short) tail);
    }

    private void lend(Packet packet, int id) {
        long at = (long) (tail++ & lent.length - 1) * BUFFER;
        int start = packet.start - before;
        ring.set(ValueLayout.JAVA_LONG, at, packet.memory.address() + start);
        ring.set(ValueLayout.JAVA_INT, at + 8, packet.capacity() + before);
        ring.set(ValueLayout.JAVA_SHORT, at + 12, (short) id);
        lent[id] = packet;
    }

    /// Whether the kernel has a packet to read into.
    public boolean hasAny() {
        return unusedCount < lent.length;
    }

    /// The packet that the kernel has filled.
    public Packet take(int id) {
        Packet packet = Objects.requireNonNull(lent[id]);
        lent[id] = null;
        unused[unusedCount++] = id;
        return packet;
    }

    /// Gives all packets back, after reading has ended.
    public void release(PacketPool pool) {
        for (int id = 0; id < lent.length; id++) {
            if (lent[id] != null) {
                pool.release(take(id));
            }
        }
    }
}
