package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    @TempDir private Path directory;

    private static int currentOf(History history) {
        return Objects.requireNonNull(history.current()).number();
    }

    private static List<Integer> numbers(History history) {
        return history.all().stream().map(Generation::number).toList();
    }

    @Test
    void lastTenOutliveTheDaemon() {
        History history = History.open(directory);
        for (int i = 1; i <= 12; i++) {
            history.add("text " + i + "\n", "reload of a, b and c");
        }
        History later = History.open(directory);
        assertThat(later.all()).isEqualTo(history.all());
        assertThat(numbers(later))
                .containsExactlyElementsOf(IntStream.range(3, 13).boxed().toList());
        assertThat(later.all().getFirst().text()).isEqualTo("text 3\n");
        assertThat(later.all().getFirst().cause()).isEqualTo("reload of a, b and c");
    }

    @Test
    void theSameTextIsNoNewGeneration() {
        History history = History.open(directory);
        history.add("a", "start of the daemon");
        history.add("a", "reload");
        assertThat(numbers(history)).containsExactly(1);
        History later = History.open(directory);
        later.add("a", "start of the daemon");
        assertThat(numbers(later)).containsExactly(1);
        assertThat(currentOf(later)).isEqualTo(1);
        later.add("b", "reload");
        later.add("a", "reload");
        assertThat(numbers(later)).containsExactly(1, 2, 3);
    }

    @Test
    void goingBackGoesOneFurtherEachTime() {
        History history = History.open(null);
        List.of("a", "b", "c").forEach(text -> history.add(text, "reload"));
        history.back(Objects.requireNonNull(history.previous()));
        assertThat(currentOf(history)).isEqualTo(2);
        history.back(Objects.requireNonNull(history.previous()));
        assertThat(currentOf(history)).isEqualTo(1);
        assertThat(history.previous()).isNull();
        history.back(Objects.requireNonNull(history.get(3)));
        assertThat(currentOf(history)).isEqualTo(3);
    }

    @Test
    void strangeFilesAreLeftOut() throws IOException {
        History.open(directory).add("a", "start");
        Files.writeString(directory.resolve("x.conf"), "stride {}");
        Files.writeString(directory.resolve("y.conf"), "");
        Files.write(directory.resolve("z.conf"), new byte[] {(byte) 0xff});
        assertThat(numbers(History.open(directory))).containsExactly(1);
    }

    @Test
    void withoutADirectoryItIsInMemory() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        History history = History.open(file);
        history.add("a", "start");
        history.add("b", "reload");
        assertThat(Objects.requireNonNull(history.previous()).text()).isEqualTo("a");
    }

    /// Whoever runs a configuration runs the same one from its text.
    @Test
    void textOfAConfigurationIsTheConfiguration() throws IOException {
        ConfigReader.Result read = ConfigReader.read(Path.of("../conf/stride.conf"));
        History history = History.open(directory);
        history.add(read.text(), "start");
        Generation kept = History.open(directory).all().getFirst();
        ConfigReader.Result again = ConfigReader.read(kept);
        assertThat(again.problems()).isEmpty();
        assertThat(again.config()).isEqualTo(read.config());
        assertThat(again.text()).isEqualTo(read.text());
    }
}
