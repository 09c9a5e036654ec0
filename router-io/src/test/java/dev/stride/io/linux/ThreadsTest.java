package dev.stride.io.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.Runtime.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    private static final Path SCHEDULING = Path.of("/proc/thread-self/sched");

    @Test
    void onlyTheThreadThatAsksHasShortSlices() throws Exception {
        String linux = System.getProperty("os.version").replaceFirst("[^0-9.].*", "");
        assumeThat(Version.parse(linux)).isGreaterThanOrEqualTo(Version.parse("6.12"));
        assumeThat(SCHEDULING).exists();
        List<String> before = slice();
        FutureTask<List<String>> asking =
                new FutureTask<>(
                        () -> {
                            Threads.runInShortSlices();
                            return slice();
                        });
        Thread.ofPlatform().start(asking);
        assertThat(asking.get()).singleElement().asString().endsWith(" 100000");
        assertThat(slice()).isEqualTo(before);
    }

    private static List<String> slice() throws IOException {
        return Files.readAllLines(SCHEDULING).stream()
                .filter(line -> line.startsWith("se.slice "))
                .toList();
    }
}
