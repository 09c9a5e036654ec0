package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// The cases of `problems.txt`: a file that is wrong, and each line that is said about it.
class ProblemsTest {
    private record Case(String name, String file, List<String> problems) {}

    @TempDir private Path directory;

    @TestFactory
    Stream<DynamicTest> everyProblemIsNamedWithItsPlaceAndItsMending() throws IOException {
        return cases().map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
    }

    private void check(Case expected) throws IOException {
        Path file = directory.resolve("problems.conf");
        Files.writeString(file, expected.file());
        ConfigReader.Result result = ConfigReader.read(file, Map.of("ENV", "70000"));
        List<String> said =
                result.problems().stream()
                        .map(problem -> problem.toString().replace(directory + "/", ""))
                        .toList();
        assertThat(said).isEqualTo(expected.problems());
        assertThat(result.isValid())
                .isEqualTo(result.problems().stream().allMatch(Problem::warning));
    }

    private static Stream<Case> cases() throws IOException {
        try (InputStream in = ProblemsTest.class.getResourceAsStream("problems.txt")) {
            byte[] bytes = Objects.requireNonNull(in, "problems.txt").readAllBytes();
            String[] cases = new String(bytes, StandardCharsets.UTF_8).split("(?m)^=== ");
            return Arrays.stream(cases).skip(1).map(ProblemsTest::parse);
        }
    }

    private static Case parse(String text) {
        int body = text.indexOf('\n') + 1;
        int end = text.indexOf("---\n", body);
        List<String> problems = text.substring(end + 4).strip().lines().toList();
        return new Case(text.substring(0, body - 1), text.substring(body, end), problems);
    }
}
