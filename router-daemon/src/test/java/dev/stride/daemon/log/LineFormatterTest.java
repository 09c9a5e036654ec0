package dev.stride.daemon.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineFormatterTest {
    private static LogRecord record(Level level, String logger, String message) {
        LogRecord record = new LogRecord(level, message);
        record.setLoggerName(logger);
        record.setInstant(Instant.parse("2026-01-31T12:00:00.123456Z"));
        return record;
    }

    @ParameterizedTest
    @CsvSource({
        "SEVERE, api, 'ERROR api: text\n'",
        "WARNING, api, 'WARN  api: text\n'",
        "INFO, io.netty.channel.Bootstrap, 'INFO  Bootstrap: text\n'",
        "FINE, , 'DEBUG -: text\n'"
    })
    void lineHasTimeLevelComponentAndMessage(String level, String logger, String rest) {
        String line = new LineFormatter().format(record(Level.parse(level), logger, "text"));
        assertThat(line).matches("2026-01-3[01]T[0-9:]{8}\\.123 (?s:.*)").endsWith(" " + rest);
    }

    @Test
    void placeholdersAreFilled() {
        LogRecord record = record(Level.INFO, "api", "port {0} is {1}");
        record.setParameters(new Object[] {"lan", "up"});
        assertThat(new LineFormatter().format(record)).endsWith("api: port lan is up\n");
    }

    @Test
    void traceOnlyWhereThereIsAnException() {
        LogRecord record = record(Level.SEVERE, "api", "text");
        assertThat(new LineFormatter().format(record).lines()).hasSize(1);
        record.setThrown(new IllegalStateException("why"));
        assertThat(new LineFormatter().format(record).lines())
                .hasSizeGreaterThan(1)
                .anyMatch(line -> line.contains("IllegalStateException: why"));
    }
}
