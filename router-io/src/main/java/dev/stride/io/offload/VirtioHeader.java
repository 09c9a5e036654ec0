package dev.stride.io.offload;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Tcp;
import dev.stride.core.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The header that a TAP with IFF_VNET_HDR, or a packet socket with PACKET_VNET_HDR, puts before
/// each frame (virtio 1.2 section 5.1.6), in host byte order.
///
/// ```
///  0      1     2          4          6            8             10
/// | flags | gso | hdr_len | gso_size | csum_start | csum_offset |
/// ```
public final class VirtioHeader {
    public static final int SIZE = 10;

    private static final int NEEDS_CSUM = 1;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private VirtioHeader() {}

    private static int u16(MemorySegment m, long at) {
        return m.get(U16, at) & 0xffff;
    }

    /// Takes the header before the frame into the metadata of `packet`, which has none yet. What
    /// contradicts the frame sets the ending [Reason#OFFLOAD_METADATA].
    public static void read(Packet packet) {
        MemorySegment m = packet.memory;
        int at = packet.start - SIZE;
        if (m.get(I64, at) == 0) {
            return; // an ordinary frame
        }
        packet.needsChecksum = (m.get(ValueLayout.JAVA_BYTE, at) & NEEDS_CSUM) != 0;
        packet.gsoType = m.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff;
        packet.gsoSize = u16(m, at + 4);
        packet.checksumStart = u16(m, at + 6);
        packet.checksumOffset = u16(m, at + 8);
        if (!isSound(packet)) {
            packet.clearOffload();
            packet.ending = Reason.OFFLOAD_METADATA;
        }
    }

    /// Whether checksum and headers lie within the frame. Fills in [Packet#gsoHeaderLength], which
    /// the kernel gives as a hint only.
    private static boolean isSound(Packet packet) {
        int field = packet.checksumStart + packet.checksumOffset;
        if (packet.needsChecksum && field + 2 > packet.length) {
            return false;
        }
        int type = packet.gsoType & ~Packet.GSO_ECN;
        if (type == Packet.GSO_NONE) {
            return packet.gsoType == Packet.GSO_NONE;
        }
        boolean tcp = type == Packet.GSO_TCP4 || type == Packet.GSO_TCP6;
        int fixed = tcp ? Tcp.HEADER : Udp.HEADER;
        if (!tcp && type != Packet.GSO_UDP
                || !packet.needsChecksum
                || packet.gsoSize == 0
                || packet.checksumStart + fixed > packet.length) {
            return false;
        }
        int transport = packet.start + packet.checksumStart;
        int header = tcp ? Tcp.headerLength(packet.memory, transport) : fixed;
        packet.gsoHeaderLength = packet.checksumStart + header;
        return header >= fixed && packet.gsoHeaderLength <= packet.length;
    }

    /// Writes the metadata of `packet` before its frame.
    public static void write(Packet packet) {
        MemorySegment m = packet.memory;
        int at = packet.start - SIZE;
        m.set(I64, at, 0);
        m.set(U16, at + 8, (short) 0);
        if (packet.needsChecksum) {
            Bytes.put8(m, at, NEEDS_CSUM);
            Bytes.put8(m, at + 1, packet.gsoType);
            m.set(U16, at + 2, (short) packet.gsoHeaderLength);
            m.set(U16, at + 4, (short) packet.gsoSize);
            m.set(U16, at + 6, (short) packet.checksumStart);
            m.set(U16, at + 8, (short) packet.checksumOffset);
        }
    }
}
