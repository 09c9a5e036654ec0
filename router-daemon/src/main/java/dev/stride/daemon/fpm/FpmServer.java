package dev.stride.daemon.fpm;

import dev.stride.daemon.config.FpmConfig;
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
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Listens for zebra over Netty's epoll transport. One connection counts: a new one takes the place
/// of the one before, which may be the half-open rest of a zebra that died.
public final class FpmServer implements AutoCloseable {
    private static final int READ_BUFFER = 1 << 20; // that of zebra's output

    private final FpmConfig config;
    private final RouteSink sink;
    private final IntUnaryOperator tables;
    private final FpmCounters counters = new FpmCounters();
    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel channel;
    private int generation; // event loop
    private @Nullable FpmConnection current; // event loop

    private FpmServer(FpmConfig config, RouteSink sink, IntUnaryOperator tables) {
        this.config = config;
        this.sink = sink;
        this.tables = tables;
        try {
            String netns = config.netns();
            channel = netns == null ? bind() : Namespace.call(Namespace.path(netns), this::bind);
        } catch (Exception e) { // Netty throws the IOException of bind without declaring it
            loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
            throw e;
        }
    }

    private Channel bind() {
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
                .bind(config.listen().socketAddress())
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
                        generation, config, sink, tables, counters, System::nanoTime, this::closed);
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
    /// @param tables gives the index of the routing table of an id; -1 where there is none. Any
    ///   thread
    /// @throws UncheckedIOException when the address cannot be had
    public static FpmServer start(FpmConfig config, RouteSink sink, IntUnaryOperator tables) {
        Epoll.ensureAvailability();
        try {
            return new FpmServer(config, sink, tables);
        } catch (Exception e) { // as above
            throw new UncheckedIOException(
                    new IOException(
                            "sources.fpm.listen "
                                    + config.listen()
                                    + ": "
                                    + e.getMessage()
                                    + "; choose another address, or end what listens there",
                            e));
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
        loops.shutdownGracefully(0, 200, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
