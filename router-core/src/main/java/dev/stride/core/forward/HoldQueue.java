package dev.stride.core.forward;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import org.jspecify.annotations.Nullable;

/// Packets of one worker that wait for a neighbor's MAC address: at most `perNeighbor` for each of
/// at most `neighbors`. Of more, the oldest makes room (RFC 1122 section 2.3.2.2: save at least
/// one, the latest). Belongs to its worker.
final class HoldQueue {
    private static final class Entry {
        final Packet[] packets;
        int port;
        long high; // of the key that Adjacency defines
        long low;
        int first;
        int count; // 0 when the entry is free

        Entry(int capacity) {
            packets = new Packet[capacity];
        }
    }

    private final Entry[] entries;

    HoldQueue(int neighbors, int perNeighbor) {
        entries = new Entry[neighbors];
        for (int i = 0; i < neighbors; i++) {
            entries[i] = new Entry(perNeighbor);
        }
    }

    private @Nullable Entry find(int port, long high, long low) {
        for (Entry entry : entries) {
            if (entry.count > 0 && entry.low == low && entry.high == high && entry.port == port) {
                return entry;
            }
        }
        return null;
    }

    /// Keeps `packet` for a neighbor, named as in [dev.stride.core.adjacency.Adjacency], until
    /// [#take]; ends it, or an older one, where there is no room.
    ///
    /// @return whether it is the first one for this neighbor
    boolean add(Packet packet, int port, long high, long low, Output output) {
        Entry entry = find(port, high, low);
        boolean first = entry == null;
        for (int i = 0; entry == null && i < entries.length; i++) {
            entry = entries[i].count == 0 ? entries[i] : null;
        }
        if (entry == null) {
            output.end(packet, Reason.NEIGHBOR_TABLE_FULL);
            return false;
        }
        if (entry.count == entry.packets.length) {
            output.end(pop(entry), Reason.HOLD_QUEUE_FULL);
        }
        entry.port = port;
        entry.high = high;
        entry.low = low;
        entry.packets[(entry.first + entry.count++) % entry.packets.length] = packet;
        packet.settled = true;
        return first;
    }

    /// The oldest packet that waits for this neighbor, or null when none does.
    @Nullable Packet take(int port, long high, long low) {
        Entry entry = find(port, high, low);
        if (entry == null) {
            return null;
        }
        Packet packet = pop(entry);
        packet.settled = false;
        return packet;
    }

    /// Ends all packets that came from a port or wait for one of its neighbors.
    void dropAll(int port, Output output) {
        for (Entry entry : entries) {
            for (int i = entry.count; i > 0; i--) {
                Packet packet = pop(entry);
                if (packet.inPort == port || entry.port == port) {
                    output.end(packet, Reason.PORT_DOWN);
                } else {
                    entry.packets[(entry.first + entry.count++) % entry.packets.length] = packet;
                }
            }
        }
    }

    private static Packet pop(Entry entry) {
        Packet packet = entry.packets[entry.first];
        entry.first = (entry.first + 1) % entry.packets.length;
        entry.count--;
        return packet;
    }

    /// Packets that wait.
    int held() {
        int held = 0;
        for (Entry entry : entries) {
            held += entry.count;
        }
        return held;
    }
}
