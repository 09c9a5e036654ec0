package dev.stride.daemon.control;

import dev.stride.daemon.config.ControlConfig;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Listens on the control socket. Who may connect is decided by the mode and group of the file, and
/// what a client may do by an [Access.Rule].
public final class ControlServer implements AutoCloseable {
    /// Bytes of a request, without its line end.
    static final int MAX_LINE = 1 << 20;

    /// Bytes of answers that wait for a client.
    private static final WriteBufferWaterMark OUTBOUND = new WriteBufferWaterMark(1 << 18, 1 << 20);

    private final Path path;
    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel channel;

    private ControlServer(
            ControlConfig config, Router router, Access.Rule rule, ControlCounters counters) {
        this.path = config.socket();
        try {
            channel =
                    bind(
                            () ->
                                    new ControlConnection(
                                            router, rule, config.writeTimeout(), counters));
        } catch (Exception e) { // Netty throws the IOException of bind without declaring it
            loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
            throw e;
        }
    }

    private Channel bind(Supplier<ControlConnection> handler) {
        return new ServerBootstrap()
                .group(loops)
                .channel(EpollServerDomainSocketChannel.class)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, OUTBOUND)
                .childHandler(
                        new ChannelInitializer<DomainSocketChannel>() {
                            @Override
                            protected void initChannel(DomainSocketChannel client) {
                                client.pipeline()
                                        .addLast(new LineBasedFrameDecoder(MAX_LINE, true, true))
                                        .addLast(new StringDecoder(StandardCharsets.UTF_8))
                                        .addLast(new StringEncoder(StandardCharsets.UTF_8))
                                        .addLast(handler.get());
                            }
                        })
                .bind(new DomainSocketAddress(path.toFile()))
                .syncUninterruptibly()
                .channel();
    }

    /// Listens; the directory of the socket is made where it is missing.
    ///
    /// @throws UncheckedIOException when that cannot be, or another daemon listens there
    public static ControlServer start(
            ControlConfig config, Router router, Access.Rule rule, ControlCounters counters) {
        Path path = config.socket();
        Epoll.ensureAvailability();
        try {
            prepare(path);
            ControlServer server = new ControlServer(config, router, rule, counters);
            try {
                permit(config);
            } catch (Exception e) {
                server.close();
                throw e;
            }
            return server;
        } catch (Exception e) { // as above
            throw new UncheckedIOException(
                    new IOException("control.socket " + path + ": " + e.getMessage(), e));
        }
    }

    /// First the group: until then the mode keeps everybody else out.
    private static void permit(ControlConfig config) throws IOException {
        Path path = config.socket();
        if (config.group() != null) {
            GroupPrincipal group =
                    path.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByGroupName(config.group());
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            Files.getFileAttributeView(path, PosixFileAttributeView.class).setGroup(group);
        }
        Files.setAttribute(path, "unix:mode", config.effectiveMode());
    }

    /// Takes away the socket of a daemon that died, but not that of one that lives, nor a file of
    /// another kind.
    private static void prepare(Path path) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException("a file that is no socket has this name; choose another path");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
            throw new IOException("another daemon listens here; stop it, or choose another path");
        } catch (ConnectException e) {
            Files.delete(path);
        }
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 200, TimeUnit.MILLISECONDS).syncUninterruptibly();
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            System.getLogger("control")
                    .log(System.Logger.Level.WARNING, "{0} is left behind: {1}", path, e);
        }
    }
}
