package dev.stride.daemon.bench;

import dev.stride.core.fib.Fib4;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A sequence of 2^21 addresses to look up, with the right answers.
///
/// - `uniform`: every address that has a route is as likely as any other
/// - `prefix`: every route is as likely, then every address in it
/// - `zipf`: 131,072 addresses by Zipf's law, in trains of 8 on average, 64 trains mixed
/// - `repeat16`: as uniform, each address 16 times in a row
final class Trace {
    static final List<String> NAMES = List.of("uniform", "prefix", "zipf", "repeat16");

    private static final int LENGTH = 1 << 21;
    private static final int FLOWS = 1 << 17;

    private final String name;
    private final int[] addresses;
    private final int[] nextHops;

    private Trace(String name, int[] addresses, int[] nextHops) {
        this.name = name;
        this.addresses = addresses;
        this.nextHops = nextHops;
    }

    String name() {
        return name;
    }

    int[] addresses() {
        return addresses;
    }

    int[] nextHops() {
        return nextHops;
    }

    /// All four over a table.
    static List<Trace> make(BenchTable table, Fib4 fib) {
        Draws draws = new Draws(88_172_645_463_325_252L);
        int[] uniform = new int[LENGTH];
        for (int i = 0; i < LENGTH; ) {
            uniform[i] = (int) (draws.next() >>> 13);
            i += fib.lookup(uniform[i]) == 0 ? 0 : 1;
        }
        int[] prefix = new int[LENGTH];
        int[] repeat = new int[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            prefix[i] = table.address(draws);
            repeat[i] = uniform[i / 16];
        }
        List<int[]> all = List.of(uniform, prefix, zipf(table, draws), repeat);
        Reference reference = new Reference(table);
        List<Trace> traces = new ArrayList<>();
        for (int t = 0; t < NAMES.size(); t++) {
            int[] answers = new int[LENGTH];
            for (int i = 0; i < LENGTH; i++) {
                answers[i] = reference.lookup(all.get(t)[i]);
            }
            traces.add(new Trace(NAMES.get(t), all.get(t), answers));
        }
        return traces;
    }

    private static int[] zipf(BenchTable table, Draws draws) {
        int[] flows = new int[FLOWS];
        for (int i = 0; i < FLOWS; i++) {
            flows[i] = table.address(draws);
        }
        Zipf popularity = new Zipf(FLOWS);
        int[] active = new int[64];
        for (int i = 0; i < active.length; i++) {
            active[i] = flows[popularity.draw(draws)];
        }
        int[] addresses = new int[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            int train = (int) draws.next() & 63;
            if ((draws.next() & 7) == 0) {
                active[train] = flows[popularity.draw(draws)];
            }
            addresses[i] = active[train];
        }
        return addresses;
    }

    /// Reads `v4_NAME.addr` and `v4_NAME.nexthop`: 32-bit words in this machine's order.
    static List<Trace> read(Path directory) throws IOException {
        List<Trace> traces = new ArrayList<>();
        for (String name : NAMES) {
            int[] addresses = words(directory.resolve("v4_" + name + ".addr"));
            int[] nextHops = words(directory.resolve("v4_" + name + ".nexthop"));
            if (nextHops.length != addresses.length) {
                throw new IOException(directory + ": " + name + " has not one answer an address");
            }
            traces.add(new Trace(name, addresses, nextHops));
        }
        return traces;
    }

    private static int[] words(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        int[] words = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(words);
        return words;
    }
}
