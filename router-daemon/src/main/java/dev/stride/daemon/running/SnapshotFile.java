package dev.stride.daemon.running;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.config.TableConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Routes as a text: what routes say stands once, before the first that says it.
///
/// ```
/// stride-routes 1 1764100000                   version, seconds since 1970
/// = unicast 20 0 10.1.0.2 - 1 10.2.0.2 lan 2   kind, distance, metric; address, port, weight of each
/// 10.9.0.0/16 0 red                            prefix, number of the line with =, table but for main
/// end 1 5d41402a                               number of routes, CRC-32 of all lines before
/// ```
final class SnapshotFile {
    private static final String HEAD = "stride-routes 1 ";
    private static final String END = "end ";
    private static final int BATCH = 1000;
    private static final int FIXED = 4; // words of a line with = before the gateways

    private SnapshotFile() {}

    /// Writes routes one after the other. One thread.
    static final class Writer {
        private final OutputStream out;
        private final IntFunction<@Nullable String> portName;
        private final CRC32 sum = new CRC32();
        private final Map<Attributes, Integer> numbers = new HashMap<>();
        private int routes;

        /// @param portName names of ports by index
        Writer(OutputStream out, IntFunction<@Nullable String> portName, Instant now)
                throws IOException {
            this.out = out;
            this.portName = portName;
            line(HEAD + now.getEpochSecond());
        }

        void add(String table, IpPrefix prefix, Attributes said) throws IOException {
            Integer number = numbers.get(said);
            if (number == null) {
                number = numbers.size();
                numbers.put(said, number);
                line(shown(said));
            }
            boolean main = table.equals(TableConfig.MAIN.name());
            line(prefix + " " + number + (main ? "" : " " + table));
            routes++;
        }

        private String shown(Attributes said) {
            StringBuilder text = new StringBuilder("= ").append(said.kind().label());
            text.append(' ').append(said.distance()).append(' ').append(said.metric());
            for (Route.Gateway gateway : said.gateways()) {
                String port = gateway.port() < 0 ? null : portName.apply(gateway.port());
                text.append(' ').append(gateway.address());
                text.append(' ').append(port == null ? "-" : port);
                text.append(' ').append(gateway.weight());
            }
            return text.toString();
        }

        private void line(String text) throws IOException {
            byte[] bytes = (text + "\n").getBytes(StandardCharsets.US_ASCII);
            sum.update(bytes);
            out.write(bytes);
        }

        /// Writes the end, without which a file is good for nothing.
        ///
        /// @return how many routes are in it
        int end() throws IOException {
            line(END + routes + " " + Long.toHexString(sum.getValue()));
            return routes;
        }
    }

    /// When the file was written, once it has shown to be whole.
    ///
    /// @throws IOException when it cannot be read, or is not whole, which the message says
    static Instant check(InputStream in) throws IOException {
        BufferedReader lines = reader(in);
        CRC32 sum = new CRC32();
        Instant time = null;
        int routes = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(END)) {
                String wanted = END + routes + " " + Long.toHexString(sum.getValue());
                if (!line.equals(wanted) || time == null || lines.readLine() != null) {
                    throw new IOException("its end does not fit the rest");
                }
                return time;
            }
            sum.update((line + "\n").getBytes(StandardCharsets.US_ASCII));
            if (time == null) {
                time = time(line);
            } else if (!line.startsWith("=")) {
                routes++;
            }
        }
        throw new IOException("its end is missing");
    }

    private static Instant time(String line) throws IOException {
        try {
            if (line.startsWith(HEAD)) {
                return Instant.ofEpochSecond(Long.parseLong(line.substring(HEAD.length())));
            }
        } catch (NumberFormatException e) {
            throw new IOException("it is of another version", e);
        }
        throw new IOException("it is of another version");
    }

    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII), 1 << 16);
    }

    /// Reads the routes of a file that is whole. Gateways behind ports that there are no longer are
    /// left out, and routes that have no others.
    ///
    /// @param portIndex of ports by name; -1 where there is no such
    /// @param tableIndex of routing tables by name; -1 where there is no such, whose routes are
    ///   left out
    /// @param batches takes them, some at a time
    /// @return how many
    /// @throws IOException when it cannot be read, or understood
    static int read(
            InputStream in,
            RouteSource source,
            ToIntFunction<String> portIndex,
            ToIntFunction<String> tableIndex,
            Consumer<List<Route>> batches)
            throws IOException {
        BufferedReader lines = reader(in);
        List<@Nullable Attributes> said = new ArrayList<>();
        List<Route> batch = new ArrayList<>(BATCH);
        int routes = 0;
        String line = lines.readLine(); // the head
        try {
            for (line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(END)) {
                    break;
                }
                if (line.startsWith("=")) {
                    said.add(attributes(line.split(" "), source, portIndex));
                    continue;
                }
                String[] words = line.split(" ");
                Attributes known = said.get(Integer.parseInt(words[1]));
                int table = words.length < 3 ? Destination.MAIN : tableIndex.applyAsInt(words[2]);
                if (known != null && table >= 0) {
                    routes++;
                    Destination to = new Destination(table, IpPrefix.parse(words[0]));
                    batch.add(new Route(to, known));
                    if (batch.size() == BATCH) {
                        batches.accept(batch);
                        batch = new ArrayList<>(BATCH);
                    }
                }
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException("its line \"" + line + "\" is not understood", e);
        }
        batches.accept(batch);
        return routes;
    }

    /// Null where no gateway is left.
    private static @Nullable Attributes attributes(
            String[] words, RouteSource source, ToIntFunction<String> portIndex) {
        Route.Kind kind = Route.Kind.valueOf(words[1].toUpperCase(Locale.ROOT));
        int distance = Integer.parseInt(words[2]);
        int metric = Integer.parseInt(words[3]);
        List<Route.Gateway> gateways = new ArrayList<>();
        for (int i = FIXED; i < words.length; i += 3) {
            int port = words[i + 1].equals("-") ? -1 : portIndex.applyAsInt(words[i + 1]);
            if (port >= 0 || words[i + 1].equals("-")) {
                int weight = Integer.parseInt(words[i + 2]);
                gateways.add(new Route.Gateway(IpAddress.parse(words[i]), port, weight));
            }
        }
        if (kind == Route.Kind.UNICAST && gateways.isEmpty()) {
            return null;
        }
        return new Attributes(source, kind, gateways, -1, distance, metric);
    }
}
