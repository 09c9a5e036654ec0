package dev.stride.daemon.bench;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.PrefixMap;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The routes of a benchmark, of one family, in random order: from a file, or made up by
/// [MadeUpTable].
public final class BenchTable {
    private final boolean four;
    private final List<IpPrefix> prefixes = new ArrayList<>();
    private int[] nextHops = new int[1 << 16];
    private final PrefixMap map; // to next hops: an answer by another way than the FIB's

    BenchTable(boolean four) {
        this.four = four;
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
        return prefixes.size();
    }

    IpPrefix prefix(int i) {
        return prefixes.get(i);
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
        long high = PrefixMap.high(prefix);
        long low = PrefixMap.low(prefix);
        if (map.get(high, low, prefix.length()) != 0) {
            return false;
        }
        map.put(high, low, prefix.length(), nextHop);
        if (size() == nextHops.length) {
            nextHops = Arrays.copyOf(nextHops, 2 * size());
        }
        nextHops[size()] = nextHop;
        prefixes.add(prefix);
        return true;
    }

    void shuffle(Draws draws) {
        for (int i = size() - 1; i > 0; i--) {
            int other = draws.below(i + 1);
            prefixes.set(i, prefixes.set(other, prefixes.get(i)));
            int nextHop = nextHops[i];
            nextHops[i] = nextHops[other];
            nextHops[other] = nextHop;
        }
    }

    /// An address that route `i` holds: its first 64 bits, of which IPv4 has 32.
    long highOf(int i, long random) {
        int length = prefix(i).length();
        long width = four ? -1L << 32 : -1L;
        return PrefixMap.high(prefix(i)) | random & ~Ip6Prefix.highMask(length) & width;
    }

    /// The last 64 bits of such an address.
    long lowOf(int i, long random) {
        long mask = Ip6Prefix.lowMask(prefix(i).length());
        return four ? 0 : PrefixMap.low(prefix(i)) | random & ~mask;
    }

    /// The next hop of the longest prefix that holds an address, 0 where there is none: a search
    /// for one length after the other.
    int right(long high, long low) {
        for (int length = four ? 32 : 128; length >= 0; length--) {
            if (map.size(length) > 0) {
                long highBits = high & Ip6Prefix.highMask(length);
                int found = map.get(highBits, low & Ip6Prefix.lowMask(length), length);
                if (found != 0) {
                    return found;
                }
            }
        }
        return 0;
    }
}
