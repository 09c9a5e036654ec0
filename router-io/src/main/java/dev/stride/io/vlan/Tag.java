package dev.stride.io.vlan;

import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Vlan;
import java.lang.foreign.MemorySegment;

/// Puts tags on frames and takes them off.
final class Tag {
    private Tag() {}

    /// Takes the outer tag off a frame that has one.
    static void pop(Packet packet) {
        shift(packet, Vlan.LENGTH);
    }

    /// Puts a tag of priority 0 on a frame that has head-room for it.
    static void push(Packet packet, int protocol, int id) {
        shift(packet, -Vlan.LENGTH);
        Bytes.put32(packet.memory, packet.start + 12, protocol << 16 | id);
    }

    /// Moves the MAC addresses and all that is counted from them.
    private static void shift(Packet packet, int by) {
        MemorySegment m = packet.memory;
        long destinationAndMore = Bytes.i64(m, packet.start);
        int rest = Bytes.i32(m, packet.start + 8);
        packet.start += by;
        packet.length -= by;
        Bytes.put64(m, packet.start, destinationAndMore);
        Bytes.put32(m, packet.start + 8, rest);
        if (packet.needsChecksum) {
            packet.checksumStart -= by;
        }
        if (packet.gsoType != Packet.GSO_NONE) {
            packet.gsoHeaderLength -= by;
        }
    }
}
