package dev.stride.io.tunnel;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The header before an inner frame (RFC 7348 section 5).
///
/// ```
///  0      1                    4                7
/// | R R R R I R R R | reserved | network number | reserved |
/// ```
///
/// Reserved bits are sent as zero and not looked at.
final class Vxlan {
    static final int HEADER = 8;

    /// Where the word is that has the network number above [#VNI_SHIFT] reserved bits.
    static final int NETWORK = 4;

    static final int VNI_SHIFT = 8;

    private static final int VALID = 0x08; // the I flag

    private Vxlan() {}

    /// The header of a network.
    static long header(int vni) {
        return (long) VALID << 56 | (long) vni << VNI_SHIFT;
    }

    /// Takes the header off the datagram in `packet`: null, or why not, and then it stays.
    static @Nullable Reason strip(Packet packet, int vni) {
        MemorySegment m = packet.memory;
        if (packet.length < HEADER) {
            return Reason.TUNNEL_TRUNCATED;
        }
        if ((Bytes.u8(m, packet.start) & VALID) == 0) {
            return Reason.VXLAN_FLAGS;
        }
        if (Bytes.i32(m, packet.start + NETWORK) >>> VNI_SHIFT != vni) {
            return Reason.VXLAN_NETWORK;
        }
        packet.start += HEADER;
        packet.length -= HEADER;
        return null;
    }
}
