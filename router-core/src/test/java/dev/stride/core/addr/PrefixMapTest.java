package dev.stride.core.addr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Against a tree of objects.
class PrefixMapTest {
    private static int get(PrefixMap map, IpPrefix prefix) {
        return map.get(PrefixMap.high(prefix), PrefixMap.low(prefix), prefix.length());
    }

    private static int put(PrefixMap map, IpPrefix prefix, int value) {
        return map.put(PrefixMap.high(prefix), PrefixMap.low(prefix), prefix.length(), value);
    }

    private static int remove(PrefixMap map, IpPrefix prefix) {
        return map.remove(PrefixMap.high(prefix), PrefixMap.low(prefix), prefix.length());
    }

    private static List<Map.Entry<IpPrefix, Integer>> all(PrefixMap map, IpPrefix from) {
        List<Map.Entry<IpPrefix, Integer>> all = new ArrayList<>();
        map.visit(
                PrefixMap.high(from),
                PrefixMap.low(from),
                from.length(),
                (high, low, length, value) -> {
                    all.add(Map.entry(map.prefix(high, low, length), value));
                    return true;
                });
        return all;
    }

    /// Few different addresses of which many are near: blocks fill, split, run empty and join.
    private static IpPrefix draw(SplittableRandom random, boolean four) {
        int bits = random.nextInt(8) << 26 | random.nextInt(60);
        if (four) {
            return Ip4Prefix.of(bits, random.nextInt(33));
        }
        boolean host = random.nextInt(4) == 0;
        long low = (long) random.nextInt(3) << 30;
        return Ip6Prefix.of(
                (long) bits << 20, low, host ? 128 - random.nextInt(40) : random.nextInt(65));
    }

    /// Many of them in order, so that blocks are left full; then the gaps between, where full
    /// blocks must give way.
    @Test
    void takesPrefixesInOrderAndBetween() {
        PrefixMap map = new PrefixMap(true);
        for (int step : new int[] {2, 1}) {
            for (int i = 0; i < 2000; i += step) {
                int before = put(map, new Ip4Prefix(i << 8, 24), i + 1);
                assertThat(before).isEqualTo(step == 1 && i % 2 == 0 ? i + 1 : 0);
            }
        }
        List<Map.Entry<IpPrefix, Integer>> expected = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            expected.add(Map.entry(new Ip4Prefix(i << 8, 24), i + 1));
        }
        assertThat(all(map, new Ip4Prefix(0, 0))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "3, true", "4, false", "5, false", "6, false"})
    void equalsATreeThroughRandomChanges(long seed, boolean four) {
        SplittableRandom random = new SplittableRandom(seed);
        PrefixMap map = new PrefixMap(four);
        NavigableMap<IpPrefix, Integer> tree =
                new TreeMap<>(
                        (one, other) ->
                                four
                                        ? ((Ip4Prefix) one).compareTo((Ip4Prefix) other)
                                        : ((Ip6Prefix) one).compareTo((Ip6Prefix) other));
        for (int step = 1; step <= 60_000; step++) {
            IpPrefix prefix = draw(random, four);
            boolean growing = step / 10_000 % 2 == 0;
            int value = 1 + random.nextInt(1000);
            Integer before = tree.get(prefix);
            int was = before == null ? 0 : before;
            if (random.nextInt(10) < (growing ? 7 : 2)) {
                tree.put(prefix, value);
                assertThat(put(map, prefix, value)).isEqualTo(was);
            } else {
                tree.remove(prefix);
                assertThat(remove(map, prefix)).isEqualTo(was);
            }
            assertThat(map.size()).isEqualTo(tree.size());
            IpPrefix other = draw(random, four);
            assertThat(get(map, other)).isEqualTo(tree.getOrDefault(other, 0));
            if (step % 2_000 == 0) {
                assertThat(all(map, other)).isEqualTo(List.copyOf(tree.tailMap(other).entrySet()));
            }
        }
        for (IpPrefix prefix : List.copyOf(tree.keySet())) {
            assertThat(remove(map, prefix)).isEqualTo(tree.remove(prefix));
        }
        assertThat(map.size()).isZero();
        assertThat(all(map, four ? new Ip4Prefix(0, 0) : new Ip6Prefix(0, 0, 0))).isEmpty();
    }
}
