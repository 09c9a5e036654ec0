package dev.stride.core.adjacency;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Next hops by the number that the FIB holds, so that a change of next hop behind any number of
/// routes is one store.
///
/// Publication: the control thread alone writes. A next hop is immutable and appears by a release
/// store into its slot; a longer array appears by a release store of `slots` after everything was
/// copied. A worker acquires `slots` once a burst and each slot once a packet: it sees the old next
/// hop or the new one. Number 0 is "no route" and always null. A number may be given to another
/// next hop only after every worker has passed a quiescent point since the FIB stopped to use it.
public final class NextHopTable {
    private static final VarHandle SLOTS;
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(NextHop[].class);

    static {
        try {
            SLOTS =
                    MethodHandles.lookup()
                            .findVarHandle(NextHopTable.class, "slots", NextHop[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private @Nullable NextHop[] slots = new NextHop[64]; // control: rw, workers: ro

    /// The slots as they are now, for [#at]. Any thread.
    public @Nullable NextHop[] slots() {
        return (NextHop[]) SLOTS.getAcquire(this);
    }

    /// The next hop with number `id` of an array that came from [#slots]; null where there is none.
    public static @Nullable NextHop at(@Nullable NextHop[] slots, int id) {
        return (NextHop) SLOT.getAcquire(slots, id);
    }

    /// Puts a next hop, or null, at `id`, which must be positive. The control thread only.
    public void set(int id, @Nullable NextHop nextHop) {
        if (id <= 0) {
            throw new IllegalArgumentException("next hop number " + id + " is not positive");
        }
        if (id >= slots.length) {
            @Nullable NextHop[] longer = Arrays.copyOf(slots, Math.max(id + 1, 2 * slots.length));
            SLOTS.setRelease(this, longer);
        }
        SLOT.setRelease(slots, id, nextHop);
    }
}
