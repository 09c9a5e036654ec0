package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A column of a table over what the daemon answers.
///
/// @param cell makes a row's text of its JSON
/// @param usual the text that says nothing where all rows have it, so that the column may be left
///   out; null if each says something
record Column(String title, Function<JsonNode, String> cell, @Nullable String usual) {
    Column(String title, Function<JsonNode, String> cell) {
        this(title, cell, null);
    }

    /// One whose text is the value of a key.
    static Column of(String title, String key) {
        return new Column(title, row -> Text.of(row, key));
    }

    /// The same, which may be left out where all rows have that text.
    Column usually(String text) {
        return new Column(title, cell, text);
    }

    /// Those of the columns that say something about the rows.
    static Column[] telling(JsonNode rows, Column... columns) {
        return Arrays.stream(columns)
                .filter(each -> each.usual == null || each.isUnusual(rows))
                .toArray(Column[]::new);
    }

    private boolean isUnusual(JsonNode rows) {
        return rows.valueStream().anyMatch(row -> !cell.apply(row).equals(usual));
    }

    /// A table with these columns and no rows.
    static Table table(Column... columns) {
        return new Table(Arrays.stream(columns).map(Column::title).toArray(String[]::new));
    }

    /// Adds a row to a table that has these columns.
    static void row(Table table, JsonNode row, Column... columns) {
        table.row(
                Arrays.stream(columns)
                        .map(column -> column.cell.apply(row))
                        .toArray(String[]::new));
    }
}
