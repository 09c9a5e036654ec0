package dev.stride.core.packet;

/// An array of packets with a count, filled and emptied by one worker.
public final class Burst {
    /// Packets a worker takes from a port at once: enough lookups in flight to hide memory latency.
    public static final int SIZE = 64;

    public final Packet[] packets;
    public int count;

    public Burst(int capacity) {
        packets = new Packet[capacity];
    }

    /// Adds `packet` at the end; false when there is no room.
    public boolean add(Packet packet) {
        if (count == packets.length) {
            return false;
        }
        packets[count++] = packet;
        return true;
    }

    public void clear() {
        count = 0;
    }
}
