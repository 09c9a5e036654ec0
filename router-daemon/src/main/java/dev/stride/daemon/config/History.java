package dev.stride.daemon.config;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last configurations that have run, in memory and in a directory where there is one: a file
/// each, so that they outlive the daemon. What cannot be written is said in the log and goes on in
/// memory alone: a full disk must not keep a router from its new configuration.
///
/// Not thread-safe: its owner lets one thread in at a time.
public final class History {
    private static final System.Logger LOG = System.getLogger("config");
    private static final int KEPT = 10;

    private final @Nullable Path directory;
    private final List<Generation> all; // by number, immutable elements
    private @Nullable Generation current;

    private History(@Nullable Path directory, List<Generation> all) {
        this.directory = directory;
        this.all = all;
    }

    /// Reads what is there.
    ///
    /// @param directory null: nothing is kept across restarts
    public static History open(@Nullable Path directory) {
        List<Generation> all = new ArrayList<>();
        if (directory != null) {
            try {
                Files.createDirectories(directory);
                read(directory, all);
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the history of configurations is lost at the next restart: {0}",
                        DurableFile.reason(e));
                return new History(null, all);
            }
        }
        all.sort(Comparator.comparingInt(Generation::number));
        return new History(directory, all);
    }

    private static void read(Path directory, List<Generation> all) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.conf")) {
            for (Path file : files) {
                try {
                    all.add(Generation.of(Files.readString(file)));
                } catch (IOException | IllegalArgumentException e) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "{0} is left out of the history: {1}",
                            file,
                            e.getMessage());
                }
            }
        }
    }

    /// All that are kept, the oldest first.
    public List<Generation> all() {
        return List.copyOf(all);
    }

    /// The one that runs; null before the first.
    public @Nullable Generation current() {
        return current;
    }

    /// The generation of a number.
    ///
    /// @return null where it is not kept
    public @Nullable Generation get(int number) {
        return all.stream().filter(each -> each.number() == number).findFirst().orElse(null);
    }

    /// The one before the current; null where there is none.
    public @Nullable Generation previous() {
        int at = current == null ? -1 : all.indexOf(current);
        return at <= 0 ? null : all.get(at - 1);
    }

    /// Notes that one of those that are kept runs again.
    public void back(Generation to) {
        current = to;
    }

    /// Notes that a configuration runs. One that says the same as the current one, or as the newest
    /// one after a start, is no new generation.
    public void add(String text, String cause) {
        Generation known = current == null && !all.isEmpty() ? all.getLast() : current;
        if (known != null && known.text().equals(text)) {
            current = known;
            return;
        }
        int number = all.isEmpty() ? 1 : all.getLast().number() + 1;
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Generation made = new Generation(number, now, cause, text);
        all.add(made);
        current = made;
        try {
            if (directory != null) {
                DurableFile.replace(file(directory, number), made.toFile());
            }
            while (all.size() > KEPT) {
                int oldest = all.removeFirst().number();
                if (directory != null) {
                    Files.deleteIfExists(file(directory, oldest));
                }
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "generation {0} of the configuration is not kept across restarts: {1}",
                    number,
                    DurableFile.reason(e));
        }
    }

    private static Path file(Path directory, int number) {
        return directory.resolve("%06d.conf".formatted(number));
    }
}
