package dev.stride.daemon.bench;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import java.util.Arrays;

/// Makes tables up that are like the Internet's of June 2026: the same number of prefixes of each
/// length, as near to each other, and some thousand of a router's own behind them. The same seed
/// makes the same table on every machine.
public final class MadeUpTable {
    /// How many IPv4 prefixes of each length from /8 to /32: those announced up to /24.
    private static final int[] LENGTHS4 = {
        16, 14, 39, 97, 306, 599, 1223, 2249, 14310, 9053, 15072, 27788, 49815, 57824, 122384,
        126268, 741888, 200, 300, 400, 500, 900, 1200, 300, 1200
    };

    /// How many IPv6 prefixes of each length from /19 to /48.
    private static final int[] LENGTHS6 = {
        1, 15, 3, 6, 6, 42, 13, 18, 19, 173, 5532, 759, 360, 27182, 5995, 5884, 2084, 10386, 1366,
        2836, 1928, 24765, 4874, 3613, 1758, 26975, 5090, 8379, 9843, 129950
    };

    /// A router's own IPv6 prefixes: length and how many.
    private static final int[][] OWN6 = {{56, 300}, {60, 100}, {64, 900}, {127, 100}, {128, 600}};

    private static final int BLOCKS4 = 27_600; // /16s that hold longer prefixes: 27,698
    private static final int BLOCKS16 = 65; // beginnings of IPv6 prefixes longer than that
    private static final int BLOCKS24 = 8_120;
    private static final int BLOCKS32 = 17_205;
    private static final int BLOCKS40 = 32_980;
    private static final int NEXT_HOPS = 250;

    private final long seed;
    private final Draws draws;
    private final Weighted popularity = new Weighted(NEXT_HOPS);

    private MadeUpTable(long seed) {
        this.seed = seed;
        this.draws = new Draws(seed);
    }

    /// About 1.17 million IPv4 routes.
    public static BenchTable four(long seed) {
        return new MadeUpTable(seed).four();
    }

    /// About 282,000 IPv6 routes.
    public static BenchTable six(long seed) {
        return new MadeUpTable(seed).six();
    }

    private BenchTable four() {
        BenchTable table = new BenchTable(true);
        int[] blocks = new int[BLOCKS4];
        Arrays.setAll(blocks, i -> unicast() & 0xffff0000);
        for (int i = 0; i < LENGTHS4.length; i++) {
            int length = 8 + i;
            for (int made = 0; made < LENGTHS4[i]; ) {
                int near =
                        length <= 16
                                ? unicast()
                                : blocks[draws.below(BLOCKS4)] | draws.below(1 << 16);
                int bits = near & Ip4Prefix.mask(length);
                made += table.add(new Ip4Prefix(bits, length), nextHop(bits >>> 11)) ? 1 : 0;
            }
        }
        table.shuffle(draws);
        return table;
    }

    private int unicast() {
        int top = 1 + draws.below(222);
        return (top < 127 ? top : top + 1) << 24 | draws.below(1 << 24); // 127 is loopback
    }

    /// Neighboring prefixes mostly have the same origin and so the same next hop.
    private int nextHop(long origin) {
        Draws own = new Draws(seed + origin * 0x9e3779b97f4a7c15L | 1);
        own.next();
        return 1 + popularity.draw(own);
    }

    private BenchTable six() {
        BenchTable table = new BenchTable(false);
        long[] blocks16 = new long[BLOCKS16];
        Arrays.setAll(blocks16, i -> (long) (0x2000 + draws.below(0x1000)) << 48);
        long[] blocks24 = within(blocks16, 16, BLOCKS24);
        long[] blocks32 = within(blocks24, 24, BLOCKS32);
        long[] blocks40 = within(blocks32, 32, BLOCKS40);
        long[][] blocks = {blocks16, blocks24, blocks32, blocks40};
        for (int i = 0; i < LENGTHS6.length; i++) {
            int length = 19 + i;
            long[] near = blocks[(length - 17) / 8];
            for (int made = 0; made < LENGTHS6[i]; ) {
                made += add(table, near, (length - 17) / 8 * 8 + 16, length);
            }
        }
        for (int[] own : OWN6) {
            for (int made = 0; made < own[1]; ) {
                made += add(table, blocks40, 40, own[0]);
            }
        }
        table.shuffle(draws);
        return table;
    }

    private long[] within(long[] blocks, int length, int count) {
        long[] within = new long[count];
        Arrays.setAll(
                within,
                i -> blocks[draws.below(blocks.length)] | (long) draws.below(256) << 56 - length);
        return within;
    }

    private int add(BenchTable table, long[] blocks, int from, int length) {
        long high = blocks[draws.below(blocks.length)] | draws.next() >>> from;
        Ip6Prefix prefix = Ip6Prefix.of(high, draws.next(), length);
        return table.add(prefix, nextHop(prefix.high() >>> 28)) ? 1 : 0;
    }
}
