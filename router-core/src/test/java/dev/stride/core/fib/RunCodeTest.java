package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RunCodeTest {
    private static final int PLACE = 24;

    private final RunCode code = new RunCode();

    /// The words of a bucket, as an array of buckets has them.
    private int[] bucket(int[] slots, boolean split) {
        int length = code.encode(slots, split);
        int[] words = new int[PLACE + length];
        System.arraycopy(code.words, 0, words, PLACE, length);
        return words;
    }

    private static int[] slots(SplittableRandom random, int longest) {
        int[] slots = new int[Buckets6.SLOTS];
        for (int slot = 0; slot < slots.length; slot++) {
            boolean same = slot > 0 && random.nextInt(longest) > 0;
            slots[slot] = same ? slots[slot - 1] : random.nextInt(4);
        }
        return slots;
    }

    @Test
    void aSpliceChangesTheseSlotsAndMakesThemOneRun() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 20_000; i++) {
            int[] slots = slots(random, 1 + i % 60);
            int[] old = bucket(slots, false);
            int from = random.nextInt(8) == 0 ? 0 : random.nextInt(256);
            int to = random.nextInt(8) == 0 ? 256 : random.nextInt(from, 256) + 1;
            int value = random.nextInt(5);
            int length = code.splice(old, PLACE, from, to, value);
            int[] spliced = Arrays.copyOf(code.words, length);
            Arrays.fill(slots, from, to, value);
            for (int slot = 0; slot < slots.length; slot++) {
                assertThat(Buckets6.inRuns(spliced, 0, slot)).isEqualTo(slots[slot]);
            }
            assertThat(begins(spliced, from)).isTrue();
            assertThat(Buckets6.run(spliced, 0, to - 1)).isEqualTo(Buckets6.run(spliced, 0, from));
            assertThat(to == 256 || begins(spliced, to)).isTrue();
            int more = length - code.encode(slots, false); // where values on either side are equal
            assertThat(more).isBetween(0, 2);
        }
    }

    private static boolean begins(int[] words, int slot) {
        return slot == 0 || Buckets6.run(words, 0, slot) != Buckets6.run(words, 0, slot - 1);
    }

    @Test
    void aSpliceOfSplitRunsKeepsTheOthersSplit() {
        int[] slots = new int[Buckets6.SLOTS];
        int[] old = bucket(slots, true);
        assertThat(old).hasSize(PLACE + Buckets6.VALUES + 256);
        int length = code.splice(old, PLACE, 8, 16, 1);
        assertThat(length).isEqualTo(Buckets6.VALUES + 256 - 7);
        int[] words = Arrays.copyOf(code.words, length);
        for (int slot = 0; slot < 256; slot++) {
            assertThat(Buckets6.inRuns(words, 0, slot)).isEqualTo(slot >>> 3 == 1 ? 1 : 0);
        }
    }
}
