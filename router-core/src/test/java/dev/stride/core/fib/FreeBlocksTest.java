package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FreeBlocksTest {
    private static final int UNIT = FreeBlocks.UNIT;
    private static final int UNITS = 2_000;

    private final int[] memory = new int[(1 + UNITS) * UNIT]; // nothing begins at 0
    private final FreeBlocks free = new FreeBlocks();

    FreeBlocksTest() {
        free.add(memory, UNIT, UNITS);
    }

    /// What is taken is nobody else's, and when all came back it is one block again.
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 700 * UNIT})
    void blocksOfAnyLengthServeEachOther(int limit) {
        SplittableRandom random = new SplittableRandom(5);
        TreeMap<Integer, Integer> taken = new TreeMap<>();
        free.limit(memory, limit);
        for (int i = 0; i < 50_000; i++) {
            int units = 1 + random.nextInt(63);
            int place = random.nextBoolean() ? free.take(memory, units) : 0;
            if (place != 0) {
                Arrays.fill(memory, place, place + units * UNIT, i);
                taken.put(place, units);
            } else if (!taken.isEmpty()) {
                Map.Entry<Integer, Integer> entry = taken.higherEntry(random.nextInt(UNITS * UNIT));
                Map.Entry<Integer, Integer> back = entry == null ? taken.firstEntry() : entry;
                checkUntouched(back.getKey(), back.getValue());
                taken.remove(back.getKey());
                free.add(memory, back.getKey(), back.getValue());
            }
            int used = taken.values().stream().mapToInt(Integer::intValue).sum();
            assertThat(free.words()).isEqualTo((UNITS - used) * UNIT);
        }
        taken.forEach((place, units) -> free.add(memory, place, units));
        assertThat(free.takeEnd(memory)).isEqualTo(UNIT);
        assertThat(free.words()).isZero();
    }

    private void checkUntouched(int place, int units) {
        for (int word = place; word < place + units * UNIT; word++) {
            assertThat(memory[word]).isEqualTo(memory[place]);
        }
    }

    @Test
    void belowTheLimitIsPreferred() {
        for (int i = 0; i < UNITS / 10; i++) {
            assertThat(free.take(memory, 10)).isEqualTo((1 + 10 * i) * UNIT);
        }
        assertThat(free.take(memory, 1)).isZero();
        free.add(memory, 101 * UNIT, 10);
        free.add(memory, 501 * UNIT, 10);
        free.limit(memory, 400 * UNIT);
        assertThat(free.takeBelow(memory, 6)).isEqualTo(101 * UNIT);
        assertThat(free.takeBelow(memory, 6)).isZero();
        assertThat(free.take(memory, 6)).isEqualTo(501 * UNIT);
        assertThat(free.take(memory, 4)).isEqualTo(107 * UNIT);
    }
}
