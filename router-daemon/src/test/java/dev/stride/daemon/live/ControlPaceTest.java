package dev.stride.daemon.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ControlPaceTest {
    private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(3); // overflows

    private static void lookUntil(ControlPace pace, long from, long to) {
        for (long now = from; now - to < 0; now += pace.pause(now)) {
            assertThat(pace.isDue(now)).isTrue();
            pace.looks(now);
        }
    }

    @Test
    void looksOftenWhileSomethingGoesOnAndSeldomLater() {
        ControlPace pace = new ControlPace(START);
        assertThat(pace.isDue(START)).isTrue();
        pace.looks(START);
        assertThat(pace.isDue(START + ControlPace.BUSY - 1)).isFalse();
        assertThat(pace.pause(START)).isEqualTo(ControlPace.BUSY);

        long later = START + TimeUnit.SECONDS.toNanos(6);
        pace.looks(later);
        assertThat(pace.pause(later)).isEqualTo(ControlPace.IDLE);

        pace.worked(later + 1); // it need not wait for the look that was planned
        assertThat(pace.pause(later + 1)).isEqualTo(ControlPace.BUSY);
    }

    @Test
    void workAllTheTimeDoesNotPutTheLookOff() {
        ControlPace pace = new ControlPace(START);
        pace.looks(START);
        long now = START;
        for (; !pace.isDue(now); now += 1_000_000) {
            pace.worked(now);
        }
        assertThat(now - START).isEqualTo(ControlPace.BUSY);
        lookUntil(pace, now, now + TimeUnit.SECONDS.toNanos(20));
    }

    @Test
    void looksWhenSomethingIsDueAndNotMoreOftenThanWhenBusy() {
        long later = START + TimeUnit.SECONDS.toNanos(6);
        ControlPace pace = new ControlPace(START);
        pace.looks(later);
        pace.lookWithin(later, Long.MAX_VALUE);
        assertThat(pace.pause(later)).isEqualTo(ControlPace.IDLE);
        pace.lookWithin(later, ControlPace.IDLE / 2);
        assertThat(pace.pause(later)).isEqualTo(ControlPace.IDLE / 2);
        pace.lookWithin(later, 1);
        assertThat(pace.pause(later)).isEqualTo(ControlPace.BUSY);
    }
}
