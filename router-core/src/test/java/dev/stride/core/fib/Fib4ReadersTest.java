package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What readers see while the table changes, and what reclamation does for them.
class Fib4ReadersTest {
    private static final int WATCHED = 64;

    private final Quiescence readers = new Quiescence();
    private final Fib4 fib = new Fib4(readers);
    private volatile int begun; // changes that the writer has begun
    private volatile int done; // changes that the writer has done

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void eachAnswerEqualsTheTableBeforeOrAfter(long seed) throws InterruptedException {
        Churn4 churn = new Churn4(seed, seed == 13 ? 0 : 14, 1000);
        List<Churn4.Change> changes = churn.next(40_000);
        int[] watched = new int[WATCHED];
        Arrays.setAll(watched, i -> churn.address());
        short[][] right = answers(changes, watched);
        AtomicReference<String> wrong = new AtomicReference<>("");
        Thread reader = Thread.ofPlatform().start(() -> read(watched, right, wrong));
        for (int i = 0; i < changes.size(); i++) {
            begun = i + 1;
            changes.get(i).applyTo(fib);
            done = i + 1;
        }
        reader.join();
        assertThat(wrong.get()).isEmpty();
    }

    /// What the oracle answers for each watched address after each number of changes.
    private static short[][] answers(List<Churn4.Change> changes, int[] watched) {
        SlowTable4 table = new SlowTable4();
        short[][] answers = new short[changes.size() + 1][WATCHED];
        for (int version = 1; version <= changes.size(); version++) {
            changes.get(version - 1).applyTo(table);
            for (int i = 0; i < WATCHED; i++) {
                answers[version][i] = (short) table.lookup(watched[i]);
            }
        }
        return answers;
    }

    private void read(int[] watched, short[][] right, AtomicReference<String> wrong) {
        int[] nextHops = new int[WATCHED];
        try (Quiescence.Reader reader = readers.reader("reader")) {
            reader.online();
            while (done < right.length - 1 && wrong.get().isEmpty()) {
                int from = done;
                if ((from & 1) == 0) {
                    fib.lookup(watched, 0, nextHops, WATCHED);
                } else {
                    Arrays.setAll(nextHops, i -> fib.lookup(watched[i]));
                }
                int to = begun;
                reader.quiescent();
                for (int i = 0; i < WATCHED; i++) {
                    if (!among(right, from, to, i, nextHops[i])) {
                        wrong.set(nextHops[i] + " in versions " + from + " to " + to);
                    }
                }
            }
        }
    }

    private static boolean among(short[][] right, int from, int to, int i, int nextHop) {
        for (int version = from; version <= to; version++) {
            if (right[version][i] == nextHop) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aStalledReaderHoldsUpReuseAndIsNamed() {
        Quiescence.Reader stalled = readers.reader("worker 3");
        Quiescence.Reader running = readers.reader("worker 4");
        stalled.online();
        running.online();
        flap(1000);
        running.quiescent();
        flap(1000);
        assertThat(fib.waitingBuckets()).isEqualTo(2000);
        assertThat(fib.lag().reader()).isEqualTo("worker 3");
        assertThat(fib.lag().epochs()).isGreaterThan(40);
        running.quiescent();
        stalled.quiescent();
        flap(100);
        assertThat(fib.waitingBuckets()).isLessThan(200);
        running.offline();
        stalled.close();
        flap(100);
        assertThat(fib.waitingBuckets()).isLessThan(100);
        assertThat(fib.lag().epochs()).isZero();
    }

    @Test
    void aRunningReaderKeepsMemoryBounded() {
        Quiescence.Reader reader = readers.reader("reader");
        reader.online();
        flapBeside(reader, 1000);
        long before = fib.bytes();
        flapBeside(reader, 10_000);
        assertThat(fib.bytes()).isEqualTo(before);
    }

    @Test
    void memoryStaysBoundedHoweverLongAReaderStalls() {
        fib.put(0x0a000000, 24, 1);
        fib.put(0x0a000080, 28, 1);
        Quiescence.Reader stalled = readers.reader("worker 3");
        stalled.online();
        for (int i = 1; i <= 100_000; i++) {
            fib.put(0x0a000000, 20, i);
            fib.put(0x0a000000, 25, i);
            assertThat(fib.lookup(0x0a000f01)).isEqualTo(i);
            assertThat(fib.lookup(0x0a000001)).isEqualTo(i);
        }
        assertThat(fib.waitingBuckets()).isLessThanOrEqualTo(2 * 256);
        stalled.quiescent();
        fib.put(0x0a000000, 20, 1);
        assertThat(fib.waitingBuckets()).isLessThanOrEqualTo(1 + 256);
    }

    private void flapBeside(Quiescence.Reader running, int times) {
        for (int i = 0; i < times; i++) {
            flap(1);
            running.quiescent();
        }
    }

    /// Links a bucket and unlinks it again.
    private void flap(int times) {
        for (int i = 0; i < times; i++) {
            fib.put(0x0a000000, 24, 1);
            fib.remove(0x0a000000, 24);
        }
    }
}
