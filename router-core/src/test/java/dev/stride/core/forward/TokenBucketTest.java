package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000;

    /// Tokens that are there at `from` and every millisecond for a second.
    private static long taken(TokenBucket bucket, long from) {
        return LongStream.range(0, 1000).filter(i -> bucket.take(from + i * 1_000_000)).count();
    }

    @Test
    void burstThenRate() {
        TokenBucket bucket = new TokenBucket(100, 50);
        assertThat(taken(bucket, 0)).isBetween(148L, 150L);
        assertThat(taken(bucket, SECOND)).isBetween(99L, 101L);
        assertThat(taken(bucket, 100 * SECOND)).isBetween(148L, 150L);
    }

    @Test
    void noRateIsNeverNotEvenAtFirst() {
        TokenBucket bucket = new TokenBucket(0, 50);
        assertThat(taken(bucket, 0)).isZero();
        bucket.limit(100, 50);
        assertThat(taken(bucket, SECOND)).isBetween(99L, 101L);
        bucket.limit(0, 50);
        assertThat(taken(bucket, 2 * SECOND)).isZero();
    }
}
