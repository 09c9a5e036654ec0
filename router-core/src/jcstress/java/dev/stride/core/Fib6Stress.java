package dev.stride.core;

import dev.stride.core.fib.Fib6;
import dev.stride.core.fib.Quiescence;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// Publication of the IPv6 FIB: a lookup beside a change answers from before or after it.
public class Fib6Stress {
    private static final long DOC = 0x20010db8L << 32; // 2001:db8::/32 (RFC 3849)

    /// A table with one reader that is awake.
    abstract static class Table {
        final Quiescence readers = new Quiescence();
        final Fib6 fib = new Fib6(readers);

        Table() {
            readers.reader("r").online();
        }
    }

    /// A prefix in the dense strides builds its bucket while private and links it with one store.
    @JCStressTest
    @Outcome(id = {"1, 1", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a bucket that was not filled")
    @State
    public static class DenseBucket extends Table {
        public DenseBucket() {
            fib.put(DOC, 0, 16, 1);
        }

        @Actor
        public void writer() {
            fib.put(DOC, 0, 32, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(DOC, 1);
            r.r2 = fib.lookup(DOC ^ 1L << 32, 1);
        }
    }

    /// Fourteen buckets deep at once, dense ones and such of runs.
    @JCStressTest
    @Outcome(id = {"1, 1", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a bucket that was not filled")
    @State
    public static class AllStrides extends Table {
        public AllStrides() {
            fib.put(DOC, 0, 16, 1);
        }

        @Actor
        public void writer() {
            fib.put(DOC, 1, 128, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(DOC, 1);
            r.r2 = fib.lookup(DOC, 2);
        }
    }

    /// A new run of slots needs another bucket in the place of the old one.
    @JCStressTest
    @Outcome(id = {"1, 2", "3, 2"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "bits, counts and values of two buckets")
    @State
    public static class MoreRuns extends Table {
        public MoreRuns() {
            fib.put(DOC, 0, 32, 1);
            fib.put(DOC | 0x8000_0000L, 0, 40, 2);
        }

        @Actor
        public void writer() {
            fib.put(DOC | 0x0100_0000L, 0, 40, 3);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(DOC | 0x0100_0000L, 1);
            r.r2 = fib.lookup(DOC | 0x8000_0000L, 1);
        }
    }

    /// A burst takes all steps for all addresses; both forms must hold to the order of loads.
    @JCStressTest
    @Outcome(id = {"1, 1", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a bucket that was not filled")
    @State
    public static class InBurst extends Table {
        private final long[] highs = {DOC, DOC};
        private final long[] lows = {1, 2};
        private final int[] nextHops = new int[2];

        public InBurst() {
            fib.put(DOC, 0, 16, 1);
        }

        @Actor
        public void writer() {
            fib.put(DOC, 1, 128, 2);
        }

        @Actor
        public void reader(II_Result r) {
            fib.lookup(highs, lows, 0, nextHops, 2);
            r.r1 = nextHops[0];
            r.r2 = nextHops[1];
        }
    }

    /// The memory of a withdrawn prefix must not serve another one while a reader may be in it.
    @JCStressTest
    @Outcome(id = {"1", "2"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a bucket that was reused too early, or a hole")
    @State
    public static class Reuse extends Table {
        public Reuse() {
            fib.put(DOC, 0, 32, 1);
            fib.put(DOC, 0, 40, 2);
        }

        @Actor
        public void writer() {
            fib.remove(DOC, 0, 40);
            fib.put(DOC ^ 1L << 48, 0, 40, 3);
            fib.put(DOC ^ 2L << 48, 0, 40, 3);
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = fib.lookup(DOC, 1);
        }
    }

    /// The array of all buckets grows by a copy, which is published before anything in it is linked.
    @JCStressTest
    @Outcome(id = {"0, 1", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, or beyond the end")
    @State
    public static class Growth extends Table {
        public Growth() {
            for (long i = 0; i < 15; i++) { // 16 dense buckets do not fit
                fib.put(DOC ^ i << 48, 0, 24, 1);
            }
        }

        @Actor
        public void writer() {
            fib.put(DOC ^ 16L << 48, 0, 24, 2);
            fib.put(DOC ^ 17L << 48, 0, 24, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(DOC ^ 17L << 48, 1);
            r.r2 = fib.lookup(DOC, 1);
        }
    }

    /// Buckets move down in memory when a reader no longer holds up the reuse of what was there.
    @JCStressTest
    @Outcome(id = {"1, 2", "1, 3"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a bucket that was not filled, or reused too early")
    @State
    public static class Moves {
        private static final int GONE = 159; // with one more the writer looks what it may reuse
        private final Quiescence readers = new Quiescence();
        private final Quiescence.Reader stalled = readers.reader("stalled");
        private final Fib6 fib = new Fib6(readers);

        public Moves() {
            for (long i = 0; i <= GONE; i++) { // a dense bucket each
                fib.put(DOC ^ i << 48, 0, 24, 1);
            }
            fib.put(1L << 48, 0, 48, 1); // in the first root slots that are looked at
            fib.put(2L << 48, 0, 48, 2);
            stalled.online();
            for (long i = 0; i < GONE; i++) {
                fib.remove(DOC ^ i << 48, 0, 24);
            }
            readers.reader("r").online();
        }

        @Actor
        public void writer() {
            stalled.offline();
            fib.remove(DOC ^ (long) GONE << 48, 0, 24);
            fib.put(2L << 48, 0, 48, 3);
            fib.put(DOC, 0, 32, 4);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(1L << 48, 1);
            r.r2 = fib.lookup(2L << 48, 1);
        }
    }

    /// The default route is a word of its own; a lookup that falls back must not mix two tables.
    @JCStressTest
    @Outcome(id = {"1", "2"}, expect = Expect.ACCEPTABLE, desc = "some table's answer")
    @Outcome(expect = Expect.FORBIDDEN, desc = "no table's answer")
    @State
    public static class DefaultRoute extends Table {
        public DefaultRoute() {
            fib.put(0, 0, 0, 1);
        }

        @Actor
        public void writer() {
            fib.put(DOC, 0, 32, 2);
            fib.put(0, 0, 0, 3);
            fib.put(0, 0, 0, 1);
            fib.remove(DOC, 0, 32);
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = fib.lookup(DOC, 1);
        }
    }
}
