package dev.stride.daemon.fpm;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Route;
import dev.stride.daemon.config.FpmConfig;
import dev.stride.daemon.config.ListenAddress;
import dev.stride.daemon.netlink.Messages;
import dev.stride.daemon.source.Devices;
import dev.stride.daemon.source.RouteSink;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/// Anything that a client of FPM may send, in pieces of any size: routes, or an end of the
/// connection that is counted. The first byte says how large the pieces are.
class FpmConnectionFuzz {
    private static final FpmConfig CONFIG =
            new FpmConfig(
                    ListenAddress.parse("127.0.0.1:0"),
                    null,
                    20,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1),
                    true);

    /// A RIB that knows destinations, takes all and answers at once.
    private static final class Sink implements RouteSink {
        final Set<Destination> known = new HashSet<>();

        @Override
        public boolean change(List<Destination> gone, List<Route> put, Runnable done) {
            known.removeAll(gone);
            put.forEach(route -> known.add(route.to()));
            done.run();
            return true;
        }

        @Override
        public CompletableFuture<List<Entry>> page(IpPrefix from, int limit) {
            return CompletableFuture.completedFuture(List.of());
        }

        @Override
        public boolean revise(
                Function<Attributes, @Nullable Attributes> rule, IntConsumer done) {
            done.accept(0);
            return true;
        }
    }

    static Stream<byte[]> seeds() {
        Messages routes = new Messages().nextHop(7, "192.0.2.2").via("10.9.0.0/16", 7);
        Messages more = new Messages().via("2001:db8::/32", "2001:db8:1::2").gone("10.9.0.0/16");
        return Stream.of(
                stream(0, routes.frame(), more.frame()),
                stream(3, routes.frame(), new byte[] {1, 1, 0, 4}, more.frame()),
                stream(40, capture("inline")),
                stream(0, capture("groups")));
    }

    private static byte[] stream(int piece, byte[]... frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(piece);
        for (byte[] frame : frames) {
            out.writeBytes(frame);
        }
        return out.toByteArray();
    }

    private static byte[] capture(String name) {
        try (InputStream in = FpmConnectionFuzz.class.getResourceAsStream(name + ".raw")) {
            return Objects.requireNonNull(in).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Timeout(60) // for one input
    @MethodSource("seeds")
    @FuzzTest
    void stream(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        int piece = bytes[0] == 0 ? bytes.length : bytes[0] & 0xff;
        FpmCounters counters = new FpmCounters();
        Sink sink = new Sink();
        FpmConnection connection =
                new FpmConnection(
                        1,
                        CONFIG,
                        (table, address) -> false,
                        sink,
                        id -> id == 254 ? 0 : -1,
                        device -> device % 2 == 0 ? 0 : Devices.UNKNOWN,
                        counters,
                        System::nanoTime,
                        which -> {});
        EmbeddedChannel channel = new EmbeddedChannel(connection);
        for (int at = 1; at < bytes.length && channel.isOpen(); at += piece) {
            int end = Math.min(bytes.length, at + piece);
            channel.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, at, end)));
            channel.runPendingTasks();
        }
        assertThat(faults(counters)).isEqualTo(channel.isOpen() ? 0 : 1);
        channel.close();
        channel.checkException();
        assertThat(faults(counters)).isLessThanOrEqualTo(1); // cut within a frame
        assertThat(counters.faults().getOrDefault(Fault.IO.label(), 0L)).isZero(); // that is, exceptions
        assertThat(sink.known.size()).isLessThanOrEqualTo(bytes.length / 28);
    }

    private static long faults(FpmCounters counters) {
        return counters.faults().values().stream().mapToLong(Long::longValue).sum();
    }
}
