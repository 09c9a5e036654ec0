package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// Grace periods for memory that readers may still be looking at (RCU by quiescent states): what
/// the writer has unlinked may be reused once every reader has passed a quiescent point, that is, a
/// moment at which it holds nothing that it found in a table.
///
/// The writer numbers time in epochs. It unlinks, then calls [#advance]; a reader that passes a
/// quiescent point copies the epoch to its own cell. Once every cell has reached an epoch, nobody
/// can hold what was unlinked before that epoch began. Why this is safe:
///
/// 1. `advance` is a release store and follows the stores that unlink; a reader acquires the epoch.
///    A reader whose cell shows epoch e thus began to look up after everything unlinked before e
///    had been unlinked.
/// 2. A reader stores its cell with release, after its earlier loads: whoever sees the cell at e
///    knows that lookups begun before are over.
/// 3. A sleeping reader's cell says OFFLINE and holds nobody up. Waking is the one place that needs
///    a full fence: either the writer's scan sees the cell, or the reader's next loads come after
///    the scan and hence after the unlinking. The scan begins with the fence's other half.
///
/// Threads: one writer, which alone calls `advance` and `passed`; each [Reader] belongs to one
/// thread; registration and reports may come from any thread.
public final class Quiescence extends Padded {
    private static final long OFFLINE = Long.MAX_VALUE;
    private static final int PAD = 16; // longs: a pair of cache lines on either side of a cell
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle EPOCH;

    static {
        try {
            EPOCH = MethodHandles.lookup().findVarHandle(Quiescence.class, "epoch", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long epoch = 1; // writer: rw, readers: ro
    private volatile Reader[] readers = {}; // replaced as a whole under this object's monitor

    /// Registers a reader, offline at first. `name` is what reports call it.
    public synchronized Reader reader(String name) {
        Reader reader = new Reader(name);
        Reader[] more = Arrays.copyOf(readers, readers.length + 1);
        more[readers.length] = reader;
        readers = more;
        return reader;
    }

    private synchronized void remove(Reader reader) {
        readers = Arrays.stream(readers).filter(other -> other != reader).toArray(Reader[]::new);
    }

    /// The epoch that begins with the next [#advance]: the mark to put on what was just unlinked.
    /// The writer only.
    public long mark() {
        return epoch + 1;
    }

    /// Begins the next epoch. The writer only.
    public void advance() {
        EPOCH.setRelease(this, epoch + 1);
    }

    /// The latest epoch that every reader has reached. What was unlinked under a [#mark] up to this
    /// may be reused. The writer only.
    public long passed() {
        VarHandle.fullFence();
        long passed = epoch;
        for (Reader reader : readers) {
            passed = Math.min(passed, reader.seen());
        }
        return passed;
    }

    /// The reader that is furthest behind and by how many epochs; 0 epochs and no name when nobody
    /// is behind. A reader that stays the same while its lag grows has stalled. Any thread.
    public Lag lag() {
        long now = (long) EPOCH.getAcquire(this);
        Lag worst = Lag.NONE;
        for (Reader reader : readers) {
            long behind = now - reader.seen();
            if (behind > worst.epochs) {
                worst = new Lag(reader.name, behind);
            }
        }
        return worst;
    }

    /// How far the slowest reader is behind the writer.
    ///
    /// @param reader its name, empty when nobody is behind
    public record Lag(String reader, long epochs) {
        static final Lag NONE = new Lag("", 0);
    }

    /// One thread that looks up. Between [#online] and [#offline] the writer waits for its
    /// quiescent points before it reuses anything; offline it must not look up.
    public final class Reader implements AutoCloseable {
        private final String name;
        private final long[] cell = new long[2 * PAD + 1]; // this reader: rw, writer: ro

        private Reader(String name) {
            this.name = name;
            cell[PAD] = OFFLINE;
        }

        /// From here on this thread may look up.
        public void online() {
            CELL.setVolatile(cell, PAD, (long) EPOCH.getAcquire(Quiescence.this));
            VarHandle.fullFence();
        }

        /// This thread holds nothing that it found in a table: call it once a burst.
        public void quiescent() {
            CELL.setRelease(cell, PAD, (long) EPOCH.getAcquire(Quiescence.this));
        }

        /// This thread does not look up until [#online]: call it before sleeping.
        public void offline() {
            CELL.setRelease(cell, PAD, OFFLINE);
        }

        /// Goes offline and leaves for good.
        @Override
        public void close() {
            offline();
            remove(this);
        }

        private long seen() {
            return (long) CELL.getVolatile(cell, PAD);
        }
    }
}
