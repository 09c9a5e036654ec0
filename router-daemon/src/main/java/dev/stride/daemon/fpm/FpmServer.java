package dev.stride.daemon.fpm;

import dev.stride.daemon.config.FpmConfig;
import dev.stride.daemon.source.Devices;
import dev.stride.daemon.source.RouteSink;
import dev.stride.io.linux.Namespace;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Listens for zebra over Netty's epoll transport. One connection counts: a new one takes the place
/// of the one before, which may be the half-open rest of a zebra that died.
public final class FpmServer implements AutoCloseable {
    private static final int READ_BUFFER = 1 << 20; // that of zebra's output

    private volatile FpmConfig config;
    private final RouteSink sink;
    private final OwnAddresses own;
    private final IntUnaryOperator tables;
    private final Function<@Nullable String, Devices> devices; // by namespace
    private final FpmCounters counters = new FpmCounters();
    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private volatile Channel channel;
    private int generation; // event loop
    private @Nullable FpmConnection current; // event loop

    private FpmServer(
            FpmConfig config,
            RouteSink sink,
            OwnAddresses own,
            IntUnaryOperator tables,
            Function<@Nullable String, Devices> devices) {
        this.own = own;
        this.config = config;
        this.sink = sink;
        this.tables = tables;
        this.devices = devices;
        try {
            channel = bind(config);
        } catch (Exception e) { // Netty throws the IOException of bind without declaring it
            loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
            throw e;
        }
    }

    private Channel bind(FpmConfig at) {
        String netns = at.netns();
        return netns == null ? listen(at) : Namespace.call(Namespace.path(netns), () -> listen(at));
    }

    private Channel listen(FpmConfig at) {
        return new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_RCVBUF, READ_BUFFER)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(
                        new ChannelInitializer<SocketChannel>() {
                            @Override
                            protected void initChannel(SocketChannel zebra) {
                                accept(zebra);
                            }
                        })
                .bind(at.listen().socketAddress())
                .syncUninterruptibly()
                .channel();
    }

    private void accept(SocketChannel zebra) {
        if (current != null) {
            current.replace();
        }
        generation++;
        current =
                new FpmConnection(
                        generation,
                        config,
                        own,
                        sink,
                        tables,
                        devices.apply(config.netns()),
                        counters,
                        System::nanoTime,
                        this::closed);
        zebra.pipeline().addLast(current);
    }

    private void closed(FpmConnection which) {
        if (current == which) {
            current = null;
            counters.disconnected();
        }
    }

    /// Listens.
    ///
    /// @param own tells addresses of the router itself
    /// @param tables gives the index of the routing table of an id; -1 where there is none. Any
    ///   thread
    /// @param devices gives those of a network namespace; null: the daemon's. Any thread
    /// @throws UncheckedIOException when the address cannot be had
    public static FpmServer start(
            FpmConfig config,
            RouteSink sink,
            OwnAddresses own,
            IntUnaryOperator tables,
            Function<@Nullable String, Devices> devices) {
        Epoll.ensureAvailability();
        try {
            return new FpmServer(config, sink, own, tables, devices);
        } catch (Exception e) { // as above
            throw refused(config, e);
        }
    }

    /// Lets zebra say everything anew, since it has said things that mean more now. Any thread.
    public void sayAgain() {
        loops.next()
                .execute(
                        () -> {
                            if (current != null) {
                                current.sayAgain();
                            }
                        });
    }

    private static UncheckedIOException refused(FpmConfig config, Exception e) {
        return new UncheckedIOException(
                new IOException(
                        "sources.fpm.listen "
                                + config.listen()
                                + ": "
                                + e.getMessage()
                                + "; choose another address, or end what listens there",
                        e));
    }

    /// Other settings that are prepared.
    ///
    /// @param channel listens already; null where the address stays
    public record Move(FpmConfig config, @Nullable Channel channel) {
        /// Gives it up.
        public void undo() {
            if (channel != null) {
                channel.close().syncUninterruptibly();
            }
        }
    }

    /// Prepares other settings.
    ///
    /// @throws UncheckedIOException when the address cannot be had
    public Move prepare(FpmConfig next) {
        boolean stays =
                next.listen().equals(config.listen())
                        && Objects.equals(next.netns(), config.netns());
        try {
            return new Move(next, stays ? null : bind(next));
        } catch (Exception e) { // as above
            throw refused(next, e);
        }
    }

    /// Goes on with other settings. Who is connected has to connect again, and its routes stay
    /// meanwhile.
    public void make(Move move) {
        config = move.config();
        if (move.channel() != null) {
            channel.close().syncUninterruptibly();
            channel = move.channel();
        }
        disconnect("the settings have changed");
    }

    private void disconnect(String why) {
        loops.next()
                .submit(
                        () -> {
                            if (current != null) {
                                current.disconnect(why);
                            }
                        })
                .syncUninterruptibly();
    }

    /// Withdraws what the present connection has not said so far, without waiting for it to be
    /// quiet. Any thread but the server's own.
    ///
    /// @param all where nobody is connected, all routes; otherwise there is nothing that stays
    /// @return how many routes that will have been; it fails with an IllegalStateException, for
    ///   people, where nobody is connected, or too much waits
    public CompletableFuture<Integer> sweepNow(boolean all) {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        loops.next()
                .execute(
                        () -> {
                            if (current == null && !all) {
                                done.completeExceptionally(
                                        new IllegalStateException(
                                                "zebra is not connected, so all of its routes are"
                                                        + " stale; --all withdraws them"));
                            } else if (!sweep(done::complete)) {
                                done.completeExceptionally(
                                        new IllegalStateException(
                                                "the control thread is busy; try again"));
                            }
                        });
        return done;
    }

    private boolean sweep(IntConsumer done) {
        return current != null ? current.sweepNow(done) : sink.revise(said -> null, done);
    }

    /// What it has seen. Any thread.
    public FpmCounters counters() {
        return counters;
    }

    /// Where it listens, with the port that was chosen when 0 was asked for.
    public String address() {
        return NetUtil.toSocketAddressString((InetSocketAddress) channel.localAddress());
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        disconnect("the server ends"); // a loop that shuts down may leave it open: zebra would wait
        loops.shutdownGracefully(0, 200, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
