package dev.stride.daemon.control;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/// One client of the control socket. The event loop gathers the lines of one read, and a virtual
/// thread answers them; nothing more is read until that is done, so a client that asks without
/// listening holds up only itself. What waits for it is bounded by the channel's high-water mark
/// and one answer; when it takes nothing for a while it is disconnected.
final class ControlConnection extends SimpleChannelInboundHandler<String> {
    private static final System.Logger LOG = System.getLogger("api");

    private final Router router;
    private final Access.Rule rule;
    private final long patienceMs;
    private final ControlCounters counters;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("api").factory());
    private final List<String> lines = new ArrayList<>(); // event loop
    private String client = "a client that left"; // set before the first line
    private Access access = Access.NONE;

    ControlConnection(
            Router router, Access.Rule rule, Duration patience, ControlCounters counters) {
        this.router = router;
        this.rule = rule;
        this.patienceMs = patience.toMillis();
        this.counters = counters;
    }

    /// Who it is by SO_PEERCRED (unix(7)).
    @Override
    public void channelActive(ChannelHandlerContext context) {
        counters.connections.incrementAndGet();
        try {
            EpollDomainSocketChannel channel = (EpollDomainSocketChannel) context.channel();
            PeerCredentials peer = channel.peerCredentials();
            int gid = peer.gids().length == 0 ? -1 : peer.gids()[0];
            client = "uid " + peer.uid() + ", pid " + peer.pid();
            access = rule.of(peer.uid(), gid, channel.fd().intValue());
        } catch (IOException e) {
            access = Access.NONE; // it has gone already
        }
        if (access == Access.NONE) {
            refuse(context);
        }
    }

    private void refuse(ChannelHandlerContext context) {
        counters.forbidden.incrementAndGet();
        LOG.log(System.Logger.Level.WARNING, "{0}: may not use the control socket", client);
        context.channel().config().setAutoRead(false);
        String words = client + " is in none of the groups of the control socket";
        ChannelFuture _ =
                context.writeAndFlush(Requests.failure("forbidden", words) + "\n")
                        .addListener(sent -> context.close());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, String line) {
        lines.add(line);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!lines.isEmpty() && access != Access.NONE) {
            List<String> batch = List.copyOf(lines);
            lines.clear();
            context.channel().config().setAutoRead(false);
            later(() -> answer(context.channel(), batch));
        }
        context.fireChannelReadComplete();
    }

    private void later(Runnable step) {
        thread.execute(
                () -> {
                    try {
                        step.run();
                    } catch (RejectedExecutionException e) {
                        // the server closes: its event loop has ended, and the connection with it
                    }
                });
    }

    private void answer(Channel channel, List<String> batch) {
        Requests requests =
                new Requests(
                        router,
                        (line, part) -> send(channel, line, part),
                        client,
                        access,
                        counters);
        for (String line : batch) {
            requests.handle(line);
            if (!channel.isActive()) {
                return;
            }
        }
        if (taken(channel, channel.writeAndFlush(Unpooled.EMPTY_BUFFER))) {
            channel.config().setAutoRead(true);
        }
    }

    /// Parts go out at once; answers when there are many, or no more. Waits until the client has
    /// taken what went out.
    private boolean send(Channel channel, String line, boolean part) {
        ChannelFuture written = channel.write(line + "\n");
        if (part || !channel.isWritable()) {
            channel.flush();
            return taken(channel, written);
        }
        return channel.isActive();
    }

    private boolean taken(Channel channel, ChannelFuture written) {
        if (!written.awaitUninterruptibly(patienceMs)) {
            counters.slow.incrementAndGet();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: takes no answers; disconnected after {1} ms",
                    client,
                    patienceMs);
            channel.close();
            return false;
        }
        return written.isSuccess();
    }

    /// The client has said all (as `socat` does at the end of its input): it still gets its
    /// answers.
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownReadComplete) {
            later(context::close);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        thread.shutdown();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof TooLongFrameException) {
            counters.malformed.incrementAndGet();
            String words = "a line has at most " + ControlServer.MAX_LINE + " bytes";
            context.writeAndFlush(Requests.failure("malformed", words) + "\n");
        }
        context.close(); // otherwise a client that went away
    }
}
