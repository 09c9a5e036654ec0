package dev.stride.daemon.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Option of commands about one routing table.
final class TableOption {
    @Option(names = "--table", paramLabel = "TABLE", description = "a routing table, by its name")
    @Nullable String table;

    /// The request with the table that was asked for, if one was.
    ObjectNode in(ObjectNode request) {
        return table == null ? request : request.put("table", table);
    }
}
