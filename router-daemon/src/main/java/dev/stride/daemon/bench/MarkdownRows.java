package dev.stride.daemon.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Rows as Markdown tables, for documents: lookups with a column for each trace, and one line for
/// everything else.
public final class MarkdownRows {
    private MarkdownRows() {}

    /// The lines of the tables; medians alone.
    public static List<String> of(List<BenchRow> rows) {
        Map<String, Map<String, BenchRow>> lookups = new LinkedHashMap<>();
        List<BenchRow> others = new ArrayList<>();
        for (BenchRow row : rows) {
            if (Trace.NAMES.contains(row.trace()) && !row.mode().startsWith("lookups")) {
                String key = "| " + row.structure() + " | " + row.mode() + " |";
                lookups.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(row.trace(), row);
            } else {
                others.add(row);
            }
        }
        List<String> lines = new ArrayList<>();
        if (!lookups.isEmpty()) {
            lines.add("| millions/s | mode | " + String.join(" | ", Trace.NAMES) + " |");
            lines.add("|---|---|" + "---|".repeat(Trace.NAMES.size()));
            lookups.forEach((key, byTrace) -> lines.add(key + cells(byTrace)));
        }
        if (!others.isEmpty()) {
            lines.add("");
            lines.add("| structure | trace | mode | median |");
            lines.add("|---|---|---|---|");
            for (BenchRow row : others) {
                lines.add(
                        String.format(
                                Locale.ROOT,
                                "| %s | %s | %s | %.2f |",
                                row.structure(),
                                row.trace(),
                                row.mode(),
                                row.median()));
            }
        }
        return lines;
    }

    private static String cells(Map<String, BenchRow> byTrace) {
        StringBuilder cells = new StringBuilder();
        for (String trace : Trace.NAMES) {
            BenchRow row = byTrace.get(trace);
            cells.append(row == null ? " |" : String.format(Locale.ROOT, " %.0f |", row.median()));
        }
        return cells.toString();
    }
}
