package dev.stride.core.fib;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/// Both FIBs under Lincheck: whatever one writer and two threads of lookups saw, there is an order
/// of all their calls in which the obvious table gives the same results.
///
/// Prefixes are long enough that each change is one store: changes of shorter ones are several
/// ([Fib4]), and [OracleTest] knows them.
class LinearizabilityTest {
    private static final int ITERATIONS = Integer.getInteger("stride.lincheck.iterations", 20);

    /// Three address bits, spread over the strides, so that prefixes nest and split buckets.
    private static long spread(int address) {
        return 10L << 24 | (address & 4) << 6 | (address & 2) << 5 | address & 1;
    }

    /// Stands for all threads that look up; without a quiescent point nothing is reused.
    private static Quiescence readers() {
        Quiescence readers = new Quiescence();
        readers.reader("all").online();
        return readers;
    }

    /// IPv4, where the obvious table is [Slow4].
    @Param(name = "address", gen = IntGen.class, conf = "0:7")
    @Param(name = "length", gen = IntGen.class, conf = "22:32")
    @Param(name = "nextHop", gen = IntGen.class, conf = "0:3")
    public static class Four {
        private final Fib4 fib = new Fib4(readers());

        @Operation(nonParallelGroup = "writer", params = {"address", "length", "nextHop"})
        public int set(int address, int length, int nextHop) {
            return fib.set((int) spread(address), length, nextHop);
        }

        @Operation(params = "address")
        public int lookup(int address) {
            return fib.lookup((int) spread(address));
        }
    }

    /// What [Four] must be.
    public static class Slow4 {
        private final SlowTable4 table = new SlowTable4();

        public int set(int address, int length, int nextHop) {
            int bits = (int) spread(address);
            int before = table.get(bits, length);
            if (nextHop == 0) {
                table.remove(bits, length);
            } else {
                table.put(bits, length, nextHop);
            }
            return before;
        }

        public int lookup(int address) {
            return table.lookup((int) spread(address));
        }
    }

    /// IPv6, with the same addresses in the bits 32 to 63, where buckets are runs.
    @Param(name = "address", gen = IntGen.class, conf = "0:7")
    @Param(name = "length", gen = IntGen.class, conf = "54:64")
    @Param(name = "nextHop", gen = IntGen.class, conf = "0:3")
    public static class Six {
        private final Fib6 fib = new Fib6(readers());

        @Operation(nonParallelGroup = "writer", params = {"address", "length", "nextHop"})
        public int set(int address, int length, int nextHop) {
            return fib.set(spread(address), 0, length, nextHop);
        }

        @Operation(params = "address")
        public int lookup(int address) {
            return fib.lookup(spread(address), 0);
        }
    }

    /// What [Six] must be: the lower half of such prefixes is the same as in IPv4.
    public static class Slow6 {
        private final Slow4 table = new Slow4();

        public int set(int address, int length, int nextHop) {
            return table.set(address, length - 32, nextHop);
        }

        public int lookup(int address) {
            return table.lookup(address);
        }
    }

    private static StressOptions options(Class<?> slow) {
        return new StressOptions()
                .iterations(ITERATIONS)
                .invocationsPerIteration(500)
                .threads(3)
                .actorsPerThread(4)
                .sequentialSpecification(slow);
    }

    @Test
    void ipv4IsLinearizable() {
        options(Slow4.class).check(Four.class);
    }

    @Test
    void ipv6IsLinearizable() {
        options(Slow6.class).check(Six.class);
    }
}
