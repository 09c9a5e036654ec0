package dev.stride.io.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.packet.Burst;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long PAUSE = 40_000;

    private final Pace pace = new Pace(PAUSE);
    private long now;

    /// Whether a pause is due after 5 ms of packets, so many a round and a round every 10 us.
    private boolean afterRoundsOf(int packets) {
        for (int i = 0; i < 500; i++) {
            now += 10_000;
            boolean _ = pace.isPauseDue(packets, now);
        }
        return pace.isPauseDue(packets, now);
    }

    @Test
    void pausesWhereSmallBurstsFollowEachOther() {
        assertThat(afterRoundsOf(5)).isTrue(); // 500,000 a second: 20 in a pause
        assertThat(pace.isPauseDue(0, now)).isTrue();
    }

    @Test
    void goesOnWhereFewComeOrBurstsAreLarge() {
        assertThat(afterRoundsOf(4)).isFalse();
        assertThat(afterRoundsOf(Burst.SIZE / 2)).isFalse();
    }

    @Test
    void forgetsASpeedThatIsOver() {
        assertThat(afterRoundsOf(5)).isTrue();
        assertThat(afterRoundsOf(0)).isFalse();
    }

    @Test
    void neverPausesWithoutASetting() {
        Pace never = new Pace(0);
        for (int i = 0; i < 500; i++) {
            now += 10_000;
            assertThat(never.isPauseDue(5, now)).isFalse();
        }
    }
}
