package dev.stride.daemon.bench;

import java.util.Arrays;

/// Ranks from 0 on with different weights; by Zipf's law rank i is drawn in proportion to 1 / (i +
/// 1).
final class Weighted {
    private final double[] cumulated;

    Weighted(int ranks) {
        this(weights(ranks));
    }

    private static double[] weights(int ranks) {
        double[] weights = new double[ranks];
        Arrays.setAll(weights, i -> 1.0 / (i + 1));
        return weights;
    }

    /// Ranks with these weights.
    Weighted(double[] weights) {
        cumulated = weights.clone();
        Arrays.parallelPrefix(cumulated, Double::sum);
    }

    int draw(Draws draws) {
        int found = Arrays.binarySearch(cumulated, draws.unit() * cumulated[cumulated.length - 1]);
        return found >= 0 ? found : Math.min(-found - 1, cumulated.length - 1);
    }
}
