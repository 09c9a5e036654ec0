package dev.stride.daemon.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/// `2026-01-31T12:00:00.123 INFO daemon: message`, and a stack trace only where an error has one.
public final class LineFormatter extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS", Locale.ROOT)
                    .withZone(ZoneId.systemDefault());

    @Override
    public String format(LogRecord record) {
        StringWriter out = new StringWriter();
        out.append(TIME.format(record.getInstant())).append(' ');
        out.append(String.format(Locale.ROOT, "%-5s ", word(record.getLevel())));
        out.append(component(record.getLoggerName())).append(": ");
        out.append(formatMessage(record)).append('\n');
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            thrown.printStackTrace(new PrintWriter(out, true));
        }
        return out.toString();
    }

    private static String word(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "WARN";
        }
        return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
    }

    /// The last part of a class name: libraries log under theirs, we under short ones.
    private static String component(String logger) {
        return logger == null ? "-" : logger.substring(logger.lastIndexOf('.') + 1);
    }
}
