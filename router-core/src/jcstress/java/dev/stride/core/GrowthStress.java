package dev.stride.core;

import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Quiescence;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// The arrays of slots of the IPv4 FIB are replaced by longer and wider ones while a reader looks.
public class GrowthStress {
    private static final int TEN = 10 << 24;

    /// A table with one reader that is awake.
    abstract static class Table {
        final Quiescence readers = new Quiescence();
        final Fib4 fib = new Fib4(readers);

        Table() {
            readers.reader("r").online();
        }
    }

    /// The third stride's array has no room for another bucket.
    @JCStressTest
    @Outcome(id = {"0, 1", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, or beyond the end")
    @State
    public static class Third extends Table {
        public Third() {
            for (int i = 0; i < 128; i++) {
                fib.put(TEN | i << 16, 24, 1);
            }
        }

        @Actor
        public void writer() {
            fib.put(TEN | 128 << 16, 24, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(TEN | 128 << 16);
            r.r2 = fib.lookup(TEN);
        }
    }

    /// The fourth stride's array has no room for another bucket.
    @JCStressTest
    @Outcome(id = {"0, 1", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, or beyond the end")
    @State
    public static class Fourth extends Table {
        public Fourth() {
            for (int i = 0; i < 63; i++) {
                fib.put(TEN | i << 8, 32, 1);
            }
        }

        @Actor
        public void writer() {
            fib.put(TEN | 63 << 8, 32, 2);
            fib.put(TEN | 64 << 8, 32, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(TEN | 64 << 8);
            r.r2 = fib.lookup(TEN);
        }
    }

    /// A next hop beyond 254 makes slots of 8 bits into such of 16, one beyond 32,767 of 32.
    @JCStressTest
    @Outcome(
            id = {"1, 2", "300, 2", "40000, 2"},
            expect = Expect.ACCEPTABLE,
            desc = "one of three tables")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a slot in another form's bits")
    @State
    public static class Wider extends Table {
        public Wider() {
            fib.put(TEN, 24, 1);
            fib.put(TEN | 0x101, 32, 2); // in the fourth stride, which widens too
        }

        @Actor
        public void writer() {
            fib.put(TEN, 24, 300);
            fib.put(TEN, 24, 40_000);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(TEN);
            r.r2 = fib.lookup(TEN | 0x101);
        }
    }

    /// A bucket of the fourth stride is replaced: in slots of 8 bits the parent's slot stays as it
    /// is, and the child beside it changes.
    @JCStressTest
    @Outcome(id = {"1, 2", "3, 2"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a bucket that was not filled")
    @State
    public static class Child extends Table {
        public Child() {
            fib.put(TEN, 24, 1);
            fib.put(TEN, 28, 2);
        }

        @Actor
        public void writer() {
            fib.put(TEN, 25, 3);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(TEN | 64);
            r.r2 = fib.lookup(TEN | 1);
        }
    }

    /// The children of a bucket are moved to a longer array, and one of them is withdrawn.
    @JCStressTest
    @Outcome(
            id = {"1, 2", "3, 2", "1, 1", "3, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "before or after each")
    @Outcome(expect = Expect.FORBIDDEN, desc = "another slot's child")
    @State
    public static class Children extends Table {
        public Children() {
            fib.put(TEN, 16, 1);
            fib.put(TEN | 0x200, 28, 2);
        }

        @Actor
        public void writer() {
            fib.put(TEN | 0x100, 28, 3);
            fib.remove(TEN | 0x200, 28);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(TEN | 0x101);
            r.r2 = fib.lookup(TEN | 0x201);
        }
    }

    /// A burst takes the array once for all of its addresses.
    @JCStressTest
    @Outcome(id = {"1, 2", "300, 2"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a slot in another form's bits")
    @State
    public static class InBurst extends Table {
        private final int[] addresses = {TEN, TEN | 0x101};
        private final int[] nextHops = new int[2];

        public InBurst() {
            fib.put(TEN, 24, 1);
            fib.put(TEN | 0x101, 32, 2);
        }

        @Actor
        public void writer() {
            fib.put(TEN, 24, 300);
        }

        @Actor
        public void reader(II_Result r) {
            fib.lookup(addresses, 0, nextHops, 2);
            r.r1 = nextHops[0];
            r.r2 = nextHops[1];
        }
    }
}
