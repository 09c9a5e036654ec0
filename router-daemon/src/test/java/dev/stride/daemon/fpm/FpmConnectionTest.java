package dev.stride.daemon.fpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Route;
import dev.stride.daemon.config.FpmConfig;
import dev.stride.daemon.config.ListenAddress;
import dev.stride.daemon.netlink.MessageReader;
import dev.stride.daemon.netlink.Messages;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import dev.stride.daemon.source.Devices;
import dev.stride.daemon.source.RouteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A connection without a socket: frames in, what the sink is asked for out, and time as the test
/// says.
class FpmConnectionTest {
    private static final long SECOND = 1_000_000_000;
    private static final IpAddress OWN = IpAddress.parse("10.1.0.1");

    /// A control thread that does what it is asked when the test says so.
    private static final class Sink implements RouteSink {
        final Map<Destination, Attributes> rib = new HashMap<>();
        final Deque<Runnable> due = new ArrayDeque<>();
        boolean full;
        int sweeps;

        @Override
        public boolean change(List<Destination> gone, List<Route> put, Runnable done) {
            if (!full) {
                due.add(
                        () -> {
                            gone.forEach(rib::remove);
                            put.forEach(each -> rib.put(each.to(), each.attributes()));
                            done.run();
                        });
            }
            return !full;
        }

        @Override
        public boolean revise(Function<Attributes, @Nullable Attributes> rule, IntConsumer done) {
            if (!full) {
                sweeps++;
                int before = rib.size();
                rib.values().removeIf(said -> rule.apply(said) == null);
                done.accept(before - rib.size());
            }
            return !full;
        }

        @Override
        public @Nullable CompletableFuture<List<Entry>> page(IpPrefix from, int limit) {
            throw new AssertionError("FPM does not ask");
        }

        void run() {
            while (!due.isEmpty()) {
                due.remove().run();
            }
        }
    }

    private final Sink sink = new Sink();
    private final FpmCounters counters = new FpmCounters();
    private long now;

    private EmbeddedChannel connect(int generation, boolean replies) {
        FpmConfig config =
                new FpmConfig(
                        ListenAddress.parse("127.0.0.1:2620"),
                        null,
                        20,
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(5),
                        replies);
        return new EmbeddedChannel(
                new FpmConnection(
                        generation,
                        config,
                        (table, address) -> OWN.equals(address),
                        sink,
                        id -> id == 254 ? 0 : -1,
                        Devices.NONE,
                        counters,
                        () -> now,
                        gone -> {}));
    }

    private static void send(EmbeddedChannel channel, Messages messages) {
        channel.writeInbound(Unpooled.wrappedBuffer(messages.frame()));
    }

    private static void routes(EmbeddedChannel channel, int from, int count) {
        for (int i = from; i < from + count; i++) {
            send(
                    channel,
                    new Messages().via("10.%d.%d.0/24".formatted(i >> 8, i & 255), "10.1.0.2"));
        }
    }

    /// Lets time pass, in steps, for both clocks.
    private void pass(EmbeddedChannel channel, long seconds) {
        for (long i = 0; i < 10 * seconds; i++) {
            now += SECOND / 10;
            channel.advanceTimeBy(SECOND / 10, TimeUnit.NANOSECONDS);
            channel.runPendingTasks();
            sink.run();
            channel.runPendingTasks();
        }
    }

    @Test
    void readingStopsWhileTheControlThreadIsBehindAndGoesOn() {
        EmbeddedChannel channel = connect(1, false);
        routes(channel, 0, 3);
        assertThat(channel.config().isAutoRead()).isTrue();
        routes(channel, 3, 5);
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(counters.pauses()).isOne();
        assertThat(sink.due).hasSize(4); // no more are on the way
        sink.run();
        channel.runPendingTasks();
        sink.run();
        channel.runPendingTasks();
        assertThat(channel.config().isAutoRead()).isTrue();
        pass(channel, 1);
        assertThat(sink.rib).hasSize(8);
    }

    @Test
    void whatAFullQueueRefusesIsSentAgain() {
        EmbeddedChannel channel = connect(1, false);
        sink.full = true;
        routes(channel, 0, 2);
        assertThat(channel.config().isAutoRead()).isFalse();
        pass(channel, 1);
        assertThat(sink.rib).isEmpty();
        sink.full = false;
        pass(channel, 1);
        assertThat(sink.rib).hasSize(2);
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    private void stale() {
        EmbeddedChannel first = connect(1, false);
        routes(first, 0, 5);
        pass(first, 1);
        first.close();
        assertThat(sink.rib).hasSize(5);
    }

    @Test
    void staleRoutesGoAfterHoldAndQuiet() {
        stale();
        EmbeddedChannel second = connect(2, false);
        routes(second, 0, 2);
        pass(second, 29);
        assertThat(sink.rib).hasSize(5);
        pass(second, 3);
        assertThat(sink.rib).hasSize(2);
        assertThat(counters.swept()).isEqualTo(3);
        pass(second, 60);
        assertThat(sink.sweeps).isOne();
    }

    @Test
    void nothingGoesWhileRoutesCome() {
        stale();
        EmbeddedChannel second = connect(2, false);
        for (int i = 0; i < 20; i++) {
            routes(second, 0, 1);
            pass(second, 4);
        }
        assertThat(sink.rib).hasSize(5);
        pass(second, 6);
        assertThat(sink.rib).hasSize(1);
    }

    /// Ten times the hold time is enough for whoever never is quiet.
    @Test
    void aSourceThatIsNeverQuietIsSweptInTheEnd() {
        stale();
        EmbeddedChannel second = connect(2, false);
        for (int i = 0; i < 73; i++) {
            routes(second, 0, 1);
            pass(second, 4);
        }
        assertThat(sink.rib).hasSize(5);
        for (int i = 0; i < 5; i++) {
            routes(second, 0, 1);
            pass(second, 4);
        }
        assertThat(sink.rib).hasSize(1);
    }

    @Test
    void nothingGoesBeforeARouteHasCome() {
        stale();
        EmbeddedChannel second = connect(2, false);
        pass(second, 120);
        send(second, new Messages().nextHop(7, "10.1.0.2"));
        pass(second, 120);
        assertThat(sink.rib).hasSize(5);
        routes(second, 0, 1);
        pass(second, 6);
        assertThat(sink.rib).hasSize(1);
    }

    @Test
    void nothingGoesWhenTheConnectionEndsBefore() {
        stale();
        EmbeddedChannel second = connect(2, false);
        routes(second, 0, 1);
        pass(second, 10);
        second.close();
        pass(second, 120);
        assertThat(sink.rib).hasSize(5);
        assertThat(sink.sweeps).isZero();
    }

    @Test
    void sweepNowWaitsForNothing() {
        stale();
        EmbeddedChannel second = connect(2, false);
        routes(second, 0, 1);
        sink.run();
        List<Integer> swept = new ArrayList<>();
        second.pipeline().get(FpmConnection.class).sweepNow(swept::add);
        assertThat(swept).containsExactly(4);
        assertThat(sink.rib).hasSize(1);
        assertThat(counters.swept()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inline", "group"})
    void gatewayThatIsOurOwnAddressIsRefused(String how) {
        EmbeddedChannel channel = connect(1, false);
        routes(channel, 0, 1);
        pass(channel, 1);
        assertThat(sink.rib).hasSize(1);
        Messages own =
                how.equals("inline")
                        ? new Messages().via("10.0.0.0/24", "10.1.0.1")
                        : new Messages().via("10.0.0.0/24", 7).nextHop(7, "10.1.0.1");
        send(channel, own);
        pass(channel, 1);
        assertThat(sink.rib).isEmpty();
        assertThat(counters.skipped()).containsEntry("own_address", 1L);
    }

    /// Once they are made: those that are taken, and those that are not.
    @Test
    void zebraIsToldWhatBecameOfItsRoutes() {
        EmbeddedChannel channel = connect(1, true);
        send(
                channel,
                new Messages()
                        .via("10.8.0.0/24", "10.1.0.2")
                        .via("2001:db8:8::/48", "2001:db8:1::2")
                        .via("10.9.0.0/24", "10.1.0.1"));
        assertThat(channel.outboundMessages()).isEmpty();
        pass(channel, 1);
        ByteBuf frames = channel.readOutbound();
        List<Integer> flags = new ArrayList<>();
        List<String> prefixes = new ArrayList<>();
        while (frames.isReadable()) {
            assertThat(frames.readUnsignedShort()).as("version and type").isEqualTo(0x0101);
            ByteBuf message = frames.readSlice(frames.readUnsignedShort() - 4);
            assertThat(message.getIntLE(0)).as("all of it").isEqualTo(message.readableBytes());
            assertThat(message.getShortLE(6)).as("NLM_F_REQUEST").isEqualTo((short) 1);
            flags.add(message.getIntLE(24));
            assertThat(new MessageReader(message.nioBuffer()).next())
                    .isInstanceOfSatisfying(
                            RouteMessage.class,
                            route -> {
                                assertThat(route.protocol()).isEqualTo(196);
                                assertThat(route.table()).isEqualTo(254);
                                prefixes.add(route.prefix().toString());
                            });
        }
        assertThat(prefixes).containsExactly("10.8.0.0/24", "2001:db8:8::/48", "10.9.0.0/24");
        assertThat(flags).containsExactly(0x4000, 0x4000, 0x2000_0000);
    }
}
