package dev.stride.daemon.running;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.io.capture.CaptureReader;
import dev.stride.io.worker.BugReport;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BugFilesTest {
    private static final byte[] FRAME = "a frame of some bytes".getBytes(StandardCharsets.US_ASCII);

    @TempDir private Path directory;

    private static BugReport report(byte[] frame) {
        return new BugReport(3, frame, "super-frame", new IllegalStateException("why"), 7);
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "bug-*")) {
            all.forEach(files::add);
        }
        return files;
    }

    /// Writes what waits, on this thread.
    private void write(BugReport... reports) {
        BugFiles files = new BugFiles(directory, "1.2.3", port -> "port" + port);
        for (BugReport report : reports) {
            files.accept(report);
        }
        files.stop();
        files.run();
    }

    @Test
    void packetIsKeptWithItsPortAndWhatWasThrown() throws IOException {
        write(report(FRAME));

        Path file = files().getFirst();
        CaptureReader reader = CaptureReader.open(file);
        assertThat(reader.next()).isTrue();
        assertThat(reader.port()).isEqualTo("port3");
        assertThat(
                        reader.memory()
                                .asSlice(reader.at(), reader.length())
                                .toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(FRAME);
        assertThat(reader.next()).isFalse();
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                .contains(
                        "1.2.3; super-frame", "IllegalStateException: why", "BugFilesTest.report");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void onlyTheLastFewStay() throws IOException {
        for (int i = 0; i < BugFiles.KEPT + 4; i++) {
            write(report(FRAME));
        }
        assertThat(files()).hasSize(BugFiles.KEPT);
    }

    @Test
    void aBugWithoutPacketIsLoggedAlone() throws IOException {
        write(report(new byte[0]));
        assertThat(files()).isEmpty();
    }

    @Test
    void whatCannotBeWrittenEndsNothing() throws IOException {
        Files.delete(directory);
        write(report(FRAME), report(FRAME));
        Files.createDirectory(directory);
        write(report(FRAME));
        assertThat(files()).hasSize(1);
    }
}
