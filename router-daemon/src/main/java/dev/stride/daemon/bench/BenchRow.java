package dev.stride.daemon.bench;

import java.util.Arrays;

/// One measurement: millions a second, or what the mode says.
///
/// @param trace which addresses or changes
/// @param mode how they were asked for
public record BenchRow(
        String structure, String trace, String mode, double median, double min, double max) {

    static BenchRow of(String structure, String trace, String mode, double... runs) {
        double[] sorted = runs.clone();
        Arrays.sort(sorted);
        return new BenchRow(
                structure,
                trace,
                mode,
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1]);
    }
}
