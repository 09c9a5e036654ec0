package dev.stride.core.forward;

/// [LocalAddresses] of IPv6: the router's own global addresses and the subnet-router anycast
/// addresses of its links (RFC 4291 section 2.6.1). Link-local ones are asked of the [PortState].
/// Immutable; the control thread publishes a new one for each change.
public final class LocalAddresses6 {
    private final long[] slots; // high, low; both 0 when empty; at most half full
    private final int mask;

    /// @param addresses high and low halves in turn
    LocalAddresses6(long[] addresses) {
        int size = Integer.highestOneBit(addresses.length + 1) * 4;
        slots = new long[2 * size];
        mask = size - 1;
        for (int i = 0; i < addresses.length; i += 2) {
            insert(addresses[i], addresses[i + 1]);
        }
    }

    private void insert(long high, long low) {
        int i = hash(high, low);
        while ((slots[2 * i] | slots[2 * i + 1]) != 0) {
            i = i + 1 & mask;
        }
        slots[2 * i] = high;
        slots[2 * i + 1] = low;
    }

    private int hash(long high, long low) {
        long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 40) & mask;
    }

    /// Whether the router has the address. Never true of `::`.
    public boolean contains(long high, long low) {
        for (int i = hash(high, low); ; i = i + 1 & mask) {
            long slotHigh = slots[2 * i];
            long slotLow = slots[2 * i + 1];
            if ((slotHigh | slotLow) == 0) {
                return false;
            }
            if (slotHigh == high && slotLow == low) {
                return true;
            }
        }
    }
}
