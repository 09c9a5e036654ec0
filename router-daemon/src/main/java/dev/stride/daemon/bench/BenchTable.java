package dev.stride.daemon.bench;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.PrefixMap;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;

/// The routes of a benchmark, of one family, in random order: from a file, or made up by
/// [MadeUpTable].
public final class BenchTable {
    private final boolean four;
    private long[] high = new long[1 << 16];
    private long[] low;
    private byte[] length = new byte[1 << 16];
    private int[] nextHops = new int[1 << 16];
    private int size;
    private final PrefixMap map; // to next hops: an answer by another way than the FIB's

    BenchTable(boolean four) {
        this.four = four;
        this.low = new long[four ? 0 : 1 << 16];
        this.map = new PrefixMap(four);
    }

    /// Whether it is IPv4.
    public boolean isFour() {
        return four;
    }

    /// The family as metrics name it.
    public String family() {
        return four ? "ipv4" : "ipv6";
    }

    public int size() {
        return size;
    }

    /// Made anew, as what reads a source's messages does it: no memory far away is read.
    IpPrefix prefix(int i) {
        return map.prefix(high[i], four ? 0 : low[i], length[i] & 0xff);
    }

    int nextHop(int i) {
        return nextHops[i];
    }

    /// Reads one `PREFIX NEXTHOP` a line, next hops being numbers from 1 on.
    public static BenchTable read(Path file) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            BenchTable table = null;
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                try {
                    int space = line.indexOf(' ');
                    IpPrefix prefix = IpPrefix.parse(line.substring(0, space));
                    if (table == null) {
                        table = new BenchTable(prefix instanceof Ip4Prefix);
                    }
                    table.add(prefix, Integer.parseInt(line.substring(space + 1).strip()));
                } catch (RuntimeException e) {
                    throw new IOException(
                            file + ":" + number + ": not PREFIX NUMBER of one family", e);
                }
            }
            if (table == null) {
                throw new IOException(file + ": there is no route in it");
            }
            table.shuffle(new Draws(42_424_242));
            return table;
        }
    }

    /// Adds a route unless there is one to the prefix; returns whether it did.
    boolean add(IpPrefix prefix, int nextHop) {
        if (prefix instanceof Ip4Prefix != four || nextHop <= 0) {
            throw new IllegalArgumentException(prefix + " " + nextHop);
        }
        long highBits = PrefixMap.high(prefix);
        long lowBits = PrefixMap.low(prefix);
        if (map.get(highBits, lowBits, prefix.length()) != 0) {
            return false;
        }
        map.put(highBits, lowBits, prefix.length(), nextHop);
        if (size == nextHops.length) {
            high = Arrays.copyOf(high, 2 * size);
            low = Arrays.copyOf(low, four ? 0 : 2 * size);
            length = Arrays.copyOf(length, 2 * size);
            nextHops = Arrays.copyOf(nextHops, 2 * size);
        }
        set(size++, highBits, lowBits, prefix.length(), nextHop);
        return true;
    }

    private void set(int i, long highBits, long lowBits, int bits, int nextHop) {
        high[i] = highBits;
        if (!four) {
            low[i] = lowBits;
        }
        length[i] = (byte) bits;
        nextHops[i] = nextHop;
    }

    void shuffle(Draws draws) {
        for (int i = size - 1; i > 0; i--) {
            int other = draws.below(i + 1);
            IpPrefix prefix = prefix(i);
            int nextHop = nextHops[i];
            set(i, high[other], four ? 0 : low[other], length[other], nextHops[other]);
            set(other, PrefixMap.high(prefix), PrefixMap.low(prefix), prefix.length(), nextHop);
        }
    }

    /// The routes as a daemon or a file has them, by first address and length.
    int[] inOrder() {
        return IntStream.range(0, size)
                .boxed()
                .sorted(
                        (a, b) -> {
                            int by = Long.compareUnsigned(high[a], high[b]);
                            by = by != 0 || four ? by : Long.compareUnsigned(low[a], low[b]);
                            return by != 0 ? by : length[a] - length[b];
                        })
                .mapToInt(i -> i)
                .toArray();
    }

    /// An address that route `i` holds: its first 64 bits, of which IPv4 has 32.
    long highOf(int i, long random) {
        long width = four ? -1L << 32 : -1L;
        return high[i] | random & ~Ip6Prefix.highMask(length[i] & 0xff) & width;
    }

    /// The last 64 bits of such an address.
    long lowOf(int i, long random) {
        return four ? 0 : low[i] | random & ~Ip6Prefix.lowMask(length[i] & 0xff);
    }

    /// The next hop of the longest prefix that holds an address, 0 where there is none: a search
    /// for one length after the other.
    int right(long highBits, long lowBits) {
        for (int bits = four ? 32 : 128; bits >= 0; bits--) {
            if (map.size(bits) > 0) {
                long first = highBits & Ip6Prefix.highMask(bits);
                int found = map.get(first, lowBits & Ip6Prefix.lowMask(bits), bits);
                if (found != 0) {
                    return found;
                }
            }
        }
        return 0;
    }
}
