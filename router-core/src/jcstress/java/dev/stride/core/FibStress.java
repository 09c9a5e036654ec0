package dev.stride.core;

import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Quiescence;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// Publication of the FIB: a lookup beside a change answers from before or after it, and nothing else.
public class FibStress {
    private static final int TEN = 10 << 24;

    /// A more specific prefix builds a bucket while private and links it with one store.
    @JCStressTest
    @Outcome(id = {"1, 1", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a bucket that was not filled")
    @State
    public static class NewBucket {
        private final Quiescence readers = new Quiescence();
        private final Fib4 fib = new Fib4(readers);
        private final Quiescence.Reader reader = readers.reader("r");

        public NewBucket() {
            fib.put(TEN, 16, 1);
            reader.online();
        }

        @Actor
        public void writer() {
            fib.put(TEN, 24, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(TEN | 1);
            r.r2 = fib.lookup(TEN | 0x101);
        }
    }

    /// Two buckets deep at once.
    @JCStressTest
    @Outcome(id = {"1, 1", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a bucket that was not filled")
    @State
    public static class NewBuckets {
        private final Quiescence readers = new Quiescence();
        private final Fib4 fib = new Fib4(readers);
        private final Quiescence.Reader reader = readers.reader("r");

        public NewBuckets() {
            fib.put(TEN, 8, 1);
            reader.online();
        }

        @Actor
        public void writer() {
            fib.put(TEN | 1, 32, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(TEN | 1);
            r.r2 = fib.lookup(TEN | 2);
        }
    }

    /// Next hops side by side are changed in place, by one store.
    @JCStressTest
    @Outcome(id = {"1, 1", "1, 2", "2, 2"}, expect = Expect.ACCEPTABLE, desc = "before, then after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "after, then before")
    @State
    public static class InPlace {
        private final Quiescence readers = new Quiescence();
        private final Fib4 fib = new Fib4(readers);
        private final Quiescence.Reader reader = readers.reader("r");

        public InPlace() {
            fib.put(TEN, 16, 3);
            fib.put(TEN, 22, 1);
            reader.online();
        }

        @Actor
        public void writer() {
            fib.put(TEN, 22, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = fib.lookup(TEN | 1);
            r.r2 = fib.lookup(TEN | 0x301);
        }
    }

    /// Withdrawal uncovers the less specific route.
    @JCStressTest
    @Outcome(id = {"1", "2"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a hole")
    @State
    public static class Withdraw {
        private final Quiescence readers = new Quiescence();
        private final Fib4 fib = new Fib4(readers);
        private final Quiescence.Reader reader = readers.reader("r");

        public Withdraw() {
            fib.put(TEN, 16, 1);
            fib.put(TEN, 24, 2);
            reader.online();
        }

        @Actor
        public void writer() {
            fib.remove(TEN, 24);
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = fib.lookup(TEN | 1);
        }
    }

    /// The bucket of a withdrawn prefix must not serve another one while a reader may still be in it.
    @JCStressTest
    @Outcome(id = {"1", "2"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(id = "3", expect = Expect.FORBIDDEN, desc = "a bucket that was reused too early")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a hole")
    @State
    public static class Reuse {
        private final Quiescence readers = new Quiescence();
        private final Fib4 fib = new Fib4(readers);
        private final Quiescence.Reader reader = readers.reader("r");

        public Reuse() {
            fib.put(TEN, 16, 1);
            fib.put(TEN, 24, 2);
            reader.online();
        }

        @Actor
        public void writer() {
            fib.remove(TEN, 24);
            fib.put(11 << 24, 24, 3);
            fib.put(12 << 24, 24, 3);
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = fib.lookup(TEN | 1);
        }
    }

    /// The default route is a word of its own; a lookup that falls back to it must not mix two tables.
    @JCStressTest
    @Outcome(id = {"1", "2"}, expect = Expect.ACCEPTABLE, desc = "some table's answer")
    @Outcome(expect = Expect.FORBIDDEN, desc = "no table's answer")
    @State
    public static class DefaultRoute {
        private final Quiescence readers = new Quiescence();
        private final Fib4 fib = new Fib4(readers);
        private final Quiescence.Reader reader = readers.reader("r");

        public DefaultRoute() {
            fib.put(0, 0, 1);
            reader.online();
        }

        @Actor
        public void writer() {
            fib.put(TEN, 24, 2);
            fib.put(0, 0, 3);
            fib.put(0, 0, 1);
            fib.remove(TEN, 24);
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = fib.lookup(TEN | 1);
        }
    }
}
