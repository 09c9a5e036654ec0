package dev.stride.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes live changes into the configuration: into a file of their own, `stride.live.conf` beside
/// `stride.conf`, which the configuration includes by a line at its end. All else in it stays as
/// people wrote it. Both files are put in place whole or not at all, the included one first.
public final class LiveSave {
    private LiveSave() {}

    /// Saves changes.
    ///
    /// @return the file that they are in
    /// @throws IllegalArgumentException when the configuration would be wrong with them; then
    ///   nothing is written
    /// @throws IOException when a file cannot be written; then it is as it was
    public static Path save(Path config, LiveChanges changes) throws IOException {
        Path main = config.toAbsolutePath().normalize();
        String name = main.getFileName().toString().replaceFirst("\\.conf$", "") + ".live.conf";
        Path live = main.resolveSibling(name);
        String liveText = before(live).with(changes).render();
        String text = Files.readString(main);
        boolean included =
                Pattern.compile("(?m)^\\s*include\\b.*" + Pattern.quote(name)).matcher(text).find();
        Map<Path, String> written = new LinkedHashMap<>();
        written.put(live, liveText);
        if (!included) {
            String end = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
            written.put(
                    main,
                    text + end + "\n# What \"stride save\" keeps.\ninclude \"" + name + "\"\n");
        }
        check(config, written, changes);
        for (Map.Entry<Path, String> each : written.entrySet()) {
            DurableFile.replace(each.getKey(), each.getValue());
        }
        return live;
    }

    private static LiveFile before(Path live) throws IOException {
        if (!Files.exists(live)) {
            return LiveFile.EMPTY;
        }
        try {
            return LiveFile.parse(Files.readString(live));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    live + ": " + e.getMessage() + "; move that into the configuration", e);
        }
    }

    /// Reads the configuration as it would be.
    private static void check(Path config, Map<Path, String> written, LiveChanges changes) {
        ConfigReader.Result result = ConfigReader.read(config, written, System.getenv());
        RouterConfig read = result.config();
        if (read == null) {
            List<Problem> problems = result.problems();
            throw new IllegalArgumentException(
                    "the configuration would be wrong with the live changes:\n"
                            + problems.stream()
                                    .filter(problem -> !problem.warning())
                                    .map(Problem::toString)
                                    .collect(Collectors.joining("\n")));
        }
        LiveChanges left = changes.beyond(read);
        if (!left.isEmpty()) {
            throw new IllegalArgumentException(
                    "the configuration says otherwise behind what would be saved; change it there:\n"
                            + String.join("\n", LiveChanges.NONE.linesTo(left)));
        }
    }
}
