package dev.stride.daemon.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What another program measured, to be shown beside our rows: lines of
/// `LOOKUP,structure,pages,trace,mode,median,min,max` in million lookups a second. Other lines are
/// skipped.
public final class PeerRows {
    private static final int FIELDS = 8;

    private PeerRows() {}

    /// @throws IOException when the file cannot be read or such a line has no numbers
    public static List<BenchRow> read(Path file) throws IOException {
        List<BenchRow> rows = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String[] fields = line.split(",", -1);
            if (!fields[0].equals("LOOKUP")) {
                continue;
            }
            try {
                rows.add(row(fields));
            } catch (RuntimeException e) {
                throw new IOException(
                        file + ":" + number + ": not LOOKUP and " + (FIELDS - 1) + " fields", e);
            }
        }
        return rows;
    }

    private static BenchRow row(String[] fields) {
        return new BenchRow(
                fields[1] + ", pages " + fields[2],
                fields[3],
                fields[4],
                Double.parseDouble(fields[5]),
                Double.parseDouble(fields[6]),
                Double.parseDouble(fields[FIELDS - 1]));
    }

    /// The best of ours by the best of theirs for each trace that both have, as `trace: ours /
    /// theirs = ratio`.
    public static List<String> ratios(List<BenchRow> ours, List<BenchRow> theirs) {
        List<String> ratios = new ArrayList<>();
        for (String trace : Trace.NAMES) {
            double our = best(ours, trace);
            double their = best(theirs, trace);
            if (our > 0 && their > 0) {
                ratios.add("%s: %.0f / %.0f = %.2f".formatted(trace, our, their, our / their));
            }
        }
        return ratios;
    }

    private static double best(List<BenchRow> rows, String trace) {
        return rows.stream()
                .filter(row -> row.trace().equals(trace))
                .mapToDouble(BenchRow::median)
                .max()
                .orElse(0);
    }
}
