package dev.stride.core.forward;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import org.jspecify.annotations.Nullable;

/// Packets of one worker that wait for a neighbor's MAC address: at most `perNeighbor` for each of
/// at most `neighbors`. Of more for one neighbor, the oldest packet makes room (RFC 1122 section
/// 2.3.2.2: save at least one, the latest). Of more neighbors, the one that has waited longest on
/// the port that has most of them: so a scan of one link's prefix takes its own places only.
/// Belongs to its worker.
final class HoldQueue {
    private static final class Entry {
        final Packet[] packets;
        int port;
        long high; // of the key that Adjacency defines
        long low;
        long since; // the lower, the earlier
        int first;
        int count; // 0 when the entry is free

        Entry(int capacity) {
            packets = new Packet[capacity];
        }

        Packet pop() {
            Packet packet = packets[first];
            first = (first + 1) % packets.length;
            count--;
            return packet;
        }

        void push(Packet packet) {
            packets[(first + count++) % packets.length] = packet;
        }
    }

    private final Entry[] entries;
    private final int[] ofPort = new int[ForwardingState.MAX_PORTS]; // entries in use
    private long sequence;

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
    /// [#take]; ends older ones where there is no room.
    ///
    /// @return whether it is the first one for this neighbor
    boolean add(Packet packet, int port, long high, long low, Output output) {
        Entry entry = find(port, high, low);
        boolean first = entry == null;
        if (entry == null) {
            entry = place(output);
            entry.port = port;
            entry.high = high;
            entry.low = low;
            entry.since = sequence++;
            ofPort[port]++;
        } else if (entry.count == entry.packets.length) {
            output.end(entry.pop(), Reason.HOLD_QUEUE_FULL);
        }
        entry.push(packet);
        packet.settled = true;
        return first;
    }

    /// A free entry, if need be one that is made free.
    private Entry place(Output output) {
        Entry longest = entries[0];
        for (Entry entry : entries) {
            if (entry.count == 0) {
                return entry;
            }
            int more = ofPort[entry.port] - ofPort[longest.port];
            if (more > 0 || more == 0 && entry.since < longest.since) {
                longest = entry;
            }
        }
        while (longest.count > 0) {
            output.end(longest.pop(), Reason.NEIGHBOR_TABLE_FULL);
        }
        ofPort[longest.port]--;
        return longest;
    }

    /// The oldest packet that waits for this neighbor, or null when none does.
    @Nullable Packet take(int port, long high, long low) {
        Entry entry = find(port, high, low);
        if (entry == null) {
            return null;
        }
        Packet packet = entry.pop();
        ofPort[port] -= entry.count == 0 ? 1 : 0;
        packet.settled = false;
        return packet;
    }

    /// Ends all packets that came from a port or wait for one of its neighbors.
    void dropAll(int port, Output output) {
        for (Entry entry : entries) {
            boolean used = entry.count > 0;
            for (int i = entry.count; i > 0; i--) {
                Packet packet = entry.pop();
                if (packet.inPort == port || entry.port == port) {
                    output.end(packet, Reason.PORT_DOWN);
                } else {
                    entry.push(packet);
                }
            }
            ofPort[entry.port] -= used && entry.count == 0 ? 1 : 0;
        }
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
