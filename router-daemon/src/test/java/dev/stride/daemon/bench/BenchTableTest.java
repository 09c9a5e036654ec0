package dev.stride.daemon.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Quiescence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTableTest {
    @Test
    void theGeneratedTableIsLikeTheInternetsAndTheFibAnswersItRight() {
        BenchTable table = BenchTable.generate(1);
        assertThat(Arrays.stream(table.lengths).filter(length -> length == 24)).hasSize(741_888);
        assertThat(Arrays.stream(table.lengths).filter(length -> length > 24)).hasSize(5_000);
        Fib4 fib = new Fib4(new Quiescence());
        table.load(fib);
        assertThat(fib.routes()).isEqualTo(table.size());
        assertThat(fib.bytes()).isLessThan(20_000_000);
        Reference reference = new Reference(table);
        Draws draws = new Draws(2);
        for (int i = 0; i < 100_000; i++) {
            int address = i % 2 == 0 ? table.address(draws) : (int) (draws.next() >>> 13);
            assertThat(fib.lookup(address)).isEqualTo(reference.lookup(address));
        }
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
