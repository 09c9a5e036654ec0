package dev.stride.io.tunnel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Behind which remote each station is: learned from the source addresses of what arrives (RFC 7348
/// section 4.1).
///
/// The worker that receives writes, all workers read, without a lock: (1) An entry is one word, MAC
/// address and remote together: a reader sees the old or the new one. (2) Its age is another word.
/// Read at the wrong moment, it lets an entry live or die a moment early, and a frame for an
/// unknown station goes to every remote, which is no harm.
///
/// Four entries a set, by a hash of the address. Full sets learn nothing until one of theirs is too
/// old: nobody can push the stations out that talk.
final class Stations {
    static final int UNKNOWN = -1;

    private static final int SETS = 4096; // a power of two
    private static final int WAYS = 4;
    private static final int REMOTE_BITS = 16;
    private static final long GROUP = 0x0100_0000_0000L; // IEEE 802: a group, not a station
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] entries = new long[SETS * WAYS]; // receiving worker: rw, others: ro
    private final long[] heard = new long[SETS * WAYS]; // the same; System.nanoTime
    private final long ageing;

    /// @param ageing nanoseconds until a station that is not heard is forgotten
    Stations(long ageing) {
        this.ageing = ageing;
    }

    private static int set(long mac) {
        return (int) (mac * 0x9e3779b97f4a7c15L >>> 52) * WAYS;
    }

    /// Notes that `mac` spoke from behind a remote. The receiving worker only.
    ///
    /// @param remote 0 to 65535
    /// @param now System.nanoTime
    void learn(long mac, int remote, long now) {
        if ((mac & GROUP) != 0 || mac == 0) {
            return;
        }
        int set = set(mac);
        int free = -1;
        for (int i = set; i < set + WAYS; i++) {
            long entry = entries[i];
            if (entry >>> REMOTE_BITS == mac) {
                free = i;
                break;
            }
            if (free < 0 && (entry == 0 || now - heard[i] > ageing)) {
                free = i;
            }
        }
        if (free >= 0) {
            WORDS.setOpaque(heard, free, now);
            WORDS.setOpaque(entries, free, mac << REMOTE_BITS | remote);
        }
    }

    /// The remote that `mac` is behind, or [#UNKNOWN]. Any worker.
    int find(long mac, long now) {
        int set = set(mac);
        for (int i = set; i < set + WAYS; i++) {
            long entry = (long) WORDS.getOpaque(entries, i);
            if (entry >>> REMOTE_BITS == mac && now - (long) WORDS.getOpaque(heard, i) <= ageing) {
                return mac == 0 ? UNKNOWN : (int) (entry & (1 << REMOTE_BITS) - 1);
            }
        }
        return UNKNOWN;
    }
}
