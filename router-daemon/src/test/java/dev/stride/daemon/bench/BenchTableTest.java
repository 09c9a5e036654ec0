package dev.stride.daemon.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTableTest {
    private static long count(BenchTable table, int from, int to) {
        return IntStream.range(0, table.size())
                .map(i -> table.prefix(i).length())
                .filter(length -> length >= from && length <= to)
                .count();
    }

    @Test
    void theMadeUpTableIsLikeTheInternetsAndTheFibAnswersItRight() {
        BenchTable table = MadeUpTable.four(1);
        assertThat(count(table, 24, 24)).isEqualTo(741_888);
        assertThat(count(table, 25, 32)).isEqualTo(5_000);
        Tables tables = load(table);
        assertThat(tables.fib4.routes()).isEqualTo(table.size());
        assertThat(tables.fib4.bytes()).isLessThan(16_000_000);
        Draws draws = new Draws(2);
        for (int i = 0; i < 100_000; i++) {
            long random = draws.next();
            long high = i % 2 == 0 ? table.highOf(i, random) : random & -1L << 32;
            int right = table.right(high, 0);
            assertThat(tables.fib4.lookup((int) (high >>> 32))).isEqualTo(right);
        }
    }

    @Test
    void soIsTheOneOfIpv6() {
        BenchTable table = MadeUpTable.six(1);
        assertThat(count(table, 48, 48)).isEqualTo(129_950);
        assertThat(count(table, 49, 128)).isEqualTo(2_000);
        Tables tables = load(table);
        assertThat(tables.fib6.routes()).isEqualTo(table.size());
        assertThat(tables.fib6.bytes()).isLessThan(16_000_000);
        Draws draws = new Draws(2);
        for (int i = 0; i < 100_000; i++) {
            long random = draws.next();
            long high = table.highOf(i, random) ^ (i % 2 == 0 ? 0 : random >>> 20 + i % 40);
            long low = table.lowOf(i, draws.next());
            assertThat(tables.fib6.lookup(high, low)).isEqualTo(table.right(high, low));
        }
    }

    private static Tables load(BenchTable table) {
        Tables tables = new Tables();
        for (int i = 0; i < table.size(); i++) {
            Tables.set(tables.fib4, tables.fib6, table.prefix(i), table.nextHop(i));
        }
        return tables;
    }

    @Test
    void markdownHasAColumnForEachTrace() {
        List<BenchRow> rows =
                List.of(
                        BenchRow.of("a", "uniform", "burst 32", 1, 2, 3),
                        BenchRow.of("a", "zipf", "burst 32", 40),
                        BenchRow.of("b", "churn", "updates", 1.25));
        assertThat(MarkdownRows.of(rows))
                .contains("| a | burst 32 | 2 | | 40 | |", "| b | churn | updates | 1.25 |");
    }

    @Test
    void rowsOfAPeerAreReadAndCompared(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("peer");
        Files.writeString(
                file, "TABLE,x\nLOOKUP,fib,thp,zipf,a,10.0,9,11\nLOOKUP,fib,thp,zipf,b,20,9,30\n");
        List<BenchRow> theirs = PeerRows.read(file);
        assertThat(theirs).hasSize(2);
        List<BenchRow> ours = List.of(BenchRow.of("stride", "zipf", "burst 32", 30));
        assertThat(PeerRows.ratios(ours, theirs)).containsExactly("zipf: 30 / 20 = 1.50");
        Files.writeString(file, "LOOKUP,fib\n");
        assertThatThrownBy(() -> PeerRows.read(file)).hasMessageContaining(":1:");
    }

    @Test
    void aWrongLineIsNamed(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("table");
        Files.writeString(file, "10.0.0.0/8 1\n10.0.0.0/40 2\n");
        assertThatThrownBy(() -> BenchTable.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(":2:");
    }
}
