package dev.stride.core.forward;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;

/// Lookups for a burst whose packets came by ports of several routing tables: one for each table,
/// with all of its packets. Belongs to its worker.
final class TableLookup {
    private final int[] members = new int[Burst.SIZE]; // indexes into the burst
    private final int[] destinations = new int[Burst.SIZE];
    private final long[] highs = new long[Burst.SIZE];
    private final long[] lows = new long[Burst.SIZE];
    private final int[] answers = new int[Burst.SIZE];

    /// Writes the next-hop number for each of the first `count` packets to `nextHops`.
    ///
    /// @param all where each goes
    void lookup4(Packet[] packets, PortState[] ports, int[] all, int[] nextHops, int count) {
        long left = -1L >>> Long.SIZE - count; // a bit for each packet
        while (left != 0) {
            RoutingTable table = table(packets, ports, left);
            long taken = gather(packets, ports, table, left);
            int n = Long.bitCount(taken);
            for (int i = 0; i < n; i++) {
                destinations[i] = all[members[i]];
            }
            table.fib4.lookup(destinations, 0, answers, n);
            scatter(nextHops, n);
            left ^= taken;
        }
    }

    /// The same of IPv6.
    void lookup6(
            Packet[] packets,
            PortState[] ports,
            long[] allHighs,
            long[] allLows,
            int[] nextHops,
            int count) {
        long left = -1L >>> Long.SIZE - count;
        while (left != 0) {
            RoutingTable table = table(packets, ports, left);
            long taken = gather(packets, ports, table, left);
            int n = Long.bitCount(taken);
            for (int i = 0; i < n; i++) {
                highs[i] = allHighs[members[i]];
                lows[i] = allLows[members[i]];
            }
            table.fib6.lookup(highs, lows, 0, answers, n);
            scatter(nextHops, n);
            left ^= taken;
        }
    }

    /// The table of the first packet that is left.
    private static RoutingTable table(Packet[] packets, PortState[] ports, long left) {
        return ports[packets[Long.numberOfTrailingZeros(left)].inPort].table();
    }

    /// Writes which of the packets that are left are of a table to `members`; returns their bits.
    private long gather(Packet[] packets, PortState[] ports, RoutingTable table, long left) {
        long taken = 0;
        int n = 0;
        for (long rest = left; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (ports[packets[i].inPort].table() == table) {
                members[n++] = i;
                taken |= 1L << i;
            }
        }
        return taken;
    }

    private void scatter(int[] nextHops, int n) {
        for (int i = 0; i < n; i++) {
            nextHops[members[i]] = answers[i];
        }
    }
}
