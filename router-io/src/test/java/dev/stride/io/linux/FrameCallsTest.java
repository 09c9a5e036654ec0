package dev.stride.io.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameCallsTest {
    private static final int ROOM = 9000;
    private static final int EBADF = 9;
    private static final int O_WRONLY = 1;

    @TempDir private Path directory;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment out = arena.allocate(FrameCalls.MOST * (long) ROOM);
    private final MemorySegment in = arena.allocate(FrameCalls.MOST * (long) ROOM);
    private FileDescriptor file;
    private FrameCalls calls;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        String path = directory.resolve("pipe").toString();
        assertThat(new ProcessBuilder("mkfifo", path).inheritIO().start().waitFor()).isZero();
        file = FileDescriptor.open(path, FileDescriptor.O_RDWR | FileDescriptor.O_NONBLOCK);
        calls = new FrameCalls(file);
    }

    @AfterEach
    void close() {
        file.close();
        arena.close();
    }

    /// A length for each frame.
    private static int length(int i) {
        return 1 + i * 37 + (i % 10 == 3 ? 5000 : 0);
    }

    private void place(MemorySegment memory, int count) {
        for (int i = 0; i < count; i++) {
            calls.place(i, memory, i * (long) ROOM, length(i));
        }
    }

    @Test
    void eachFrameArrivesAsItWas() {
        int count = 20;
        for (int i = 0; i < count; i++) {
            out.asSlice(i * (long) ROOM, length(i)).fill((byte) (i + 1));
        }
        place(out, count);
        calls.write(count);
        for (int i = 0; i < count; i++) {
            assertThat(calls.result(i)).isEqualTo(length(i));
        }

        place(in, FrameCalls.MOST);
        assertThat(calls.read(count)).isEqualTo(count);
        assertThat(in.mismatch(out)).isEqualTo(-1);
        assertThat(calls.read(1)).isZero();
    }

    @Test
    void readsNoMoreThanThereIs() {
        place(out, 3);
        calls.write(3);
        place(in, FrameCalls.MOST);
        assertThat(calls.read(FrameCalls.MOST)).isEqualTo(3);
        assertThat(calls.result(2)).isEqualTo(length(2));
    }

    @Test
    void saysOfEachFrameWhyItWasNotTaken() {
        for (int i = 0; i < FrameCalls.MOST; i++) {
            calls.place(i, out, 0, 4096); // a pipe has room for 16 of them
        }
        calls.write(FrameCalls.MOST);
        for (int i = 0; i < FrameCalls.MOST; i++) {
            assertThat(calls.result(i)).isEqualTo(i < 16 ? 4096 : -Errno.EAGAIN);
        }
    }

    @Test
    void errorsAreSaidAndEndTheReading() {
        try (FileDescriptor zeros = FileDescriptor.open("/dev/zero", FileDescriptor.O_RDONLY);
                FileDescriptor sink = FileDescriptor.open("/dev/null", O_WRONLY)) {
            calls = new FrameCalls(zeros);
            place(out, 1);
            calls.write(1);
            assertThat(calls.result(0)).isEqualTo(-EBADF);
            calls = new FrameCalls(sink);
            place(in, 1);
            assertThat(calls.read(1)).isZero();
        }
    }

    @Test
    void aPlaceLiesWithinItsMemory() {
        assertThatThrownBy(() -> calls.place(0, in, in.byteSize() - 1, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
