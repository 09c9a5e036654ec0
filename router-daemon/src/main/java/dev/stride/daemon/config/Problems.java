package dev.stride.daemon.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one reading found wrong, and the names of the files it came from. One thread.
final class Problems {
    /// Advice of the library that helps nobody here.
    private static final String RENAME_ADVICE =
            ", or you may be able to rename the file .properties rather than .conf";

    private final Path file;
    private final List<Problem> found = new ArrayList<>();

    /// @param file the configuration as the user named it
    Problems(Path file) {
        this.file = file;
    }

    void error(Place at, String message) {
        add(at, message, false);
    }

    void warn(Place at, String message) {
        add(at, message, true);
    }

    private void add(Place at, String message, boolean warning) {
        found.add(new Problem(at.file(), at.line(), oneLine(at.key()), oneLine(message), warning));
    }

    /// Keys and values may hold any character; a problem is one line on a terminal.
    private static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ");
    }

    boolean hasErrors() {
        return found.stream().anyMatch(problem -> !problem.warning());
    }

    /// In reading order: the main file first, each file by line.
    List<Problem> list() {
        Comparator<Problem> order =
                Comparator.comparing((Problem problem) -> !problem.file().equals(file.toString()))
                        .thenComparing(Problem::file)
                        .thenComparingInt(Problem::line);
        return found.stream().sorted(order).toList();
    }

    /// The place of the file as a whole.
    Place whole() {
        return new Place(file.toString(), 0, "");
    }

    /// The place that `origin` tells, or null where it knows no file, as for environment variables.
    @Nullable Place place(@Nullable ConfigOrigin origin, String key) {
        if (origin == null || origin.filename() == null) {
            return null;
        }
        return place(origin.filename(), Math.max(0, origin.lineNumber()), key);
    }

    /// A place in a file that is known by its absolute name.
    Place place(String absolute, int line, String key) {
        return new Place(shown(absolute), line, key);
    }

    /// Reports what the library says about syntax and substitutions, without its own "file: line:".
    void syntax(ConfigException e) {
        ConfigOrigin origin = e.origin();
        Place place = place(origin, "syntax");
        String message = String.valueOf(e.getMessage());
        if (origin != null && message.startsWith(origin.description() + ": ")) {
            message = message.substring(origin.description().length() + 2);
        }
        if (message.contains("end of file")) {
            message = "the file ends inside braces, brackets or a list of keys; close them";
        }
        message = message.replace(RENAME_ADVICE, "");
        Place whole = whole();
        error(place != null ? place : new Place(whole.file(), 0, "syntax"), message);
    }

    /// A file name for people: they wrote one relative to where they are, the library tells the
    /// absolute one.
    String shown(String absolute) {
        Path home = file.toAbsolutePath().getParent();
        Path other = Path.of(absolute);
        if (home == null || !other.startsWith(home)) {
            return absolute;
        }
        return file.resolveSibling(home.relativize(other)).toString();
    }
}
