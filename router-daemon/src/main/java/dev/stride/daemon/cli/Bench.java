package dev.stride.daemon.cli;

import dev.stride.daemon.bench.BenchRow;
import dev.stride.daemon.bench.BenchTable;
import dev.stride.daemon.bench.LookupBench;
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
        description = "Measure the routing table on this machine.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class Bench {
    private static final long SEED = 20_260_619;

    @Spec private CommandSpec spec;

    @Command(
            mixinStandardHelpOptions = true,
            name = "lookup",
            description = "Million lookups a second; every answer is checked first.")
    int lookup(
            @Option(
                            names = "--table",
                            paramLabel = "FILE",
                            description = "routes, one PREFIX NUMBER a line; made up without")
                    @Nullable Path file,
            @Option(
                            names = "--traces",
                            paramLabel = "DIR",
                            description =
                                    "address traces with their right answers; made up without")
                    @Nullable Path traces,
            @Mixin JsonOption print)
            throws IOException {
        BenchTable table = table(file);
        LookupBench bench = new LookupBench(table, traces);
        return print(print.json, table, bench::run);
    }

    @Command(
            mixinStandardHelpOptions = true,
            name = "update",
            description = "Million changes a second, alone and beside a thread that looks up.")
    int update(
            @Option(
                            names = "--table",
                            paramLabel = "FILE",
                            description = "routes, one PREFIX NUMBER a line; made up without")
                    @Nullable Path file,
            @Mixin JsonOption print)
            throws IOException {
        BenchTable table = table(file);
        UpdateBench bench = new UpdateBench(table);
        return print(
                print.json,
                table,
                rows -> {
                    try {
                        bench.run(rows);
                    } catch (InterruptedException e) {
                        throw new CommandFailure(ExitCode.FAILED, "interrupted");
                    }
                });
    }

    private static BenchTable table(@Nullable Path file) throws IOException {
        return file == null ? BenchTable.generate(SEED) : BenchTable.read(file);
    }

    private int print(boolean json, BenchTable table, Consumer<Consumer<BenchRow>> bench) {
        PrintWriter out = spec.commandLine().getOut();
        List<BenchRow> rows = new ArrayList<>();
        bench.accept(rows::add);
        if (json) {
            out.println(Json.MAPPER.valueToTree(rows).toPrettyString());
            return ExitCode.DONE;
        }
        out.printf(
                "%d routes, %s, Java %s, %d CPUs, pages %s; millions a second unless said%n",
                table.size(),
                cpu(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                pages());
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
        return ExitCode.DONE;
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
