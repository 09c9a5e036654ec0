package dev.stride.daemon.cli;

import dev.stride.daemon.bench.BenchRow;
import dev.stride.daemon.bench.BenchTable;
import dev.stride.daemon.bench.ChurnBench;
import dev.stride.daemon.bench.ForwardBench;
import dev.stride.daemon.bench.LookupBench;
import dev.stride.daemon.bench.MadeUpTable;
import dev.stride.daemon.bench.MarkdownRows;
import dev.stride.daemon.bench.PeerRows;
import dev.stride.daemon.bench.UpdateBench;
import dev.stride.daemon.control.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `stride bench`: measures the FIB on this machine. Needs no daemon and no privilege.
@Command(
        mixinStandardHelpOptions = true,
        name = "bench",
        description = "Measure the routing tables on this machine.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class Bench {
    private static final long SEED = 20_260_619;

    @Spec private CommandSpec spec;

    /// What both measurements take.
    static final class Options {
        @Option(
                names = "--table",
                paramLabel = "FILE",
                description = {
                    "routes of one family, one PREFIX NUMBER a line;",
                    "without: a table like the Internet's, made up"
                })
        @Nullable Path table;

        @Option(
                names = "--family",
                paramLabel = "4|6",
                description = "of the table that is made up; without: both, one after the other")
        @Nullable String family;

        @Option(names = "--json", description = "print the rows as JSON")
        boolean json;

        @Option(names = "--markdown", description = "print medians as Markdown tables")
        boolean markdown;

        List<BenchTable> tables() throws IOException {
            if (table != null) {
                return List.of(BenchTable.read(table));
            }
            List<BenchTable> tables = new ArrayList<>();
            if (family == null || family.equals("4")) {
                tables.add(MadeUpTable.four(SEED));
            }
            if (family == null || family.equals("6")) {
                tables.add(MadeUpTable.six(SEED));
            }
            if (tables.isEmpty()) {
                throw new CommandFailure(ExitCode.USAGE, "--family is 4 or 6, not " + family);
            }
            return tables;
        }
    }

    @Command(
            mixinStandardHelpOptions = true,
            name = "lookup",
            description = "Million lookups a second; every answer is checked first.")
    int lookup(
            @Mixin Options options,
            @Option(
                            names = "--traces",
                            paramLabel = "DIR",
                            description =
                                    "address traces with their right answers; made up without")
                    @Nullable Path traces,
            @Option(
                            names = "--peer",
                            paramLabel = "FILE",
                            description = "what another program printed, to show beside it")
                    @Nullable Path peer)
            throws IOException {
        List<BenchRow> theirs = peer == null ? List.of() : PeerRows.read(peer);
        List<BenchRow> rows = new ArrayList<>();
        List<BenchTable> tables = options.tables();
        for (BenchTable table : tables) {
            new LookupBench(table, traces).run(rows::add);
        }
        List<BenchRow> all = new ArrayList<>(rows);
        all.addAll(theirs);
        print(options, tables, all);
        if (!options.json && !options.markdown && peer != null) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("the best of ours by the best of theirs:");
            PeerRows.ratios(rows, theirs).forEach(out::println);
        }
        return ExitCode.DONE;
    }

    @Command(
            mixinStandardHelpOptions = true,
            name = "update",
            description = "Million changes a second, alone and beside a thread that looks up.")
    int update(@Mixin Options options) throws IOException {
        return measure(options, (table, rows) -> new UpdateBench(table).run(rows));
    }

    @Command(
            mixinStandardHelpOptions = true,
            name = "churn",
            description =
                    "Memory while routes come and go for minutes beside a thread that looks up.")
    int churn(
            @Mixin Options options,
            @Option(
                            names = "--changes",
                            paramLabel = "MILLIONS",
                            defaultValue = "100",
                            description = "how many to make (${DEFAULT-VALUE})")
                    int millions)
            throws IOException {
        if (millions < 1) {
            throw new CommandFailure(ExitCode.USAGE, "--changes is 1 or more, not " + millions);
        }
        long changes = millions * 1_000_000L;
        return measure(options, (table, rows) -> new ChurnBench(table, changes).run(rows));
    }

    @Command(
            mixinStandardHelpOptions = true,
            name = "forward",
            description = "Million packets a second from check to output, without a kernel; IPv4.")
    int forward(@Mixin Options options) throws IOException {
        if (options.family == null) {
            options.family = "4";
        }
        List<BenchTable> tables = options.tables();
        if (!tables.getFirst().isFour()) {
            throw new CommandFailure(ExitCode.USAGE, "only IPv4 is measured here; use IPv4 routes");
        }
        List<BenchRow> rows = new ArrayList<>();
        new ForwardBench(tables.getFirst()).run(rows::add);
        print(options, tables, rows);
        return ExitCode.DONE;
    }

    /// A measurement of one table beside another thread.
    private interface Measurement {
        void run(BenchTable table, Consumer<BenchRow> rows) throws InterruptedException;
    }

    private int measure(Options options, Measurement measurement) throws IOException {
        List<BenchRow> rows = new ArrayList<>();
        List<BenchTable> tables = options.tables();
        try {
            for (BenchTable table : tables) {
                measurement.run(table, rows::add);
            }
        } catch (InterruptedException e) {
            throw new CommandFailure(ExitCode.FAILED, "interrupted");
        }
        print(options, tables, rows);
        return ExitCode.DONE;
    }

    private void print(Options options, List<BenchTable> tables, List<BenchRow> rows) {
        PrintWriter out = spec.commandLine().getOut();
        if (options.json) {
            out.println(Json.MAPPER.valueToTree(rows).toPrettyString());
            return;
        }
        out.printf(
                "%s, %s, Java %s, %d CPUs, pages %s; millions a second unless said%n",
                String.join(
                        " and ",
                        tables.stream().map(t -> t.size() + " " + t.family() + " routes").toList()),
                cpu(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                pages());
        if (options.markdown) {
            out.println();
            MarkdownRows.of(rows).forEach(out::println);
            return;
        }
        Table text = new Table("structure", "trace", "mode", "median", "min", "max");
        for (BenchRow row : rows) {
            text.row(
                    row.structure(),
                    row.trace(),
                    row.mode(),
                    number(row.median()),
                    number(row.min()),
                    number(row.max()));
        }
        text.print(out);
    }

    private static String cpu() {
        return firstMatch("/proc/cpuinfo", "model name");
    }

    private static String pages() {
        return firstMatch("/sys/kernel/mm/transparent_hugepage/enabled", "");
    }

    /// What follows the key in the first line of a file that begins with it.
    private static String firstMatch(String file, String key) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(key))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
