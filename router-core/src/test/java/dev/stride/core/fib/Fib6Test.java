package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stride.core.addr.Ip6Prefix;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Fib6Test {
    private final Quiescence readers = new Quiescence();
    private final Fib6 fib = new Fib6(readers);

    private int set(Ip6Prefix prefix, int nextHop) {
        return fib.set(prefix.high(), prefix.low(), prefix.length(), nextHop);
    }

    private int burst(long high, long low) {
        int[] answers = new int[3];
        fib.lookup(new long[] {0, high, 0, high}, new long[] {0, low, 0, low}, 1, answers, 3);
        assertThat(answers[2]).isEqualTo(answers[0]);
        assertThat(fib.lookup(high, low)).isEqualTo(answers[0]);
        return answers[0];
    }

    /// There may be many tables of few routes, or of one family only.
    @Test
    void tableWithoutRoutesTakesLittleMemory() {
        Fib6 empty = new Fib6(new Quiescence());
        assertThat(empty.bytes()).isLessThan(48_000);
        empty.put(0, 0, 0, 7);
        assertThat(empty.remove(0x2001L << 48, 0, 48)).isFalse();
        assertThat(empty.bytes()).isLessThan(48_000);
        assertThat(empty.lookup(0x2001L << 48, 0)).isEqualTo(7);
        empty.put(0x2001L << 48, 0, 48, 1);
        assertThat(empty.bytes()).isBetween(4L << 16, 5L << 16);
        assertThat(empty.lookup(0x2001L << 48, 0)).isEqualTo(1);
    }

    @Test
    void anEmptyTableHasNoRoute() {
        assertThat(burst(0, 0)).isZero();
        assertThat(burst(-1, -1)).isZero();
        assertThat(fib.routes()).isZero();
    }

    @Test
    void aPrefixOfEveryLengthHoldsItsFirstAndLastAddressAndNoOther() {
        for (int length = 0; length <= 128; length++) {
            Ip6Prefix prefix = Ip6Prefix.of(0x6a6a_6a6a_6a6a_6a6aL, 0x6a6a_6a6a_6a6a_6a6aL, length);
            assertThat(set(prefix, 7)).isZero();
            long high = prefix.last().high();
            long low = prefix.last().low();
            assertThat(burst(prefix.high(), prefix.low())).isEqualTo(7);
            assertThat(burst(high, low)).isEqualTo(7);
            if (length > 0) {
                assertThat(burst(low == -1 ? high + 1 : high, low + 1)).isZero();
                long before = prefix.low() == 0 ? prefix.high() - 1 : prefix.high();
                assertThat(burst(before, prefix.low() - 1)).isZero();
            }
            assertThat(set(prefix, 0)).isEqualTo(7);
            assertThat(burst(high, low)).isZero();
            assertThat(fib.buckets()).isZero();
        }
    }

    @Test
    void theLongestPrefixWinsAndAWithdrawnOneUncoversTheNext() {
        for (int i = 0; i <= 128; i++) {
            int length = i * 50 % 129; // all of them: 50 and 129 have no common divisor
            set(Ip6Prefix.of(-1, -1, length), 1000 + length);
        }
        for (int length = 128; length >= 0; length--) {
            assertThat(burst(-1, -1)).isEqualTo(1000 + length);
            set(Ip6Prefix.of(-1, -1, length), 0);
        }
        assertThat(burst(-1, -1)).isZero();
        assertThat(fib.buckets()).isZero();
    }

    @Test
    void argumentsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> fib.put(0, 0, 129, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> fib.put(0, 0, 8, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fib.set(0, 0, 8, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fib.lookup(new long[4], new long[4], 1, new int[4], 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    /// Two values an octet, sometimes a third: many strides with few different buckets.
    private static long half(SplittableRandom random) {
        long half = 0;
        for (int octet = 0; octet < 8; octet++) {
            int value = random.nextInt(12) == 0 ? random.nextInt(256) : 96 + random.nextInt(2) * 16;
            half = half << 8 | value;
        }
        return half;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void equalsTheObviousTableThroughRandomChanges(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SlowTable6 table = new SlowTable6();
        int shortest = seed % 3 == 0 ? 0 : 14; // the changes of short ones take their time
        int longest = seed % 2 == 0 ? 48 : 128;
        for (int step = 0; step < 15_000; step++) {
            Ip6Prefix prefix =
                    Ip6Prefix.of(half(random), half(random), random.nextInt(shortest, longest + 1));
            if (random.nextInt(3) == 0 && table.size() > 0) {
                prefix = List.copyOf(table.routes().keySet()).get(random.nextInt(table.size()));
            }
            int nextHop = random.nextInt(5) < 2 ? 0 : 1 + random.nextInt(seed == 6 ? 1 << 30 : 9);
            assertThat(set(prefix, nextHop)).isEqualTo(table.get(prefix));
            table.set(prefix, nextHop);
            assertThat(fib.routes()).isEqualTo(table.size());
            assertThat(fib.get(prefix.high(), prefix.low(), prefix.length())).isEqualTo(nextHop);
            if (step % 10 == 0) {
                check(table, prefix, random);
            }
        }
        for (Ip6Prefix prefix : List.copyOf(table.routes().keySet())) {
            set(prefix, 0);
        }
        assertThat(fib.buckets()).isZero();
    }

    private void check(SlowTable6 table, Ip6Prefix changed, SplittableRandom random) {
        int count = 1 + random.nextInt(64);
        long[] highs = new long[count];
        long[] lows = new long[count];
        for (int i = 0; i < count; i++) {
            boolean near = i % 2 == 0;
            highs[i] = near ? changed.high() + (random.nextInt(3) - 1) : half(random);
            lows[i] = near ? changed.low() + (random.nextInt(3) - 1) : half(random);
        }
        int[] answers = new int[count];
        fib.lookup(highs, lows, 0, answers, count);
        for (int i = 0; i < count; i++) {
            int right = table.lookup(highs[i], lows[i]);
            assertThat(answers[i]).isEqualTo(right);
            assertThat(fib.lookup(highs[i], lows[i])).isEqualTo(right);
        }
    }

    @Test
    void memoryIsReusedUnderChurn() {
        SplittableRandom random = new SplittableRandom(11);
        Ip6Prefix[] prefixes = new Ip6Prefix[20_000];
        for (int i = 0; i < prefixes.length; i++) {
            prefixes[i] = Ip6Prefix.of(random.nextInt(1 << 24) * 0x1_0000_0101L, 0, 48);
            set(prefixes[i], 1 + i % 200);
        }
        long fresh = fib.bytes();
        for (int i = 0; i < 300_000; i++) {
            int at = random.nextInt(prefixes.length);
            set(prefixes[at], 0);
            set(prefixes[at], 1 + i % 100);
        }
        assertThat(fib.bytes()).isLessThanOrEqualTo(fresh * 105 / 100);
    }

    /// As BGP does it: what is withdrawn comes back with another next hop, then with its own.
    @Test
    void aRouteThatComesBackSoonFindsItsBucketAndItsRun() {
        Ip6Prefix[] prefixes = new Ip6Prefix[1_000];
        SplittableRandom random = new SplittableRandom(13);
        for (int i = 0; i < prefixes.length; i++) {
            prefixes[i] = Ip6Prefix.of((long) random.nextInt() << 32 | i << 16, 0, 48);
            set(prefixes[i], 1 + i % 3);
        }
        int buckets = fib.buckets();
        int waiting = fib.waitingBuckets();
        for (int i = 0; i < prefixes.length; i++) {
            set(prefixes[i], 0);
            assertThat(fib.lookup(prefixes[i].high(), 0)).isZero();
            set(prefixes[i], 9);
            set(prefixes[i], 1 + i % 3);
            assertThat(fib.lookup(prefixes[i].high(), 0)).isEqualTo(1 + i % 3);
        }
        assertThat(fib.buckets()).isEqualTo(buckets);
        assertThat(fib.waitingBuckets()).isEqualTo(waiting);
    }

    /// Nine of ten routes go for good; the changes of the others move what is left together.
    @Test
    void memoryOfRoutesThatAreGoneIsGivenBack() {
        SplittableRandom random = new SplittableRandom(12);
        Ip6Prefix[] prefixes = new Ip6Prefix[20_000];
        for (int i = 0; i < prefixes.length; i++) {
            prefixes[i] = Ip6Prefix.of(random.nextInt(1 << 24) * 0x1_0000_0101L, 0, 48);
            set(prefixes[i], 1 + i % 200);
        }
        long full = fib.bytes();
        int kept = prefixes.length / 10;
        for (int i = kept; i < prefixes.length; i++) {
            set(prefixes[i], 0);
        }
        int passes = 25;
        for (int i = 0; i < passes * kept; i++) {
            set(prefixes[i % kept], 1 + i / kept);
        }
        long root = Fib4.ROOT_SLOTS * Integer.BYTES;
        assertThat(fib.bytes() - root).isLessThan((full - root) / 8);
        for (int i = 0; i < kept; i++) {
            assertThat(fib.lookup(prefixes[i].high(), 1)).isEqualTo(passes);
        }
    }
}
