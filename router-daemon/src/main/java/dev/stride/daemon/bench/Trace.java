package dev.stride.daemon.bench;

import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A sequence of 2^21 addresses to look up, with the right answers.
///
/// - `uniform`: every address that has a route is as likely as any other; with IPv6 a route is as
///   likely as it is short
/// - `prefix`: every route is as likely, then every address in it
/// - `zipf`: 131,072 addresses by Zipf's law, in trains of 8 on average, 64 trains mixed
/// - `repeat16`: as uniform, each address 16 times in a row
final class Trace {
    static final List<String> NAMES = List.of("uniform", "prefix", "zipf", "repeat16");

    private static final int LENGTH = 1 << 21;
    private static final int FLOWS = 1 << 17;

    private final String name;
    private final int[] fours; // of IPv4 addresses
    private final long[] highs; // of IPv6 addresses
    private final long[] lows;
    private final int[] nextHops;

    private Trace(String name, boolean four, int length) {
        this.name = name;
        fours = new int[four ? length : 0];
        highs = new long[four ? 0 : length];
        lows = new long[four ? 0 : length];
        nextHops = new int[length];
    }

    String name() {
        return name;
    }

    int length() {
        return nextHops.length;
    }

    /// An address of IPv4.
    int four(int i) {
        return fours[i];
    }

    /// All four over a table.
    static List<Trace> make(BenchTable table) {
        Draws draws = new Draws(88_172_645_463_325_252L);
        Trace uniform = new Trace(NAMES.get(0), table.isFour(), LENGTH);
        Weighted size = table.isFour() ? null : new Weighted(sizes(table));
        for (int i = 0; i < LENGTH; ) {
            if (size == null) {
                i += uniform.set(i, draws.next() >>> 13 << 32, 0, table);
            } else {
                i += uniform.set(i, table, size.draw(draws), draws);
            }
        }
        Trace prefix = new Trace(NAMES.get(1), table.isFour(), LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            prefix.set(i, table, draws.below(table.size()), draws);
        }
        Trace zipf = zipf(table, draws);
        Trace repeat = new Trace(NAMES.get(3), table.isFour(), LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            repeat.copy(i, uniform, i / 16);
        }
        return List.of(uniform, prefix, zipf, repeat);
    }

    private static double[] sizes(BenchTable table) {
        double[] sizes = new double[table.size()];
        Arrays.setAll(sizes, i -> Math.scalb(1.0, 64 - Math.min(64, table.prefix(i).length())));
        return sizes;
    }

    private int set(int i, BenchTable table, int route, Draws draws) {
        return set(i, table.highOf(route, draws.next()), table.lowOf(route, draws.next()), table);
    }

    /// Returns 1 if the address has a route, else 0.
    private int set(int i, long high, long low, BenchTable table) {
        put(i, high, low);
        nextHops[i] = table.right(high, low);
        return nextHops[i] == 0 ? 0 : 1;
    }

    private void put(int i, long high, long low) {
        if (fours.length > 0) {
            fours[i] = (int) (high >>> 32);
        } else {
            highs[i] = high;
            lows[i] = low;
        }
    }

    private void copy(int i, Trace from, int at) {
        if (fours.length > 0) {
            fours[i] = from.fours[at];
        } else {
            put(i, from.highs[at], from.lows[at]);
        }
        nextHops[i] = from.nextHops[at];
    }

    private static Trace zipf(BenchTable table, Draws draws) {
        Trace flows = new Trace("flows", table.isFour(), FLOWS);
        for (int i = 0; i < FLOWS; i++) {
            flows.set(i, table, draws.below(table.size()), draws);
        }
        Weighted popularity = new Weighted(FLOWS);
        int[] active = new int[64];
        Arrays.setAll(active, i -> popularity.draw(draws));
        Trace zipf = new Trace(NAMES.get(2), table.isFour(), LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            int train = (int) draws.next() & 63;
            if ((draws.next() & 7) == 0) {
                active[train] = popularity.draw(draws);
            }
            zipf.copy(i, flows, active[train]);
        }
        return zipf;
    }

    /// Reads `v4_NAME.addr` and `v4_NAME.nexthop`, 32-bit words in this machine's order, or the
    /// same with `v6`, whose addresses are in network order.
    static List<Trace> read(Path directory, boolean four) throws IOException {
        List<Trace> traces = new ArrayList<>();
        for (String name : NAMES) {
            Path file = directory.resolve((four ? "v4_" : "v6_") + name + ".addr");
            ByteBuffer addresses = ByteBuffer.wrap(Files.readAllBytes(file));
            Trace trace = new Trace(name, four, addresses.remaining() / (four ? 4 : 16));
            for (int i = 0; i < trace.length(); i++) {
                if (four) {
                    trace.fours[i] = addresses.order(ByteOrder.nativeOrder()).getInt();
                } else {
                    trace.put(i, addresses.getLong(), addresses.getLong());
                }
            }
            Path answers = Path.of(file.toString().replace(".addr", ".nexthop"));
            ByteBuffer words = ByteBuffer.wrap(Files.readAllBytes(answers));
            if (words.remaining() != 4 * trace.length()) {
                throw new IOException(answers + " has not one answer an address");
            }
            words.order(ByteOrder.nativeOrder()).asIntBuffer().get(trace.nextHops);
            traces.add(trace);
        }
        return traces;
    }

    /// Looks everything up in bursts, and compares one answer of each: [#check] compares all.
    ///
    /// @return how many of those were wrong
    int bursts(Fib4 fib, int burst) {
        int[] out = new int[burst];
        int wrong = 0;
        for (int i = 0; i + burst <= fours.length; i += burst) {
            fib.lookup(fours, i, out, burst);
            wrong += isWrong(out, i);
        }
        return wrong;
    }

    int bursts(Fib6 fib, int burst) {
        int[] out = new int[burst];
        int wrong = 0;
        for (int i = 0; i + burst <= highs.length; i += burst) {
            fib.lookup(highs, lows, i, out, burst);
            wrong += isWrong(out, i);
        }
        return wrong;
    }

    /// Whether one of a burst's answers is wrong: of the next burst it is another one.
    private int isWrong(int[] answers, int at) {
        int one = at / answers.length % answers.length;
        return answers[one] == nextHops[at + one] ? 0 : 1;
    }

    /// Looks everything up one by one.
    ///
    /// @return how many answers were wrong
    int singles(Fib4 fib) {
        int wrong = 0;
        for (int i = 0; i < fours.length; i++) {
            wrong += fib.lookup(fours[i]) == nextHops[i] ? 0 : 1;
        }
        return wrong;
    }

    int singles(Fib6 fib) {
        int wrong = 0;
        for (int i = 0; i < highs.length; i++) {
            wrong += fib.lookup(highs[i], lows[i]) == nextHops[i] ? 0 : 1;
        }
        return wrong;
    }

    /// Compares every answer, in bursts and one by one.
    ///
    /// @throws IllegalStateException at a wrong one
    void check(Fib4 fib, Fib6 fib6, int burst) {
        int[] out = new int[burst];
        for (int i = 0; i + burst <= length(); i += burst) {
            if (fours.length > 0) {
                fib.lookup(fours, i, out, burst);
            } else {
                fib6.lookup(highs, lows, i, out, burst);
            }
            for (int j = 0; j < burst; j++) {
                int at = i + j;
                int single =
                        fours.length > 0 ? fib.lookup(fours[at]) : fib6.lookup(highs[at], lows[at]);
                if (out[j] != nextHops[at] || single != nextHops[at]) {
                    throw new IllegalStateException(
                            "%s, address %d: %d in a burst, %d alone, not %d"
                                    .formatted(name, at, out[j], single, nextHops[at]));
                }
            }
        }
    }
}
