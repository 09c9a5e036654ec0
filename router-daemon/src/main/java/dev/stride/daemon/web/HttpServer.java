package dev.stride.daemon.web;

import dev.stride.daemon.control.Router;
import dev.stride.daemon.metrics.RouterMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The HTTP server over Netty's epoll transport.
public final class HttpServer implements AutoCloseable {
    private static final int MAX_REQUEST = 8192;
    private static final int IDLE_SECONDS = 60;

    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ExecutorService answers =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("http").daemon().factory());
    private final Channel channel;

    private HttpServer(InetSocketAddress listen, Router router) {
        try {
            channel = bind(listen, router, new RouterMetrics(router));
        } catch (Exception e) { // Netty throws the IOException of bind without declaring it
            loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
            answers.shutdown();
            throw e;
        }
    }

    private Channel bind(InetSocketAddress listen, Router router, RouterMetrics metrics) {
        return new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(
                        new ChannelInitializer<SocketChannel>() {
                            @Override
                            protected void initChannel(SocketChannel client) {
                                client.pipeline()
                                        .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                                        .addLast(new HttpServerCodec())
                                        .addLast(new HttpContentCompressor())
                                        .addLast(new HttpObjectAggregator(MAX_REQUEST))
                                        .addLast(new HttpAnswers(router, metrics, answers));
                            }
                        })
                .bind(listen)
                .syncUninterruptibly()
                .channel();
    }

    /// Listens.
    ///
    /// @throws UncheckedIOException when the address cannot be had
    public static HttpServer start(InetSocketAddress listen, Router router) {
        Epoll.ensureAvailability();
        try {
            return new HttpServer(listen, router);
        } catch (Exception e) { // as above
            String where = NetUtil.toSocketAddressString(listen);
            throw new UncheckedIOException(
                    new IOException(
                            "metrics.listen "
                                    + where
                                    + ": "
                                    + e.getMessage()
                                    + "; choose another address, or end what listens there",
                            e));
        }
    }

    /// Where it listens, with the port that was chosen when 0 was asked for.
    public String address() {
        return NetUtil.toSocketAddressString((InetSocketAddress) channel.localAddress());
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        answers.shutdown();
        loops.shutdownGracefully(0, 200, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
