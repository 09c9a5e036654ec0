package dev.stride.io.packet;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.io.linux.Errno;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Memory;
import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// Sends through an AF_XDP socket that receives nothing and so needs no XDP program
/// (linux/if_xdp.h; the kernel's af_xdp.rst), in copy mode: a system call for all frames of a
/// burst, and less to do for each than sendmmsg(2) has.
///
/// ```
/// chunks           = CHUNKS x 2048 bytes, locked
/// transmit ring    = RING x | address 8 | length 4 | options 4 |    we fill it
/// completion ring  = RING x | address 8 |                           whose chunk is free again
/// ```
///
/// The kernel takes frames out of the ring within [#send] only, and copies them or, with some
/// devices, refers to the chunk until the device is done. What it refuses is withdrawn: the
/// producer goes back. But it may have noted how far the ring was filled, so that no burst that
/// fills it less may follow; those take the other way. Belongs to its worker.
final class XdpSender implements AutoCloseable {
    private static final int RING = 1024;
    private static final int CHUNK = 2048;
    private static final int DESCRIPTOR = 16;

    private static final int AF_XDP = 44;
    private static final int SOL_XDP = 283;
    private static final int XDP_MMAP_OFFSETS = 1;
    private static final int XDP_TX_RING = 3;
    private static final int XDP_UMEM_REG = 4;
    private static final int XDP_UMEM_FILL_RING = 5;
    private static final int XDP_UMEM_COMPLETION_RING = 6;
    private static final int XDP_MAX_TX_SKB_BUDGET = 9; // Linux 6.17
    private static final int XDP_COPY = 1 << 1;
    private static final long TRANSMIT_OFFSET = 0x80000000L; // XDP_PGOFF_TX_RING
    private static final long COMPLETION_OFFSET = 0x180000000L;

    private static final int OFFSETS = 32; // of a ring: producer, consumer, entries, flags
    private static final int TRANSMIT = 1; // the second of four rings
    private static final int COMPLETION = 3;

    private static final VarHandle INDEX = ValueLayout.JAVA_INT.varHandle();

    /// A ring that is shared with the kernel. Its indices run on over its end, and over that of an
    /// int.
    private record Shared(MemorySegment memory, long producer, long consumer, long entries) {
        int produced() {
            return (int) INDEX.getAcquire(memory, producer);
        }

        int consumed() {
            return (int) INDEX.getAcquire(memory, consumer);
        }

        void produce(int index) {
            INDEX.setRelease(memory, producer, index);
        }

        void consume(int index) {
            INDEX.setRelease(memory, consumer, index);
        }

        long entry(int index, int size) {
            return entries + (long) (index & (RING - 1)) * size;
        }
    }

    private final Arena mapping = Arena.ofShared();
    final FileDescriptor socket;
    private final MemorySegment state = Sockets.state(mapping);
    private final MemorySegment chunks;
    private final Shared transmit;
    private final Shared completion;
    private final long[] free = new long[RING]; // addresses of chunks; the last was used last
    private int freeCount;
    private int next; // in the transmit ring
    private int completed; // in the completion ring
    private int withdrawn; // frames behind `next` that the kernel may have noted

    private XdpSender(FileDescriptor socket, int device, int queue) {
        this.socket = socket;
        try (Arena arena = Arena.ofConfined()) {
            chunks = Memory.map(mapping, (long) RING * CHUNK);
            MemorySegment area = arena.allocate(24, 8); // struct xdp_umem_reg, as it was at first
            area.set(ValueLayout.JAVA_LONG, 0, chunks.address());
            area.set(ValueLayout.JAVA_LONG, 8, chunks.byteSize());
            area.set(ValueLayout.JAVA_INT, 16, CHUNK);
            Sockets.setOption(socket, "XDP_UMEM_REG", SOL_XDP, XDP_UMEM_REG, area);
            set("XDP_UMEM_FILL_RING", XDP_UMEM_FILL_RING, 1); // must be there
            set("XDP_UMEM_COMPLETION_RING", XDP_UMEM_COMPLETION_RING, RING);
            set("XDP_TX_RING", XDP_TX_RING, RING);
            // A kernel that knows this option also says how many frames it took before one that it
            // refused.
            set("XDP_MAX_TX_SKB_BUDGET", XDP_MAX_TX_SKB_BUDGET, RING);
            MemorySegment offsets = arena.allocate(4 * OFFSETS, 8); // struct xdp_mmap_offsets
            Sockets.getOption(socket, "XDP_MMAP_OFFSETS", SOL_XDP, XDP_MMAP_OFFSETS, offsets);
            transmit = share(offsets, TRANSMIT, TRANSMIT_OFFSET, DESCRIPTOR);
            completion = share(offsets, COMPLETION, COMPLETION_OFFSET, Long.BYTES);
            MemorySegment address = arena.allocate(16, 4); // struct sockaddr_xdp
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_XDP);
            address.set(ValueLayout.JAVA_SHORT, 2, (short) XDP_COPY);
            address.set(ValueLayout.JAVA_INT, 4, device);
            address.set(ValueLayout.JAVA_INT, 8, queue);
            Sockets.bind(socket, address);
        } catch (SyscallException e) {
            close();
            throw e;
        }
        while (freeCount < RING) {
            free[freeCount] = (long) freeCount++ * CHUNK;
        }
    }

    /// A sender to a device of the calling thread's namespace. A transmit queue has one at most.
    ///
    /// @param device its index
    /// @param queue of the device, from 0 on
    /// @throws SyscallException when the kernel says no, for one because it is older than 6.17
    static XdpSender open(int device, int queue) {
        FileDescriptor socket = Sockets.forXdp();
        PacketSocket.enlarge(socket);
        return new XdpSender(socket, device, queue);
    }

    /// Why there is no sender to a queue of a device.
    static String explain(String device, int queue, SyscallException e) {
        return switch (e.errno()) {
            case Errno.EAFNOSUPPORT -> "the kernel is built without AF_XDP";
            case Errno.ENOPROTOOPT -> "AF_XDP takes Linux 6.17 here";
            case Errno.EPERM -> "AF_XDP takes CAP_NET_RAW";
            case Errno.ENOBUFS -> "AF_XDP takes more locked memory; raise LimitMEMLOCK";
            case Errno.EBUSY ->
                    "queue " + queue + " of " + device + " has an AF_XDP socket of another program";
            case Errno.EINVAL ->
                    device + " has no transmit queue " + queue + " for worker " + queue;
            default -> "AF_XDP on " + device + ": " + e.what();
        };
    }

    private void set(String what, int option, int value) {
        Sockets.setOption(socket, what, SOL_XDP, option, value);
    }

    private Shared share(MemorySegment offsets, int ring, long from, int entry) {
        long at = (long) ring * OFFSETS;
        long entries = offsets.get(ValueLayout.JAVA_LONG, at + 16);
        return new Shared(
                Memory.map(mapping, socket, from, entries + (long) RING * entry),
                offsets.get(ValueLayout.JAVA_LONG, at),
                offsets.get(ValueLayout.JAVA_LONG, at + 8),
                entries);
    }

    /// Sends `packets[from, to)` and says of each what became of it; false, with nothing done, if
    /// they need another way.
    boolean send(Packet[] packets, int from, int to) {
        reclaim();
        int count = to - from;
        if (count < withdrawn || count > freeCount || !fill(packets, from, to)) {
            return false;
        }
        freeCount -= count;
        int end = next + count;
        transmit.produce(end);
        withdrawn = 0;
        for (int i = from; i < to; ) {
            int error = Sockets.kick(state, socket);
            boolean dropped = error == Errno.EBUSY; // by the device: the last that it was given
            int taken = Math.max(transmit.consumed() - next, dropped ? 1 : 0);
            if (taken <= 0) {
                withdraw(packets, i, to, SendBatch.reason(error));
                break;
            }
            next += taken;
            for (; taken > 0; taken--) {
                boolean last = taken == 1;
                packets[i++].sent = last && dropped ? Reason.TRANSMIT_FULL : Reason.FORWARDED;
            }
        }
        return true;
    }

    private void reclaim() {
        int produced = completion.produced();
        if (completed == produced) {
            return;
        }
        for (; completed != produced; completed++) {
            long at = completion.entry(completed, Long.BYTES);
            free[freeCount++] = completion.memory.get(ValueLayout.JAVA_LONG, at);
        }
        completion.consume(completed);
    }

    /// Returns whether all could be put into the ring.
    private boolean fill(Packet[] packets, int from, int to) {
        for (int i = from; i < to; i++) {
            Packet packet = packets[i];
            int length = packet.length;
            if (packet.needsChecksum || packet.gsoType != Packet.GSO_NONE || length > CHUNK) {
                return false;
            }
            long chunk = free[freeCount - 1 - (i - from)];
            MemorySegment.copy(packet.memory, packet.start, chunks, chunk, length);
            long at = transmit.entry(next + i - from, DESCRIPTOR);
            transmit.memory.set(ValueLayout.JAVA_LONG, at, chunk);
            transmit.memory.set(ValueLayout.JAVA_LONG, at + 8, length); // no options
        }
        return true;
    }

    private void withdraw(Packet[] packets, int from, int to, Reason reason) {
        withdrawn = to - from;
        for (int i = from; i < to; i++) {
            packets[i].sent = reason;
            long at = transmit.entry(next + i - from, DESCRIPTOR);
            free[freeCount++] = transmit.memory.get(ValueLayout.JAVA_LONG, at);
        }
    }

    @Override
    public void close() {
        socket.close();
        mapping.close();
    }
}
