package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What readers that do not move mean for the memory of the IPv6 table. That their answers are
/// right is [OracleTest]'s.
class Fib6ReadersTest {
    private static final long NET = 0x2001_0db8_0000_0000L;
    private static final int CROWD = 64 * 1024; // bytes that may wait in a small table

    private final Quiescence readers = new Quiescence();
    private final Fib6 fib = new Fib6(readers);
    private final Quiescence.Reader reader = readers.reader("worker 3");

    @Test
    void aStalledReaderHoldsUpReuseAndIsNamed() {
        reader.online();
        for (int i = 0; i < 100; i++) {
            fib.put(NET, 0, 48, 1);
            fib.remove(NET, 0, 48);
        }
        assertThat(fib.waitingBuckets()).isEqualTo(400); // /24, /32, /40, /48
        assertThat(fib.lag().reader()).isEqualTo("worker 3");
        reader.quiescent();
        for (int i = 0; i < 100; i++) {
            fib.put(NET, 0, 48, 1);
            fib.remove(NET, 0, 48);
            reader.quiescent();
        }
        assertThat(fib.waitingBuckets()).isLessThan(100);
    }

    /// A /25 reaches half of a dense bucket, a /41 half of one of runs, and a /56 that comes and
    /// goes takes runs apart and puts them together again.
    @ParameterizedTest
    @CsvSource({"25, 24", "41, 40", "56, 56"})
    void memoryStaysBoundedHoweverLongAReaderStalls(int length, int kept) {
        fib.put(NET, 0, kept, 1);
        fib.put(NET | 0x00ff_ffff_ff00L, 0, kept, 1); // other buckets of the same strides
        fib.put(NET | 0x00f0L << 8, 0, 56, 2); // and the /56's own one stays
        reader.online();
        long before = fib.bytes();
        for (int i = 1; i <= 50_000; i++) {
            int nextHop = 10 + i;
            fib.put(NET, 0, length, nextHop);
            assertThat(fib.lookup(NET, 7)).isEqualTo(nextHop);
            fib.remove(NET, 0, length);
            assertThat(fib.lookup(NET, 7)).isEqualTo(length == kept ? 0 : 1);
            assertThat(fib.lookup(NET | 0xf000L, 7)).isEqualTo(2);
        }
        assertThat(fib.bytes()).isLessThanOrEqualTo(before + 3 * CROWD);
        reader.quiescent();
        fib.put(NET, 0, length, 5);
        reader.quiescent();
        fib.put(NET, 0, length, 6);
        assertThat(fib.lookup(NET, 7)).isEqualTo(6);
    }
}
