package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Buckets6Test {
    private final Buckets6 buckets = new Buckets6(new Quiescence());

    private static int[] slots(int runs) {
        int[] slots = new int[256];
        Arrays.setAll(slots, i -> 1 + Math.min(i, runs - 1));
        return slots;
    }

    private void check(int place, int[] slots, boolean dense) {
        int[] decoded = new int[256];
        buckets.decode(place, decoded);
        assertThat(decoded).isEqualTo(slots);
        for (int slot = 0; slot < 256; slot++) {
            assertThat(buckets.get(place, slot)).isEqualTo(slots[slot]);
        }
        assertThat(Buckets6.words(buckets.published())[place] < 0).isEqualTo(dense);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatGoesInComesOut(boolean dense) {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 2_000; i++) {
            int[] slots = new int[256];
            int different = 1 + random.nextInt(i % 2 == 0 ? 4 : 300);
            for (int slot = 0; slot < 256; slot++) {
                boolean same = slot > 0 && random.nextInt(8) < i % 8;
                slots[slot] = same ? slots[slot - 1] : random.nextInt(different);
            }
            int place = buckets.allocate(slots, i, dense);
            check(place, slots, dense);
            assertThat(buckets.node(place)).isEqualTo(i);
        }
        assertThat(buckets.used()).isEqualTo(2_000);
    }

    /// The last bucket in memory has no words behind it that a longer one could be compared with.
    @Test
    void theLastBucketInMemoryGetsMoreRuns() {
        buckets.allocate(slots(3), 0, false); // two units; the others fill the rest exactly
        int end = Buckets6.words(buckets.published()).length;
        int last = 0;
        for (int i = 0; last + 16 < end; i++) {
            last = buckets.allocate(slots(3), i, false);
        }
        assertThat(last + 16).isEqualTo(end).isEqualTo(Buckets6.words(buckets.published()).length);
        int longer = buckets.replace(last, slots(200));
        check(longer, slots(200), false);
    }

    @Test
    void oneValueChangesInPlace() {
        int[] slots = slots(5);
        int place = buckets.allocate(slots, 7, false);
        slots[2] = 99;
        assertThat(buckets.replace(place, slots)).isEqualTo(place);
        check(place, slots, false);
        slots[200] = 98; // a run of its own
        int moved = buckets.replace(place, slots);
        assertThat(moved).isNotEqualTo(place);
        check(moved, slots, false);
        assertThat(buckets.node(moved)).isEqualTo(7);
        assertThat(buckets.waiting()).isEqualTo(1);
    }

    @Test
    void slotsThatChangedOnceChangeInPlaceUntilTheyAreMerged() {
        int[] slots = slots(5);
        int split = buckets.replace(buckets.allocate(slots, 7, false), 100, 108, 4);
        Arrays.fill(slots, 100, 108, 4);
        check(split, slots, false);
        assertThat(buckets.replace(split, 100, 108, 5)).isEqualTo(split); // as those around them
        check(split, slots(5), false);
        assertThat(buckets.replace(split, 100, 108, 6)).isEqualTo(split);
        assertThat(buckets.merge(split)).isEqualTo(split); // nothing to merge
        assertThat(buckets.replace(split, 100, 107, 5)).isNotEqualTo(split);
        assertThat(buckets.replace(split, 100, 108, 5)).isEqualTo(split);
        int merged = buckets.merge(split);
        assertThat(merged).isNotEqualTo(split);
        check(merged, slots(5), false);
        assertThat(buckets.node(merged)).isEqualTo(7);
    }
}
