package dev.stride.daemon.bench;

import dev.stride.core.addr.Ip4Prefix;
import java.util.Arrays;

/// The right answers, by another way than the FIB's: longest length first, a binary search among
/// the prefixes of that length.
final class Reference {
    private final long[][] routes = new long[33][]; // address bits << 31 | next hop, sorted

    Reference(BenchTable table) {
        int[] counts = new int[33];
        for (int i = 0; i < table.size(); i++) {
            counts[table.lengths[i]]++;
        }
        Arrays.setAll(routes, length -> new long[counts[length]]);
        for (int i = 0; i < table.size(); i++) {
            int length = table.lengths[i];
            routes[length][--counts[length]] =
                    Integer.toUnsignedLong(table.bits[i]) << 31 | table.nextHops[i];
        }
        for (long[] ofLength : routes) {
            Arrays.sort(ofLength);
        }
    }

    /// The next hop of the longest prefix that holds `address`, 0 where there is none.
    int lookup(int address) {
        for (int length = 32; length >= 0; length--) {
            long bits = Integer.toUnsignedLong(address & Ip4Prefix.mask(length));
            int found = Arrays.binarySearch(routes[length], bits << 31);
            int at = found < 0 ? -found - 1 : found;
            if (at < routes[length].length && routes[length][at] >>> 31 == bits) {
                return (int) routes[length][at] & Integer.MAX_VALUE;
            }
        }
        return 0;
    }
}
