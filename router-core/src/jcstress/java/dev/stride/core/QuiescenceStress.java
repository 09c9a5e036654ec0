package dev.stride.core;

import dev.stride.core.fib.Quiescence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// Grace periods: what the writer takes for left behind, no reader finds or still looks at.
public class QuiescenceStress {
    private static final VarHandle LINK;

    static {
        try {
            LINK = MethodHandles.lookup().findVarHandle(Memory.class, "link", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// One piece of memory that a link leads to.
    abstract static class Memory {
        final Quiescence readers = new Quiescence();
        final Quiescence.Reader reader = readers.reader("r");
        int link = 1; // released by the writer, acquired by the reader
        int content = 7; // plain: grace periods alone protect it

        /// Unlinks, and says whether the memory may be reused at once.
        boolean unlink() {
            LINK.setRelease(this, 0);
            long mark = readers.mark();
            readers.advance();
            return readers.passed() >= mark;
        }

        int link() {
            return (int) LINK.getAcquire(this);
        }
    }

    /// A reader wakes while the writer looks round: one of them must see the other.
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "reused, and found")
    @Outcome(expect = Expect.ACCEPTABLE, desc = "one saw the other")
    @State
    public static class Wake extends Memory {
        @Actor
        public void writer(II_Result r) {
            r.r1 = unlink() ? 1 : 0;
        }

        @Actor
        public void reader(II_Result r) {
            reader.online();
            r.r2 = link();
        }
    }

    /// Lookups begun after a quiescent point that counts do not find what was unlinked before.
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "reused, and found")
    @Outcome(expect = Expect.ACCEPTABLE, desc = "waits, or is not found")
    @State
    public static class QuiescentPoint extends Memory {
        public QuiescentPoint() {
            reader.online();
        }

        @Actor
        public void writer(II_Result r) {
            r.r1 = unlink() ? 1 : 0;
        }

        @Actor
        public void reader(II_Result r) {
            reader.quiescent();
            r.r2 = link();
        }
    }

    /// Loads of a lookup are over when the reader's cell says so: at a quiescent point.
    @JCStressTest
    @Outcome(id = {"0", "7"}, expect = Expect.ACCEPTABLE, desc = "not found, or whole")
    @Outcome(expect = Expect.FORBIDDEN, desc = "reused under a reader")
    @State
    public static class LookupThenPoint extends Memory {
        public LookupThenPoint() {
            reader.online();
        }

        @Actor
        public void writer() {
            if (unlink()) {
                content = 99;
            }
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = link() == 0 ? 0 : content;
            reader.quiescent();
        }
    }

    /// The same when the reader goes to sleep.
    @JCStressTest
    @Outcome(id = {"0", "7"}, expect = Expect.ACCEPTABLE, desc = "not found, or whole")
    @Outcome(expect = Expect.FORBIDDEN, desc = "reused under a reader")
    @State
    public static class LookupThenSleep extends Memory {
        public LookupThenSleep() {
            reader.online();
        }

        @Actor
        public void writer() {
            if (unlink()) {
                content = 99;
            }
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = link() == 0 ? 0 : content;
            reader.offline();
        }
    }
}
