package dev.stride.io.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PollTest {
    private static final int O_WRONLY = 1;
    private static final int FOREVER_MS = 60_000;

    @TempDir private Path directory;
    private final Poll poll = new Poll(1);

    /// The end of a pipe that nobody reads: POLLERR, for good.
    private FileDescriptor broken() throws Exception {
        String path = directory.resolve("pipe").toString();
        assertThat(new ProcessBuilder("mkfifo", path).inheritIO().start().waitFor()).isZero();
        int flags = FileDescriptor.O_NONBLOCK;
        try (FileDescriptor _ = FileDescriptor.open(path, flags)) {
            return FileDescriptor.open(path, flags | O_WRONLY);
        }
    }

    @Test
    void whatIsBrokenDoesNotEndEachWaitAtOnce() throws Exception {
        try (FileDescriptor file = broken()) {
            poll.add(file.number());
            long before = System.nanoTime();
            for (int i = 0; i < 5; i++) {
                assertThat(poll.await(FOREVER_MS)).isTrue();
            }
            assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(40));
        }
    }
}
