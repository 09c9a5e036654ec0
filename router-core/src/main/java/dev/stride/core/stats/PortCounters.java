package dev.stride.core.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The counters of one port at one worker. That worker alone writes, with plain reads and opaque
/// stores and without a locked instruction; any thread may read, and sums over the workers
/// (`worker: rw, metrics and CLI: ro`).
///
/// A super-frame (TSO) counts as one packet, as it does in the kernel's counters of the same
/// device.
public final class PortCounters {
    /// Frames taken from the port.
    public static final int RECEIVED = 0;

    public static final int RECEIVED_BYTES = 1;

    /// Frames that the port took.
    public static final int TRANSMITTED = 2;

    public static final int TRANSMITTED_BYTES = 3;

    /// Frames of the router's own making that the port took: ARP and ICMP errors.
    public static final int ORIGINATED = 4;

    /// Frames of the router's own making that were lost on the way to the port.
    public static final int ORIGINATED_LOST = 5;

    /// Fragments that the port took of packets longer than its MTU, each also a frame.
    public static final int FRAGMENTS = 6;

    private static final int PUNTED = 7;
    private static final int LIMITED = PUNTED + PuntClass.values().length;
    private static final int ENDINGS = LIMITED + PuntClass.values().length;
    private static final int PAD =
            16; // a cache line pair on either side: neighbors are written by other threads
    private static final int SIZE = ENDINGS + Reason.values().length;
    private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values = new long[SIZE + 2 * PAD];

    /// Adds to one of the constants above. The owning worker only.
    public void add(int counter, long amount) {
        bump(PAD + counter, amount);
    }

    /// Counts one packet from this port that ended with `reason`. The owning worker only.
    public void end(Reason reason) {
        end(reason, 1);
    }

    /// Counts `packets` from this port that ended with `reason`. The owning worker only.
    public void end(Reason reason, int packets) {
        bump(PAD + ENDINGS + reason.ordinal(), packets);
    }

    /// Counts a packet from this port of `kind` that was let up to the port's companion, or was
    /// beyond the rate. The owning worker only.
    public void punt(PuntClass kind, boolean limited) {
        bump(PAD + (limited ? LIMITED : PUNTED) + kind.ordinal(), 1);
    }

    private void bump(int index, long amount) {
        VALUES.setOpaque(values, index, values[index] + amount);
    }

    /// The value of one of the constants above. Any thread.
    public long get(int counter) {
        return (long) VALUES.getOpaque(values, PAD + counter);
    }

    /// How many packets from this port ended with `reason`. Any thread.
    public long endings(Reason reason) {
        return (long) VALUES.getOpaque(values, PAD + ENDINGS + reason.ordinal());
    }

    /// How many packets from this port of `kind` were let up to the port's companion, or were
    /// beyond the rate. Any thread.
    public long punts(PuntClass kind, boolean limited) {
        return (long) VALUES.getOpaque(values, PAD + (limited ? LIMITED : PUNTED) + kind.ordinal());
    }
}
