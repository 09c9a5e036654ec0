package dev.stride.core.fib;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Whether a burst loads from a table by vectors, a vector's lanes with one instruction, or one by
/// one. Processors differ by a factor of two either way, so the control thread measures it, once,
/// before the first large table is shown to readers; small ones are loaded from one by one. The
/// answers are the same.
///
/// The system property `stride.gathers`, `true` or `false`, decides for all sizes without
/// measuring.
final class Gathers {
    /// Words from which on a table is large: what is below is in a near cache.
    private static final int LARGE = 1 << 16;

    private static final @Nullable Boolean SAID = said();

    private static boolean faster; // what was measured; published with the table it was for

    private Gathers() {}

    private static @Nullable Boolean said() {
        String said = Slots.LANES ? System.getProperty("stride.gathers") : "false";
        return said == null ? null : Boolean.valueOf(said);
    }

    /// [#from], for a table that is about to be shown. The control thread: it may measure.
    static boolean decide(int words) {
        if (SAID == null && words >= LARGE) {
            faster = Measured.FASTER;
        }
        return from(words);
    }

    /// Whether to load so from a table of so many 32-bit words. Any thread.
    static boolean from(int words) {
        return SAID == null ? words >= LARGE && faster : SAID;
    }

    private static final class Measured {
        private static final int BURST = 256;
        private static final int TABLE = 1 << 16;
        private static final int ROUND = 32; // bursts
        private static final int COMPILED = 4 * ROUND * BURST; // ns of a round: 4 a load
        private static final int PATIENCE = 2000; // rounds without a better one
        private static final long LONGEST = TimeUnit.SECONDS.toNanos(3);

        private static final boolean FASTER = faster();

        /// The best round of each, in turn, until neither gets better: the compiler works
        /// meanwhile.
        private static boolean faster() {
            int[] table = new int[TABLE];
            int[] places = new int[BURST];
            int[] values = new int[BURST];
            for (int i = 0; i < BURST; i++) {
                places[i] = i * 0x9e3779b1 >>> 16;
            }
            long end = System.nanoTime() + LONGEST;
            long gathered = Long.MAX_VALUE;
            long single = Long.MAX_VALUE;
            for (int since = 0; since < PATIENCE && System.nanoTime() - end < 0; since++) {
                long a = System.nanoTime();
                for (int i = 0; i < ROUND; i++) {
                    Lanes.gather(table, places, values, BURST);
                }
                long b = System.nanoTime();
                for (int i = 0; i < ROUND; i++) {
                    single(table, places, values);
                }
                long c = System.nanoTime();
                boolean better = b - a < gathered || c - b < single;
                gathered = Math.min(gathered, b - a);
                single = Math.min(single, c - b);
                since = better || Math.max(gathered, single) > COMPILED ? 0 : since;
            }
            return gathered < single;
        }

        private static void single(int[] table, int[] places, int[] values) {
            for (int i = 0; i < places.length; i++) {
                values[i] = table[places[i]];
            }
        }
    }
}
