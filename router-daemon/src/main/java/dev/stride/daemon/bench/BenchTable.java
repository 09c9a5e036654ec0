package dev.stride.daemon.bench;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Quiescence;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// The routes of a benchmark, in random order: from a file, or made up with the prefix lengths of
/// the Internet's table.
public final class BenchTable {
    /// How many prefixes of each length from /8 to /32: those announced on the Internet in June
    /// 2026 up to /24, and some thousand of a router's own.
    private static final int[] LENGTHS = {
        16, 14, 39, 97, 306, 599, 1223, 2249, 14310, 9053, 15072, 27788, 49815, 57824, 122384,
        126268, 741888, 200, 300, 400, 500, 900, 1200, 300, 1200
    };

    private static final int BLOCKS = 27_600; // /16s that hold longer prefixes: 27,698 in 2026
    private static final int NEXT_HOPS = 250;

    final int[] bits;
    final int[] lengths;
    final int[] nextHops;
    private int size;

    private BenchTable(int capacity) {
        bits = new int[capacity];
        lengths = new int[capacity];
        nextHops = new int[capacity];
    }

    private BenchTable(BenchTable of) {
        size = of.size;
        bits = Arrays.copyOf(of.bits, size);
        lengths = Arrays.copyOf(of.lengths, size);
        nextHops = Arrays.copyOf(of.nextHops, size);
    }

    public int size() {
        return size;
    }

    /// A table of about 1.17 million routes; the same one for the same seed.
    public static BenchTable generate(long seed) {
        Draws draws = new Draws(seed);
        Zipf popularity = new Zipf(NEXT_HOPS);
        BenchTable table = new BenchTable(Arrays.stream(LENGTHS).sum());
        Fib4 seen = new Fib4(new Quiescence());
        int[] blocks = new int[BLOCKS];
        Arrays.setAll(blocks, i -> unicast(draws) & 0xffff0000);
        for (int i = 0; i < LENGTHS.length; i++) {
            int length = 8 + i;
            for (int made = 0; made < LENGTHS[i]; ) {
                int near =
                        length <= 16
                                ? unicast(draws)
                                : blocks[draws.below(BLOCKS)] | draws.below(1 << 16);
                int prefix = near & Ip4Prefix.mask(length);
                if (seen.get(prefix, length) == 0) {
                    int nextHop = nextHop(prefix, seed, popularity);
                    seen.put(prefix, length, nextHop);
                    table.add(prefix, length, nextHop);
                    made++;
                }
            }
        }
        return table.shuffled(draws);
    }

    private static int unicast(Draws draws) {
        return (1 + draws.below(223)) << 24 | draws.below(1 << 24);
    }

    /// Neighboring prefixes mostly have the same origin and so the same next hop.
    private static int nextHop(int prefix, long seed, Zipf popularity) {
        Draws origin = new Draws(seed + (prefix >>> 11) * 0x9e3779b97f4a7c15L | 1);
        origin.next();
        return 1 + popularity.draw(origin);
    }

    /// Reads one `PREFIX NEXTHOP` a line, next hops being numbers from 1 on.
    public static BenchTable read(Path file) throws IOException {
        BenchTable table;
        try (var lines = Files.lines(file)) {
            table = new BenchTable(Math.toIntExact(lines.count()));
        }
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int space = line.indexOf(' ');
                try {
                    Ip4Prefix prefix = Ip4Prefix.parse(line.substring(0, space));
                    int nextHop = Integer.parseInt(line.substring(space + 1).strip());
                    table.add(prefix.bits(), prefix.length(), nextHop);
                } catch (RuntimeException e) {
                    throw new IOException(file + ":" + (table.size + 1) + ": not PREFIX NUMBER", e);
                }
            }
        }
        return table.shuffled(new Draws(42_424_242));
    }

    private void add(int prefix, int length, int nextHop) {
        bits[size] = prefix;
        lengths[size] = length;
        nextHops[size++] = nextHop;
    }

    private BenchTable shuffled(Draws draws) {
        BenchTable table = new BenchTable(this);
        for (int i = size - 1; i > 0; i--) {
            int other = draws.below(i + 1);
            swap(table.bits, i, other);
            swap(table.lengths, i, other);
            swap(table.nextHops, i, other);
        }
        return table;
    }

    private static void swap(int[] values, int i, int other) {
        int value = values[i];
        values[i] = values[other];
        values[other] = value;
    }

    /// Puts every route into a table.
    void load(Fib4 fib) {
        for (int i = 0; i < size; i++) {
            fib.put(bits[i], lengths[i], nextHops[i]);
        }
    }

    /// An address that some route holds.
    int address(Draws draws) {
        int i = draws.below(size);
        return bits[i] | (int) (draws.next() >>> 17) & ~Ip4Prefix.mask(lengths[i]);
    }
}
