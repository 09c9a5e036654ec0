package dev.stride.daemon.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChurnBenchTest {
    private static BenchTable table(boolean four) {
        BenchTable table = new BenchTable(four);
        Draws draws = new Draws(7);
        for (int i = 0; i < 20_000; i++) {
            int block = draws.below(1 << 16);
            IpPrefix prefix =
                    four
                            ? new Ip4Prefix(10 << 24 | block << 8, 24)
                            : Ip6Prefix.of(0x20010db8L << 32 | (long) block << 16, 0, 48);
            table.add(prefix, 1 + i % 50);
        }
        return table;
    }

    /// Of a small table much may wait for a reader that a busy machine stops for long. Without
    /// reuse it is ten times as much and more.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void memoryIsBoundedHoweverMuchChanges(boolean four) throws InterruptedException {
        List<BenchRow> rows = new ArrayList<>();
        new ChurnBench(table(four), 300_000).run(rows::add);

        double fresh = rows.getFirst().median();
        List<BenchRow> after =
                rows.stream().filter(row -> row.mode().startsWith("MB after")).toList();
        assertThat(after).hasSize(20);
        assertThat(after.getLast().median()).isLessThan(fresh * 4);
    }
}
