package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip6Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A writer at full speed and readers that know what the table was before and after every change.
///
/// The writer numbers its changes and says of each when it begins and when it is done. A reader
/// notes the last change that was done before its lookups and the last that had begun after them:
/// each answer must be the table's at one of the versions between. Where it asks for one address
/// several times, the answers must follow the versions in their order: what was seen new is never
/// old again (a linearizability check for a table with one writer).
///
/// In the ordinary build this takes some seconds; `-Dstride.oracle.changes=N` sets the number of
/// changes, which the profile `stress` does for a run of minutes.
class OracleTest {
    private static final long CHANGES = Long.getLong("stride.oracle.changes", 100_000);
    private static final int RING = 1 << 14;
    private static final int READERS = 3; // more threads than CPUs: they stall anywhere
    private static final int POOL = 1024;
    private static final int BURST = 48;
    private static final int AGAIN = 8;
    private static final int SLACK = 512 * 1024; // some hundred buckets that wait for readers

    /// A table under test, of either family.
    interface Table {
        void set(Ip6Prefix prefix, int nextHop);

        void lookup(long[] highs, long[] lows, int[] answers);

        int lookup(long high, long low);

        long bytes();
    }

    /// The same for IPv4, whose addresses are in the upper 32 bits.
    private static final class Four implements Table {
        private final Fib4 fib;

        Four(Quiescence readers) {
            fib = new Fib4(readers);
        }

        @Override
        public void set(Ip6Prefix prefix, int nextHop) {
            fib.set((int) (prefix.high() >>> 32), prefix.length(), nextHop);
        }

        @Override
        public void lookup(long[] highs, long[] lows, int[] answers) {
            int[] addresses = new int[answers.length];
            for (int i = 0; i < addresses.length; i++) {
                addresses[i] = (int) (highs[i] >>> 32);
            }
            fib.lookup(addresses, 0, answers, answers.length);
        }

        @Override
        public int lookup(long high, long low) {
            return fib.lookup((int) (high >>> 32));
        }

        @Override
        public long bytes() {
            return fib.bytes();
        }
    }

    private static final class Six implements Table {
        private final Fib6 fib;

        Six(Quiescence readers) {
            fib = new Fib6(readers);
        }

        @Override
        public void set(Ip6Prefix prefix, int nextHop) {
            fib.set(prefix.high(), prefix.low(), prefix.length(), nextHop);
        }

        @Override
        public void lookup(long[] highs, long[] lows, int[] answers) {
            fib.lookup(highs, lows, 0, answers, answers.length);
        }

        @Override
        public int lookup(long high, long low) {
            return fib.lookup(high, low);
        }

        @Override
        public long bytes() {
            return fib.bytes();
        }
    }

    // The change with version v is at v % RING: written before `begun` is v, read after.
    private final @Nullable Ip6Prefix[] prefixes = new @Nullable Ip6Prefix[RING];
    private final int[] nextHops = new int[RING];
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong[] consumed = new AtomicLong[READERS];
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicLong lookups = new AtomicLong();
    private volatile boolean over;

    private final Quiescence quiescence = new Quiescence();
    private final long[] highs = new long[POOL];
    private final long[] lows = new long[POOL];

    @Test
    void ipv4AnswersAreNeverOfAnotherTable() throws InterruptedException {
        run(new Four(quiescence), 32);
    }

    @Test
    void ipv6AnswersAreNeverOfAnotherTable() throws InterruptedException {
        run(new Six(quiescence), 128);
    }

    private void run(Table table, int width) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(width);
        drawPool(random, width);
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            consumed[i] = new AtomicLong();
            Reader reader = new Reader(i, table);
            readers.add(Thread.ofPlatform().start(reader::guarded));
        }
        long early = write(table, random, width);
        over = true;
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(failure.get()).isNull();
        if (table instanceof Four) { // of Fib6 a quarter may wait for readers
            // While it is small, memory doubles when a stalled reader makes it grow.
            assertThat(table.bytes()).isLessThanOrEqualTo(2 * early + SLACK);
        }
        System.out.printf(
                "%s: %,d changes, %,d lookups checked, %,d bytes, after a quarter %,d%n",
                table.getClass().getSimpleName(), begun.get(), lookups.get(), table.bytes(), early);
    }

    /// Few different octets: prefixes and addresses meet in every stride.
    private static long half(SplittableRandom random) {
        long half = 0;
        for (int octet = 0; octet < 8; octet++) {
            int value = random.nextInt(10) == 0 ? random.nextInt(256) : 32 * random.nextInt(3);
            half = half << 8 | value;
        }
        return half;
    }

    private void drawPool(SplittableRandom random, int width) {
        List<Ip6Prefix> pool = new ArrayList<>();
        for (int i = 0; i < POOL; i++) {
            pool.add(Ip6Prefix.of(half(random), half(random), width));
        }
        pool.sort(null);
        for (int i = 0; i < POOL; i++) {
            highs[i] = pool.get(i).high();
            lows[i] = pool.get(i).low();
        }
    }

    /// Withdraws, announces, changes and changes back; short prefixes are rare, as in real life and
    /// because each touches so much. Returns the table's memory after a quarter of the changes.
    private long write(Table table, SplittableRandom random, int width) {
        List<Ip6Prefix> known = new ArrayList<>();
        long early = 0;
        long version = 0;
        while (version < CHANGES && failure.get() == null) {
            int shortest = random.nextInt(1000) == 0 ? 0 : 14;
            int length = random.nextInt(shortest, width + 1);
            Ip6Prefix prefix = Ip6Prefix.of(half(random), half(random), length);
            if (known.size() < 6_000) {
                known.add(prefix);
            } else {
                prefix = known.get(random.nextInt(known.size()));
            }
            int nextHop = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(200);
            version++;
            prefixes[(int) version & RING - 1] = prefix;
            nextHops[(int) version & RING - 1] = nextHop;
            begun.set(version);
            table.set(prefix, nextHop);
            done.set(version);
            if ((version & 0xfff) == 0) {
                waitForReaders(version);
            }
            if (version == CHANGES / 4) {
                early = table.bytes();
            }
        }
        return early;
    }

    private void waitForReaders(long version) {
        for (AtomicLong reader : consumed) {
            while (version - reader.get() > RING / 4 && failure.get() == null) {
                Thread.onSpinWait();
            }
        }
    }

    private final class Reader {
        private final int number;
        private final Table table;
        private final SplittableRandom random;
        private final Quiescence.Reader quiescent;
        private final Replica replica = new Replica(highs, lows);
        private final BitSet touched = new BitSet();
        private long at; // the replica's version
        private @Nullable Ip6Prefix undoPrefix;
        private int undoNextHop;

        Reader(int number, Table table) {
            this.number = number;
            this.table = table;
            this.random = new SplittableRandom(number);
            this.quiescent = quiescence.reader("reader-" + number);
        }

        void guarded() {
            try (quiescent) {
                quiescent.online();
                while (!over && failure.get() == null) {
                    round();
                }
            } catch (Throwable t) {
                failure.compareAndSet(null, t);
            }
        }

        private void round() {
            int from = random.nextInt(POOL - BURST);
            long[] high = new long[BURST];
            long[] low = new long[BURST];
            System.arraycopy(highs, from, high, 0, BURST);
            System.arraycopy(lows, from, low, 0, BURST);
            int[] answers = new int[BURST];
            int[] again = new int[AGAIN];
            int one = random.nextInt(BURST);
            long before = done.get();
            table.lookup(high, low, answers);
            for (int i = 0; i < AGAIN; i++) {
                again[i] = table.lookup(high[one], low[one]);
            }
            long after = begun.get();
            quiescent.quiescent();
            if (random.nextInt(64) == 0) {
                quiescent.offline();
                quiescent.online();
            }
            check(from, before, after, answers, one, again);
            consumed[number].set(at - 1);
            lookups.setOpaque(lookups.getPlain() + BURST + AGAIN);
        }

        /// Compares the answers with all versions from `before` to `after`.
        private void check(int from, long before, long after, int[] answers, int one, int[] again) {
            advance(before);
            BitSet open = new BitSet();
            for (int i = 0; i < BURST; i++) {
                open.set(i, replica.answers[from + i] != answers[i]);
            }
            int seen = follow(again, 0, replica.answers[from + one]);
            while (at < after && (!open.isEmpty() || seen < AGAIN)) {
                advance(at + 1);
                int next = touched.nextSetBit(from);
                for (int i = next; i >= 0 && i < from + BURST; i = touched.nextSetBit(i + 1)) {
                    if (replica.answers[i] == answers[i - from]) {
                        open.clear(i - from);
                    }
                }
                seen = follow(again, seen, replica.answers[from + one]);
            }
            if (!open.isEmpty() || seen < AGAIN) {
                int wrong = open.isEmpty() ? one : open.nextSetBit(0);
                throw new AssertionError(
                        "versions %d to %d: %x %x answered %d in a burst, %s alone; at the end %d"
                                .formatted(
                                        before,
                                        after,
                                        highs[from + wrong],
                                        lows[from + wrong],
                                        answers[wrong],
                                        Arrays.toString(again),
                                        replica.answers[from + wrong]));
            }
        }

        /// How many of the repeated answers are explained when the version's is `right`.
        private static int follow(int[] again, int seen, int right) {
            int now = seen;
            while (now < AGAIN && again[now] == right) {
                now++;
            }
            return now;
        }

        /// Brings the replica to a version, which may be the one before its own.
        private void advance(long version) {
            if (version == at - 1 && undoPrefix != null) {
                replica.set(undoPrefix, undoNextHop, touched);
                undoPrefix = null;
                at--;
            }
            while (at < version) {
                at++;
                Ip6Prefix prefix = prefixes[(int) at & RING - 1];
                assert prefix != null;
                undoPrefix = prefix;
                undoNextHop = replica.get(prefix);
                replica.set(prefix, nextHops[(int) at & RING - 1], touched);
            }
        }
    }
}
