package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a file holds, reading it ends in a configuration or in errors, never in an exception.
class MangledConfigTest {
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\"\"\"",
        "=",
        ":",
        "+=",
        ",",
        "#",
        "//",
        "${",
        "${?",
        "}",
        "null",
        "\\",
        "\n",
        "include ",
        "include \"x\"",
        ".",
        "..",
        "0",
        "-1",
        "1e400",
        "99999999999999999999",
        "true",
        "ns",
        "${stride}",
        "${?stride.ports}",
        "${stride.ports.lan}",
        "::",
        "/",
        "\0",
        "\u2028",
        "\ud83d\ude00",
        "stride",
        "ports",
        "routes",
        "via",
        "[[",
        "{}",
        "[]",
        "$",
        "%",
        "file("
    };

    @org.junit.jupiter.api.io.TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neverThrows(long seed) throws IOException {
        String whole =
                Files.readString(Path.of("../conf/stride.conf"))
                        .replaceAll("(?m)^( *)#(?=[a-z{}])", "$1")
                        .replaceAll("(?m)^ *#.*\n|^ *\n", "");
        Random random = new Random(seed);
        Path file = directory.resolve("mangled.conf");
        for (int i = 0; i < 150; i++) {
            String text = mangle(whole, random);
            Files.write(file, text.getBytes(StandardCharsets.UTF_8));
            ConfigReader.Result result = ConfigReader.read(file, Map.of());
            boolean errors = result.problems().stream().anyMatch(problem -> !problem.warning());
            assertThat(errors)
                    .as("seed %d, round %d: %s", seed, i, text)
                    .isNotEqualTo(result.isValid());
            assertThat(result.problems())
                    .allSatisfy(
                            problem -> {
                                assertThat(problem.file()).isEqualTo(file.toString());
                                assertThat(problem.message()).isNotBlank();
                                assertThat(problem.toString()).doesNotContain("\n");
                            });
        }
    }

    private static String mangle(String whole, Random random) {
        StringBuilder text = new StringBuilder(whole);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + random.nextInt(12));
            switch (random.nextInt(5)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                case 2 -> text.replace(at, end, PIECES[random.nextInt(PIECES.length)]);
                case 3 -> text.insert(random.nextInt(text.length()), text.substring(at, end));
                default -> text.setCharAt(at, (char) random.nextInt(128));
            }
        }
        return text.toString();
    }
}
