package dev.stride.daemon.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// Columns for people: as wide as their widest cell, numbers to the right.
///
/// Long tables are printed in parts. Widths and alignment follow the first part; a later cell that
/// is wider widens its column from there on.
final class Table {
    private static final String GAP = "  ";

    private final List<String[]> rows = new ArrayList<>();
    private final int[] widths;
    private final boolean[] numbers;
    private boolean begun;

    Table(String... head) {
        widths = new int[head.length];
        numbers = new boolean[head.length];
        rows.add(head);
    }

    void row(String... cells) {
        rows.add(cells);
    }

    /// Prints the rows since the last time, under the head the first time.
    void print(PrintWriter out) {
        for (int i = 0; i < widths.length; i++) {
            measure(i);
        }
        begun = true;
        StringBuilder text = new StringBuilder(); // one write, however many rows
        rows.forEach(row -> text.append(line(row)).append(System.lineSeparator()));
        rows.clear();
        out.print(text);
        out.flush();
    }

    private void measure(int column) {
        for (String[] row : rows) {
            widths[column] = Math.max(widths[column], row[column].length());
        }
        if (!begun) {
            numbers[column] = isNumbers(column);
        }
    }

    private boolean isNumbers(int column) {
        List<String> cells = rows.stream().skip(1).map(row -> row[column]).toList();
        return cells.stream().allMatch(cell -> cell.matches("-|[0-9.]+%?"))
                && cells.stream().anyMatch(cell -> !cell.equals("-"));
    }

    private String line(String[] row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String pad = " ".repeat(widths[i] - row[i].length());
            line.append(i == 0 ? "" : GAP);
            line.append(numbers[i] ? pad + row[i] : row[i] + pad);
        }
        return line.toString().stripTrailing();
    }
}
