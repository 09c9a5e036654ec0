package dev.stride.daemon.running;

import dev.stride.io.capture.CaptureWriter;
import dev.stride.io.worker.BugReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Keeps the packets that met bugs, for a report: a pcapng file each, with what was thrown as the
/// packet's comment, and a line in the log. The last few files stay, each of a packet at most.
///
/// Workers hand reports over without waiting; a thread of its own writes.
final class BugFiles implements Consumer<BugReport>, Runnable {
    /// Files that stay.
    static final int KEPT = 16;

    private static final System.Logger LOG = System.getLogger("worker");
    private static final int WAITING = 16; // reports

    private final Path directory;
    private final String version;
    private final IntFunction<String> portNames;
    private final Queue<BugReport> reports = new ArrayBlockingQueue<>(WAITING);
    private final Semaphore due = new Semaphore(0); // as many as reports, and the end

    /// @param directory where files go; only what is named as they are is deleted there
    /// @param version ours, for who reads the report
    /// @param portNames the name of a port by its index
    BugFiles(Path directory, String version, IntFunction<String> portNames) {
        this.directory = directory;
        this.version = version;
        this.portNames = portNames;
    }

    /// Where to keep files: what systemd has for the service's state (systemd.exec(5)), else beside
    /// the control socket.
    static Path directory(Path controlSocket) {
        String state = System.getenv("STATE_DIRECTORY");
        Path beside = controlSocket.toAbsolutePath().getParent();
        return state == null || state.isEmpty()
                ? beside == null ? Path.of("/") : beside
                : Path.of(state.split(":", 2)[0]);
    }

    /// Takes a report, unless very many wait. Any thread.
    @Override
    public void accept(BugReport report) {
        if (reports.offer(report)) {
            due.release();
        }
    }

    @Override
    public void run() {
        try {
            for (BugReport report = next(); report != null; report = next()) {
                keep(report);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable BugReport next() throws InterruptedException {
        due.acquire();
        return reports.poll();
    }

    /// Makes [#run] return when it has written what waits. Any thread.
    void stop() {
        due.release();
    }

    private void keep(BugReport report) {
        if (report.frame().length == 0) {
            log(report);
            return;
        }
        try {
            Path file = save(report);
            log(report, "the packet is in " + file);
            discardOldest();
        } catch (IOException e) {
            log(report, packet(report) + ", which cannot be kept in " + directory + ": " + e);
        }
    }

    private Path save(BugReport report) throws IOException {
        Path file = Files.createTempFile(directory, "bug-", ".pcapng"); // for this user alone
        boolean ours = report.port() < 0;
        String port = ours ? "made by the router" : portNames.apply(report.port());
        StringWriter trace = new StringWriter();
        report.bug().printStackTrace(new PrintWriter(trace));
        try (CaptureWriter writer = new CaptureWriter(file, List.of(port))) {
            writer.write(
                    0,
                    TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()),
                    MemorySegment.ofArray(report.frame()),
                    0,
                    report.frame().length,
                    version + "; " + report.metadata() + "\n" + trace);
        }
        return file;
    }

    private void discardOldest() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "bug-*.pcapng")) {
            all.forEach(files::add);
        }
        files.sort(Comparator.comparingLong(BugFiles::changed));
        for (Path file : files.subList(0, Math.max(0, files.size() - KEPT))) {
            Files.deleteIfExists(file);
        }
    }

    private static long changed(Path file) {
        try {
            return Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
        } catch (IOException e) {
            return 0; // somebody has taken it away
        }
    }

    /// Says what is known of a bug without keeping a file.
    static void log(BugReport report) {
        log(report, packet(report));
    }

    private static String packet(BugReport report) {
        return report.frame().length == 0
                ? "no packet is known to be to blame"
                : "the packet was " + report.hex();
    }

    private static void log(BugReport report, String packet) {
        String more = report.unsaid() == 0 ? "" : "; " + report.unsaid() + " more since the last";
        LOG.log(
                System.Logger.Level.ERROR,
                "internal error, please report it: " + packet + more,
                report.bug());
    }
}
