package dev.stride.daemon.running;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.DurableFile;
import dev.stride.daemon.config.SnapshotConfig;
import dev.stride.daemon.control.Router.SnapshotCounts;
import dev.stride.daemon.fpm.RouteTag;
import dev.stride.daemon.live.ControlCommand;
import dev.stride.daemon.live.LivePort;
import dev.stride.daemon.live.LiveTable;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Keeps the routes of FPM over a restart of the daemon: written from time to time and at the end,
/// read at the start, when they forward at once. They count as said by a connection before the
/// first: what zebra does not send again goes, as after any reconnect; and all of it goes when
/// zebra does not come.
///
/// A kernel table needs none of this: it is read at the start.
final class Snapshots implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("snapshot");
    private static final int PAGE = 5000; // prefixes of one look at the RIB
    private static final RouteSource SOURCE = RouteSource.FPM;

    private final SnapshotConfig config;
    private final Path file;
    private final ControlClient client;
    private final FpmSource fpm;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().daemon().name("snapshot").unstarted(task));
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong loaded = new AtomicLong();
    private long seen = -1; // changes of routes at the last snapshot

    Snapshots(SnapshotConfig config, Path file, ControlClient client, FpmSource fpm) {
        this.config = config;
        this.file = file;
        this.client = client;
        this.fpm = fpm;
    }

    SnapshotCounts counts() {
        return new SnapshotCounts(written.get(), failed.get(), loaded.get());
    }

    /// Takes the routes of the last snapshot, if it is young, and begins to make others. Before
    /// zebra can connect.
    void start() {
        load();
        long interval = config.interval().toMillis();
        var _ =
                clock.scheduleWithFixedDelay(
                        this::periodic, interval, interval, TimeUnit.MILLISECONDS);
        if (loaded.get() > 0) {
            var _ = clock.schedule(this::forget, config.hold().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void load() {
        if (!Files.exists(file)) {
            return;
        }
        try {
            Duration age;
            try (InputStream in = Files.newInputStream(file)) {
                age = Duration.between(SnapshotFile.check(in), Instant.now());
            }
            if (age.compareTo(config.maxAge()) > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the snapshot of routes is {0} s old; it is not used",
                        age.toSeconds());
                return;
            }
            try (InputStream in = Files.newInputStream(file)) {
                loaded.set(
                        SnapshotFile.read(
                                in, SOURCE, this::portIndex, this::tableIndex, this::put));
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0} routes of a snapshot that is {1} s old; what zebra does not send again"
                            + " goes",
                    loaded.get(),
                    age.toSeconds());
        } catch (IOException e) {
            failed.incrementAndGet();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the snapshot of routes, {0}, cannot be used: {1}",
                    file,
                    e.getMessage());
        }
    }

    private void put(List<Route> batch) {
        client.<Boolean>ask(done -> new ControlCommand.PutRoutes(batch, done));
    }

    private int portIndex(String name) {
        LivePort port = client.control().ports().named(name);
        return port == null ? -1 : port.index();
    }

    private int tableIndex(String name) {
        return client.control().tables().all().stream()
                .filter(table -> table.name().equals(name))
                .mapToInt(LiveTable::index)
                .findFirst()
                .orElse(-1);
    }

    private long changes() {
        return client.control().tables().all().stream()
                .mapToLong(table -> table.changes4().count() + table.changes6().count())
                .sum();
    }

    private @Nullable String portName(int index) {
        return client.control().ports().all().stream()
                .filter(port -> port.index() == index)
                .map(port -> port.config().name())
                .findFirst()
                .orElse(null);
    }

    /// Zebra did not come.
    private void forget() {
        if (fpm.hasHeardZebra()) {
            return; // its connection sweeps
        }
        fpm.withdraw(
                said -> RouteTag.generation(said) == 0 ? null : said,
                count ->
                        LOG.log(
                                System.Logger.Level.WARNING,
                                "zebra has not come; {0} routes of the snapshot are withdrawn",
                                count));
    }

    private void periodic() {
        try {
            if (changes() != seen) {
                write();
            }
        } catch (RuntimeException e) { // the scheduler would end without a word
            LOG.log(System.Logger.Level.WARNING, "no snapshot of routes", e);
        }
    }

    private void write() {
        long now = changes();
        try {
            DurableFile.replace(file, this::write);
            seen = now;
            written.incrementAndGet();
        } catch (IOException e) {
            failed.incrementAndGet();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no snapshot of routes: {0}",
                    DurableFile.reason(e));
        }
    }

    private void write(OutputStream to) throws IOException {
        OutputStream out = new BufferedOutputStream(to, 1 << 16);
        SnapshotFile.Writer writer = new SnapshotFile.Writer(out, this::portName, Instant.now());
        for (LiveTable table : client.control().tables().all()) {
            write(table, new Ip4Prefix(0, 0), writer);
            write(table, new Ip6Prefix(0, 0, 0), writer);
        }
        int _ = writer.end();
        out.flush();
    }

    private void write(LiveTable table, IpPrefix first, SnapshotFile.Writer writer)
            throws IOException {
        IpPrefix from = first;
        boolean begun = false;
        while (true) {
            IpPrefix start = from;
            List<Entry> page = client.read(control -> page(table, start));
            for (Entry entry : page) {
                boolean again = begun && entry.prefix().equals(start); // in the last page, too
                for (Attributes said : again ? List.<Attributes>of() : entry.candidates()) {
                    if (said.source() == SOURCE) {
                        writer.add(table.name(), entry.prefix(), said);
                    }
                }
            }
            if (page.size() < PAGE) {
                return;
            }
            from = page.getLast().prefix();
            begun = true;
        }
    }

    private static List<Entry> page(LiveTable table, IpPrefix from) {
        return table.routes().count(SOURCE, from.width()) == 0
                ? List.of()
                : table.routes().page(from, PAGE);
    }

    /// Makes the last one.
    @Override
    public void close() {
        clock.shutdown();
        try {
            boolean _ = clock.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        write();
    }
}
