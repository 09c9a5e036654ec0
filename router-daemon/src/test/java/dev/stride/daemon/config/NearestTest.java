package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> KNOWN =
            Arrays.asList("workers", "cpus", "mtu", "mac", "errors-per-second", "echo-burst");

    @ParameterizedTest
    @CsvSource({
        "worker, workers",
        "wrokers, workers",
        "Workers, workers",
        "cpu, cpus",
        "mut, mtu",
        "maac, mac",
        "errors, errors-per-second",
        "errors_per_second, errors-per-second",
        "colour,",
        "x,",
        "'',"
    })
    void fewestEditsWin(String name, String nearest) {
        assertThat(Nearest.of(name, KNOWN)).isEqualTo(nearest);
    }

    @ParameterizedTest
    @CsvSource({
        "abc, abc, 0",
        "abc, ab, 1",
        "ab, abc, 1",
        "abc, axc, 1",
        "abc, acb, 1",
        "'', abc, 3",
        "kitten, sitting, 3"
    })
    void editsAreInsertDeleteReplaceSwap(String a, String b, int edits) {
        assertThat(Nearest.edits(a, b)).isEqualTo(edits);
    }
}
