package dev.stride.daemon.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerWatchTest {
    private static final long SECOND = 1_000_000_000;

    private long rounds = 1;
    private long busyNanos;
    private long now;
    private final WorkerWatch watch =
            new WorkerWatch(
                    List.of(new WorkerWatch.Watched("worker-0", () -> rounds, () -> busyNanos)), 0);

    private void secondPasses() {
        now += SECOND;
        assertThat(watch.look(now)).isTrue();
    }

    @Test
    void looksOnceASecond() {
        assertThat(watch.look(SECOND - 1)).isFalse();
        assertThat(watch.look(SECOND)).isTrue();
        assertThat(watch.look(SECOND + 1)).isFalse();
    }

    @Test
    void ratioIsOfTheLastSecond() {
        busyNanos = SECOND / 4;
        secondPasses();
        assertThat(watch.busyRatio(0)).isEqualTo(0.25);
        busyNanos += SECOND / 2;
        secondPasses();
        assertThat(watch.busyRatio(0)).isEqualTo(0.5);
        secondPasses();
        assertThat(watch.busyRatio(0)).isZero();
    }

    @Test
    void ratioOfALongerWaitIsOverThatWait() {
        busyNanos = SECOND;
        assertThat(watch.look(4 * SECOND)).isTrue();
        assertThat(watch.busyRatio(0)).isEqualTo(0.25);
    }

    @Test
    void workerThatStandsStillHangsUntilItMoves() {
        secondPasses();
        for (int i = 0; i < 4; i++) {
            secondPasses();
            assertThat(watch.isAlive()).isTrue();
        }
        secondPasses();
        assertThat(watch.isAlive()).isFalse();
        rounds++;
        secondPasses();
        assertThat(watch.isAlive()).isTrue();
    }

    @Test
    void processThatWasStoppedIsNoHangingWorker() {
        secondPasses();
        now += 3600 * SECOND;
        secondPasses();
        assertThat(watch.isAlive()).isTrue();
    }

    @Test
    void workerThatHasNotBegunDoesNotHang() {
        rounds = 0;
        for (int i = 0; i < 20; i++) {
            secondPasses();
        }
        assertThat(watch.isAlive()).isTrue();
    }
}
