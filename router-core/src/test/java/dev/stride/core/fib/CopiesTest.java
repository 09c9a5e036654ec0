package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CopiesTest {
    @ParameterizedTest
    @CsvSource({"0, 10", "16383, 16384", "16384, 16385", "16385, 100000", "100000, 16385", "5, 0"})
    void areThoseOfArrays(int length, int wanted) {
        byte[] bytes = new byte[length];
        new SplittableRandom(1).nextBytes(bytes);
        assertThat(Copies.of(bytes, wanted)).isEqualTo(Arrays.copyOf(bytes, wanted));
        char[] chars = new String(bytes, StandardCharsets.ISO_8859_1).toCharArray();
        assertThat(Copies.of(chars, wanted)).isEqualTo(Arrays.copyOf(chars, wanted));
        int[] ints = new SplittableRandom(2).ints(length).toArray();
        assertThat(Copies.of(ints, wanted)).isEqualTo(Arrays.copyOf(ints, wanted));
        long[] longs = new SplittableRandom(3).longs(length).toArray();
        assertThat(Copies.of(longs, wanted)).isEqualTo(Arrays.copyOf(longs, wanted));
    }
}
