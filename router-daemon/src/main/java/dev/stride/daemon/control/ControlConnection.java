package dev.stride.daemon.control;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/// One client of the control socket. The event loop gathers the lines of one read, and a virtual
/// thread answers them; nothing more is read until that is done, so a client that asks without
/// listening holds up only itself.
final class ControlConnection extends SimpleChannelInboundHandler<String> {
    private final Router router;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("api").factory());
    private final List<String> lines = new ArrayList<>(); // event loop

    ControlConnection(Router router) {
        this.router = router;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, String line) {
        lines.add(line);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!lines.isEmpty()) {
            List<String> batch = List.copyOf(lines);
            lines.clear();
            context.channel().config().setAutoRead(false);
            later(() -> answer(context, batch));
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

    private void answer(ChannelHandlerContext context, List<String> batch) {
        Requests requests =
                new Requests(router, (line, part) -> send(context, line, part), client(context));
        batch.forEach(requests::handle);
        context.channel().writeAndFlush(Unpooled.EMPTY_BUFFER).awaitUninterruptibly();
        context.channel().config().setAutoRead(true);
    }

    /// A part goes out at once and waits until the client has taken it.
    private static boolean send(ChannelHandlerContext context, String line, boolean part) {
        if (part) {
            return context.channel().writeAndFlush(line + "\n").awaitUninterruptibly().isSuccess();
        }
        context.channel().write(line + "\n");
        return context.channel().isActive();
    }

    /// Who it is by SO_PEERCRED (unix(7)).
    private static String client(ChannelHandlerContext context) {
        try {
            PeerCredentials peer = ((EpollDomainSocketChannel) context.channel()).peerCredentials();
            return "uid " + peer.uid() + ", pid " + peer.pid();
        } catch (IOException e) {
            return "a client that left";
        }
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
            String words = "a line has at most " + ControlServer.MAX_LINE + " bytes";
            context.writeAndFlush(Requests.malformed(words) + "\n");
        }
        context.close(); // otherwise a client that went away
    }
}
