package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Fib4Test {
    private static final int TEN = 0x0a000000; // 10.0.0.0

    private final Quiescence readers = new Quiescence();
    private final Fib4 fib = new Fib4(readers);

    /// There may be many tables of few routes, or of one family only.
    @Test
    void tableWithoutRoutesTakesLittleMemory() {
        Fib4 empty = new Fib4(new Quiescence());
        assertThat(empty.bytes()).isLessThan(48_000);
        empty.put(0, 0, 7);
        assertThat(empty.remove(10 << 24, 24)).isFalse();
        assertThat(empty.bytes()).isLessThan(48_000);
        assertThat(empty.lookup(10 << 24)).isEqualTo(7);
        empty.put(10 << 24, 24, 1);
        assertThat(empty.bytes()).isBetween(4L << 16, 5L << 16);
        assertThat(empty.lookup(10 << 24)).isEqualTo(1);
    }

    @Test
    void anEmptyTableHasNoRoute() {
        assertThat(fib.lookup(TEN)).isZero();
        assertThat(burst(fib, TEN, 0, -1)).containsOnly(0);
        assertThat(fib.routes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32})
    void aPrefixHoldsItsFirstAndLastAddressAndNoOther(int length) {
        int bits = length == 0 ? 0 : 0x6a6a6a6a & -1 << (32 - length);
        int last = length == 0 ? -1 : bits | (int) (0xffffffffL >>> length);
        fib.put(bits, length, 7);
        assertThat(burst(fib, bits, last)).containsExactly(7, 7);
        if (length > 0) {
            assertThat(burst(fib, bits - 1, last + 1)).containsExactly(0, 0);
        }
        assertThat(fib.get(bits, length)).isEqualTo(7);
        assertThat(fib.remove(bits, length)).isTrue();
        assertThat(burst(fib, bits, last)).containsExactly(0, 0);
        assertThat(fib.buckets()).isZero();
    }

    @Test
    void theLongestPrefixWinsInAnyOrderOfInsertion() {
        for (boolean upwards : new boolean[] {true, false}) {
            Fib4 table = new Fib4(readers);
            for (int i = 0; i <= 32; i++) {
                int length = upwards ? i : 32 - i;
                table.put(-1, length, length + 1);
            }
            for (int length = 0; length <= 31; length++) {
                int firstBitOff = ~(1 << (31 - length));
                assertThat(table.lookup(firstBitOff)).isEqualTo(length + 1);
            }
            assertThat(table.lookup(-1)).isEqualTo(33);
        }
    }

    @Test
    void aWithdrawnPrefixFallsBackToTheNextLessSpecific() {
        for (int length = 0; length <= 32; length++) {
            fib.put(-1, length, length + 1);
        }
        for (int length = 32; length >= 0; length--) {
            assertThat(fib.lookup(-1)).isEqualTo(length + 1);
            fib.remove(-1, length);
        }
        assertThat(fib.lookup(-1)).isZero();
        assertThat(fib.routes()).isZero();
        assertThat(fib.buckets()).isZero();
    }

    @Test
    void bitsBeyondTheLengthDoNotCount() {
        fib.put(TEN | 77, 8, 3);
        assertThat(fib.get(TEN, 8)).isEqualTo(3);
        assertThat(fib.remove(TEN | 99, 8)).isTrue();
        assertThat(fib.remove(TEN, 8)).isFalse();
    }

    @Test
    void nextHopsSideBySideChangeInPlace() {
        fib.put(TEN, 20, 1);
        for (int length : new int[] {22, 23, 24}) {
            fib.put(TEN, length, length);
        }
        fib.put(TEN, 22, 2);
        fib.remove(TEN, 23);
        fib.put(TEN, 21, 3); // the four that the /22 leaves
        assertThat(fib.waitingBuckets()).isZero();
        assertThat(burst(fib, TEN, TEN | 0x100, TEN | 0x3ff, TEN | 0x400, TEN | 0x800))
                .containsExactly(24, 2, 2, 3, 1);
        fib.put(TEN, 20, 6); // eight
        assertThat(fib.waitingBuckets()).isOne();
        fib.put(TEN | 0x200, 32, 4); // a slot that leads deeper
        fib.put(TEN, 22, 5);
        assertThat(fib.waitingBuckets()).isGreaterThan(1);
        assertThat(burst(fib, TEN, TEN | 0x1ff, TEN | 0x200, TEN | 0x201, TEN | 0xfff))
                .containsExactly(24, 5, 4, 5, 6);
    }

    @Test
    void largeNextHopsMoveTheTableToWideSlots() {
        fib.put(TEN, 24, 5);
        fib.put(TEN, 30, 6);
        fib.put(0x0b000000, 16, 1 << 24);
        assertThat(burst(fib, TEN | 255, TEN | 1, 0x0b000001)).containsExactly(5, 6, 1 << 24);
        fib.put(TEN, 26, 32_768);
        fib.put(TEN, 23, (1 << 27) - 1);
        assertThat(burst(fib, TEN | 5, TEN | 511)).containsExactly(32_768, (1 << 27) - 1);
    }

    @Test
    void moreThan32767BucketsOfTheFourthStrideAreToldApart() {
        int count = 40_000;
        IntStream.range(0, count).forEach(i -> fib.put(TEN | i << 8, 25, 1 + i % 100));
        assertThat(fib.buckets()).isGreaterThan(count);
        for (int i = 0; i < count; i++) {
            assertThat(fib.lookup(TEN | i << 8 | 3)).isEqualTo(1 + i % 100);
            assertThat(fib.lookup(TEN | i << 8 | 200)).isZero();
        }
    }

    @Test
    void argumentsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> fib.put(0, 33, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> fib.put(0, -1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> fib.put(0, 8, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fib.put(0, 8, 1 << 27))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fib.lookup(new int[4], 0, new int[3], 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void equalsTheObviousTableThroughRandomChanges(long seed) {
        Churn4 churn =
                new Churn4(
                        seed, seed % 2 == 0 ? 0 : 12, seed == 6 ? 1 << 20 : seed < 4 ? 200 : 500);
        SlowTable4 table = new SlowTable4();
        int[] addresses = new int[256];
        for (int step = 0; step < 20_000; step++) {
            Churn4.Change change = churn.next();
            change.applyTo(fib);
            change.applyTo(table);
            assertThat(fib.get(change.bits(), change.length())).isEqualTo(change.nextHop());
            assertThat(fib.routes()).isEqualTo(table.size());
            if (step % 20 == 0) {
                int size =
                        1L << (32 - change.length()) > 1 << 30
                                ? 1 << 30
                                : 1 << (32 - change.length());
                for (int i = 0; i < addresses.length; i++) {
                    int near = change.bits() + (i - 128) * Math.max(1, size >>> 6);
                    addresses[i] = i % 4 == 0 ? near : churn.address();
                }
                check(table, addresses);
            }
        }
    }

    private void check(SlowTable4 table, int... addresses) {
        int[] expected = IntStream.of(addresses).map(table::lookup).toArray();
        int[] single = IntStream.of(addresses).map(fib::lookup).toArray();
        assertThat(single).isEqualTo(expected);
        assertThat(burst(fib, addresses)).isEqualTo(expected);
    }

    private static int[] burst(Fib4 fib, int... addresses) {
        int[] nextHops = new int[addresses.length];
        fib.lookup(addresses, 0, nextHops, addresses.length);
        return nextHops;
    }
}
