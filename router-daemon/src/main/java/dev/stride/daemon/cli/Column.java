package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.function.Function;

/// A column of a table over what the daemon answers.
///
/// @param cell makes a row's text of its JSON
record Column(String title, Function<JsonNode, String> cell) {
    /// One whose text is the value of a key.
    static Column of(String title, String key) {
        return new Column(title, row -> Text.of(row, key));
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
