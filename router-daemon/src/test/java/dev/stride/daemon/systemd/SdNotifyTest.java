package dev.stride.daemon.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against a datagram socket such as systemd listens on.
@Timeout(30)
class SdNotifyTest {
    private static final long PID = 42;

    @TempDir Path directory;
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private Channel manager;

    @BeforeEach
    void listen() {
        manager =
                new Bootstrap()
                        .group(loops)
                        .channel(EpollDomainDatagramChannel.class)
                        .handler(
                                new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                                    @Override
                                    protected void channelRead0(
                                            ChannelHandlerContext context,
                                            DomainDatagramPacket packet) {
                                        received.add(
                                                packet.content().toString(StandardCharsets.UTF_8));
                                    }
                                })
                        .bind(new DomainSocketAddress(path()))
                        .syncUninterruptibly()
                        .channel();
    }

    @AfterEach
    void close() {
        manager.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    private String path() {
        return directory.resolve("notify").toString();
    }

    private SdNotify notifier(String... more) {
        Map<String, String> environment = new HashMap<>();
        environment.put("NOTIFY_SOCKET", path());
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return new SdNotify(environment, PID);
    }

    @Test
    void messageArrivesWhole() throws InterruptedException {
        notifier().send("READY=1\n");
        assertThat(received.take()).isEqualTo("READY=1\n");
    }

    @Test
    void watchdogIsFedOnlyWhereSystemdWatchesUs() throws InterruptedException {
        notifier("WATCHDOG_USEC", "10000000").tellAlive("a");
        assertThat(received.take()).isEqualTo("WATCHDOG=1\nSTATUS=a\n");
        notifier("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "42").tellAlive("a");
        assertThat(received.take()).startsWith("WATCHDOG=1\n");
        notifier("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "43").tellAlive("a");
        assertThat(received.take()).isEqualTo("STATUS=a\n");
    }

    @Test
    void statusIsToldOnceUntilItChanges() throws InterruptedException {
        SdNotify notifier = notifier();
        notifier.tellAlive("a");
        notifier.tellAlive("a");
        notifier.tellAlive("b");
        assertThat(received.take()).isEqualTo("STATUS=a\n");
        assertThat(received.take()).isEqualTo("STATUS=b\n");
    }

    @Test
    void nobodyIsToldWhereNobodyListens() {
        assertThatCode(() -> new SdNotify(Map.of(), PID).send("READY=1\n"))
                .doesNotThrowAnyException();
        manager.close().syncUninterruptibly();
        assertThatCode(() -> notifier().send("READY=1\n")).doesNotThrowAnyException();
    }
}
