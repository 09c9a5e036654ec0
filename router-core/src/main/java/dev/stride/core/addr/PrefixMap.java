package dev.stride.core.addr;

import dev.stride.core.stats.Counts;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A number other than 0 for each of up to millions of prefixes of one family, in order of address
/// and length: a list of sorted blocks, in arrays, so that a prefix costs about 16 bytes instead of
/// the 150 of a tree of objects. One thread.
///
/// An IPv4 prefix is kept as the IPv6 prefix with the same leading bits; the lower halves of a
/// block's addresses take no memory while they are all zero.
///
/// ```
/// firsts   10.0.0.0/8    20.4.0.0/16    77.0.0.0/24 ...     the first prefix of each block
/// blocks  [up to 128]   [up to 128]    [up to 128]  ...     sorted prefixes and their numbers
/// ```
public final class PrefixMap {
    /// Is shown prefixes one after the other.
    public interface Visitor {
        /// @return whether to go on
        boolean visit(long high, long low, int length, int value);
    }

    private static final int MAX_BLOCK = 128;
    private static final int ALL = 129; // among the counts
    private static final int STEP = 16; // by which blocks grow and shrink

    private static final class Block {
        long[] high = new long[STEP];
        long @Nullable [] low;
        byte[] length = new byte[STEP];
        int[] value = new int[STEP];
        int size;

        long low(int at) {
            return low == null ? 0 : low[at];
        }

        /// Where a prefix is, or -1 - where it would go.
        int find(long highBits, long lowBits, int bits) {
            int from = 0;
            int to = size;
            while (from < to) {
                int middle = (from + to) >>> 1;
                int order = compareTo(middle, highBits, lowBits, bits);
                if (order == 0) {
                    return middle;
                }
                if (order < 0) {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            return -1 - from;
        }

        boolean endsBefore(long highBits, long lowBits, int bits) {
            return size > 0 && compareTo(size - 1, highBits, lowBits, bits) < 0;
        }

        int compareTo(int at, long highBits, long lowBits, int bits) {
            int order = Long.compareUnsigned(high[at], highBits);
            if (order == 0) {
                order = Long.compareUnsigned(low(at), lowBits);
            }
            return order != 0 ? order : (length[at] & 0xff) - bits;
        }

        private static int capacity(int prefixes) {
            return (prefixes + STEP - 1) / STEP * STEP;
        }

        private void resize(int capacity) {
            high = Arrays.copyOf(high, capacity);
            low = low == null ? null : Arrays.copyOf(low, capacity);
            length = Arrays.copyOf(length, capacity);
            value = Arrays.copyOf(value, capacity);
        }

        void insert(int at, long highBits, long lowBits, int bits, int number) {
            if (size == high.length) {
                resize(Math.min(MAX_BLOCK, size + Math.max(STEP, size / 2 / STEP * STEP)));
            }
            if (lowBits != 0 && low == null) {
                low = new long[high.length];
            }
            move(this, at, this, at + 1, size - at);
            high[at] = highBits;
            if (low != null) {
                low[at] = lowBits;
            }
            length[at] = (byte) bits;
            value[at] = number;
            size++;
        }

        void remove(int at) {
            size--;
            move(this, at + 1, this, at, size - at);
            if (size < high.length - 2 * STEP) {
                resize(high.length - STEP);
            }
        }

        /// A block with what is in this one from `at` on, which is no longer here.
        Block split(int at) {
            Block rest = new Block();
            rest.size = size - at;
            rest.low = low == null ? null : new long[STEP];
            rest.resize(capacity(rest.size + 1));
            move(this, at, rest, 0, rest.size);
            size = at;
            resize(capacity(size));
            return rest;
        }

        /// Takes everything of the block that follows.
        void append(Block next) {
            if (next.low != null && low == null) {
                low = new long[high.length];
            }
            resize(capacity(size + next.size));
            move(next, 0, this, size, next.size);
            size += next.size;
        }

        private static void move(Block from, int at, Block to, int place, int count) {
            System.arraycopy(from.high, at, to.high, place, count);
            System.arraycopy(from.length, at, to.length, place, count);
            System.arraycopy(from.value, at, to.value, place, count);
            if (from.low != null && to.low != null) {
                System.arraycopy(from.low, at, to.low, place, count);
            } else if (to.low != null) {
                Arrays.fill(to.low, place, place + count, 0);
            }
        }
    }

    private final boolean four;
    private long[] firsts = new long[16]; // upper halves, by block: most searches need no more
    private Block[] blocks = new Block[16];
    private int blockCount = 1;
    private final Counts counts = new Counts(130); // prefixes of each length, then of all

    /// @param four for IPv4 prefixes, else for IPv6
    public PrefixMap(boolean four) {
        this.four = four;
        blocks[0] = new Block();
    }

    /// How many prefixes there are.
    public int size() {
        return size(ALL);
    }

    /// How many prefixes have this length.
    public int size(int length) {
        return (int) counts.get(length);
    }

    /// The upper 64 bits by which a prefix is kept.
    public static long high(IpPrefix prefix) {
        return switch (prefix) {
            case Ip4Prefix p -> (long) p.bits() << 32;
            case Ip6Prefix p -> p.high();
        };
    }

    /// The lower 64 bits by which a prefix is kept.
    public static long low(IpPrefix prefix) {
        return switch (prefix) {
            case Ip4Prefix p -> 0;
            case Ip6Prefix p -> p.low();
        };
    }

    /// The prefix that a [Visitor] was shown.
    public IpPrefix prefix(long high, long low, int length) {
        return four ? new Ip4Prefix((int) (high >>> 32), length) : new Ip6Prefix(high, low, length);
    }

    /// The number of a prefix, 0 where it has none.
    public int get(long high, long low, int length) {
        Block block = blocks[blockOf(high, low, length)];
        int at = block.find(high, low, length);
        return at < 0 ? 0 : block.value[at];
    }

    /// Gives a prefix a number and returns the one it had, 0 where it had none.
    public int put(long high, long low, int length, int value) {
        int b = blockOf(high, low, length);
        Block block = blocks[b];
        boolean last = b == blockCount - 1; // prefixes that come in order are appended to it
        int at =
                last && block.endsBefore(high, low, length)
                        ? -1 - block.size
                        : block.find(high, low, length);
        if (at >= 0) {
            int before = block.value[at];
            block.value[at] = value;
            return before;
        }
        at = -1 - at;
        if (block.size == MAX_BLOCK) {
            int kept =
                    last && at == MAX_BLOCK
                            ? MAX_BLOCK
                            : MAX_BLOCK / 2; // all of it where prefixes come in order
            insertBlock(b + 1, block.split(kept));
            if (at >= kept) {
                at -= kept;
                block = blocks[++b];
            }
        }
        block.insert(at, high, low, length, value);
        firsts[b] = block.high[0];
        count(length, 1);
        return 0;
    }

    /// Removes a prefix and returns its number, 0 where it had none.
    public int remove(long high, long low, int length) {
        int b = blockOf(high, low, length);
        Block block = blocks[b];
        int at = block.find(high, low, length);
        if (at < 0) {
            return 0;
        }
        int before = block.value[at];
        block.remove(at);
        count(length, -1);
        if (block.size > 0) {
            firsts[b] = block.high[0];
        }
        join(b);
        return before;
    }

    private void count(int length, int more) {
        counts.add(length, more);
        counts.add(ALL, more);
    }

    /// Shows all prefixes from the given one on, in order, until the visitor has enough. The map
    /// must not change meanwhile.
    public void visit(long high, long low, int length, Visitor visitor) {
        int b = blockOf(high, low, length);
        int at = blocks[b].find(high, low, length);
        at = at < 0 ? -1 - at : at;
        for (; b < blockCount; b++, at = 0) {
            Block block = blocks[b];
            for (; at < block.size; at++) {
                int bits = block.length[at] & 0xff;
                if (!visitor.visit(block.high[at], block.low(at), bits, block.value[at])) {
                    return;
                }
            }
        }
    }

    /// The last block that does not begin behind the prefix.
    private int blockOf(long high, long low, int length) {
        int from = 0;
        int to = blockCount - 1;
        int middle = to; // prefixes that come in order go to the last
        while (from < to) {
            int order = Long.compareUnsigned(firsts[middle], high);
            if (order == 0) {
                order = blocks[middle].compareTo(0, high, low, length);
            }
            if (order <= 0) {
                from = middle;
            } else {
                to = middle - 1;
            }
            middle = (from + to + 1) >>> 1;
        }
        return from;
    }

    private void insertBlock(int at, Block block) {
        if (blockCount == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * blockCount);
            firsts = Arrays.copyOf(firsts, 2 * blockCount);
        }
        System.arraycopy(blocks, at, blocks, at + 1, blockCount - at);
        System.arraycopy(firsts, at, firsts, at + 1, blockCount - at);
        blocks[at] = block;
        firsts[at] = block.high[0];
        blockCount++;
    }

    /// Joins a block that has become small with the one before or behind it, if that has room.
    private void join(int b) {
        if (blocks[b].size > MAX_BLOCK / 4) {
            return;
        }
        for (int first = Math.max(0, b - 1); first <= b && first + 1 < blockCount; first++) {
            int both = blocks[first].size + blocks[first + 1].size;
            if (both <= MAX_BLOCK / 2 || blocks[b].size == 0) {
                blocks[first].append(blocks[first + 1]);
                firsts[first] = blocks[first].size == 0 ? 0 : blocks[first].high[0];
                System.arraycopy(blocks, first + 2, blocks, first + 1, blockCount - first - 2);
                System.arraycopy(firsts, first + 2, firsts, first + 1, blockCount - first - 2);
                blockCount--;
                return;
            }
        }
    }
}
