package dev.stride.daemon.bench;

import java.util.Arrays;

/// Ranks from 0 on, of which rank i is drawn in proportion to 1 / (i + 1).
final class Zipf {
    private final double[] cumulated;

    Zipf(int ranks) {
        cumulated = new double[ranks];
        double sum = 0;
        for (int i = 0; i < ranks; i++) {
            sum += 1.0 / (i + 1);
            cumulated[i] = sum;
        }
    }

    int draw(Draws draws) {
        int found = Arrays.binarySearch(cumulated, draws.unit() * cumulated[cumulated.length - 1]);
        return found >= 0 ? found : Math.min(-found - 1, cumulated.length - 1);
    }
}
