package dev.stride.io.packet;

import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Memory;
import dev.stride.io.linux.Sockets;
import dev.stride.io.offload.VirtioHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// A TPACKET_V2 ring that the kernel fills (linux/if_packet.h; the kernel's packet_mmap.rst).
///
/// ```
/// struct tpacket2_hdr
///  0        4     8         12    14    16..23   24         26
/// | status | len | snaplen | mac | net | time | vlan tci | vlan tpid |
///
/// slot = this header | ... | virtio header | frame, which begins `mac` bytes into the slot
/// ```
///
/// A slot belongs to the kernel while its status is 0; both sides hand it over by a release store
/// of the status.
final class ReceiveRing implements AutoCloseable {
    private static final int SOL_PACKET = 263;
    private static final int PACKET_RX_RING = 5;
    private static final int BLOCK = 1 << 16;
    private static final int FRAMES = 2048; // some 5 ms of 400,000/s
    private static final int MAX_BYTES = 1 << 24; // for longer MTUs fewer frames
    private static final int HEADERS = 256; // of a slot, generously: the kernel's, virtio's, VLAN's
    private static final int MIN_SLOT = 2048;
    private static final int LINE = 64;

    private static final int LENGTH = 4;
    private static final int SNAPPED = 8;
    private static final int MAC = 12;
    private static final int TCI = 24;
    private static final int TPID = 26;

    private static final int USER = 0x1;
    private static final int COPY = 0x2; // too long for the slot: the whole frame is at the socket
    private static final int VLAN_VALID = 0x10;
    private static final int VLAN_TPID_VALID = 0x40;
    private static final int MAC_ADDRESSES = 12;
    private static final int TAG = 4;
    private static final int TPID_8021Q = 0x8100;

    private static final VarHandle STATUS = ValueLayout.JAVA_INT.varHandle();

    private final Arena mapping = Arena.ofShared();
    private final FileDescriptor socket;
    private final MemorySegment state = Sockets.state(Arena.ofAuto());
    private final MemorySegment slots;
    private final int slotSize;
    private final int count;
    private int next;

    /// What was read only to have it in the cache; kept, else the compiler leaves the reading out.
    long touched;

    /// Gives the socket a ring.
    ///
    /// @param mtu of its device; longer frames take a system call each
    ReceiveRing(FileDescriptor socket, int mtu) {
        this.socket = socket;
        slotSize = Math.clamp(Integer.highestOneBit(mtu + HEADERS - 1) << 1, MIN_SLOT, BLOCK);
        int bytes = Math.min(FRAMES * slotSize, MAX_BYTES);
        count = bytes / slotSize;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request =
                    arena.allocateFrom(ValueLayout.JAVA_INT, BLOCK, bytes / BLOCK, slotSize, count);
            Sockets.setOption(socket, "PACKET_RX_RING", SOL_PACKET, PACKET_RX_RING, request);
        }
        slots = Memory.map(mapping, socket, 0, bytes);
    }

    /// Gives the memory back, which holds the socket open beyond the end of its descriptor.
    @Override
    public void close() {
        mapping.close();
    }

    /// How many frames wait, `most` at most. Touches them all, so that they come into this CPU's
    /// cache together: one after the other, each would be waited for.
    int waiting(int most) {
        int end = Math.min(most, count);
        int waiting = 0;
        long sum = 0;
        for (int slot = next; waiting < end; slot = after(slot)) {
            long at = (long) slot * slotSize;
            if (((int) STATUS.getAcquire(slots, at) & USER) == 0) {
                break;
            }
            sum += slots.get(ValueLayout.JAVA_LONG, at + LINE);
            sum += slots.get(ValueLayout.JAVA_LONG, at + 2 * LINE);
            waiting++;
        }
        touched = sum;
        return waiting;
    }

    private int after(int slot) {
        return slot + 1 == count ? 0 : slot + 1;
    }

    /// Takes the first frame that waits; false if it could not be had whole: longer than a slot,
    /// and beyond the socket's buffer.
    boolean take(Packet packet) {
        long slot = (long) next * slotSize;
        int status = (int) STATUS.getAcquire(slots, slot);
        boolean whole = (status & COPY) == 0 ? copy(slot, packet) : receive(packet);
        if (whole) {
            VirtioHeader.read(packet);
            if ((status & VLAN_VALID) != 0) {
                boolean known = (status & VLAN_TPID_VALID) != 0;
                tag(packet, known ? u16(slot + TPID) : TPID_8021Q, u16(slot + TCI));
            }
        }
        STATUS.setRelease(slots, slot, 0);
        next = after(next);
        return whole;
    }

    private int u16(long at) {
        return slots.get(ValueLayout.JAVA_SHORT, at) & 0xffff;
    }

    private boolean copy(long slot, Packet packet) {
        int length = slots.get(ValueLayout.JAVA_INT, slot + SNAPPED);
        if (length != slots.get(ValueLayout.JAVA_INT, slot + LENGTH)) {
            return false;
        }
        long from = slot + u16(slot + MAC) - VirtioHeader.SIZE;
        int to = packet.start - VirtioHeader.SIZE;
        MemorySegment.copy(slots, from, packet.memory, to, length + (long) VirtioHeader.SIZE);
        packet.length = length;
        return true;
    }

    private boolean receive(Packet packet) {
        int to = packet.start - VirtioHeader.SIZE;
        long room = packet.memory.byteSize() - to;
        long got = Sockets.receive(state, socket, packet.memory, to, room);
        packet.length = (int) got - VirtioHeader.SIZE;
        return packet.length >= 0;
    }

    /// Puts a VLAN tag back that the device or the kernel took off (IEEE 802.1Q).
    private static void tag(Packet packet, int protocol, int control) {
        MemorySegment m = packet.memory;
        if (packet.length < MAC_ADDRESSES) {
            return;
        }
        MemorySegment.copy(m, packet.start, m, packet.start - TAG, MAC_ADDRESSES);
        packet.start -= TAG;
        packet.length += TAG;
        Bytes.put16(m, packet.start + MAC_ADDRESSES, protocol);
        Bytes.put16(m, packet.start + MAC_ADDRESSES + 2, control);
        if (packet.needsChecksum) {
            packet.checksumStart += TAG;
            packet.gsoHeaderLength += packet.gsoType == Packet.GSO_NONE ? 0 : TAG;
        }
    }
}
