package dev.stride.core.forward;

/// The hash of local addresses (PAPER: "local?"): decides in one probe, mostly, whether a packet is
/// for the router. Immutable; the control thread publishes a new one for each change.
public final class LocalAddresses {
    /// Not local.
    public static final int NONE = 0;

    /// One of the router's own addresses.
    public static final int OWN = 1;

    /// A broadcast address of a connected link, or 255.255.255.255.
    public static final int BROADCAST = 2;

    private static final int LIMITED_BROADCAST = -1;

    private final long[] slots; // address << 32 | kind, 0 when empty; at most half full
    private final int mask;

    /// @param own the router's unicast addresses
    /// @param broadcast the broadcast addresses of its links; 255.255.255.255 is added
    public LocalAddresses(int[] own, int[] broadcast) {
        int size = Integer.highestOneBit(4 * (own.length + broadcast.length + 1)) * 2;
        slots = new long[size];
        mask = size - 1;
        for (int address : own) {
            insert(address, OWN);
        }
        for (int address : broadcast) {
            insert(address, BROADCAST);
        }
        insert(LIMITED_BROADCAST, BROADCAST);
    }

    private void insert(int address, int kind) {
        if (kindOf(address) == NONE) {
            int i = hash(address);
            while (slots[i] != 0) {
                i = i + 1 & mask;
            }
            slots[i] = (long) address << 32 | kind;
        }
    }

    private int hash(int address) {
        return (int) (address * 0x9e3779b97f4a7c15L >>> 40) & mask;
    }

    /// [#NONE], [#OWN] or [#BROADCAST].
    public int kindOf(int address) {
        for (int i = hash(address); ; i = i + 1 & mask) {
            long slot = slots[i];
            if (slot == 0) {
                return NONE;
            }
            if ((int) (slot >> 32) == address) {
                return (int) slot;
            }
        }
    }
}
