package dev.stride.io.tunnel;

import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.port.PortException;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;
import org.jspecify.annotations.Nullable;

/// One worker's side of Netty: an event loop that owns channels but never turns. The worker reads
/// and writes when it wants to, through the channels' epoll handles.
///
/// Made and closed by the control thread while the worker does not run; all between is the
/// worker's.
final class DatagramLoop implements AutoCloseable {
    private static final EpollIoEvent READABLE = () -> EpollIoOps.EPOLLIN;
    private static final EpollIoEvent WRITABLE = () -> EpollIoOps.EPOLLOUT;

    private final Factory factory = new Factory();
    private final ManualIoEventLoop loop;

    /// @throws PortException where Netty's native code does not run
    DatagramLoop(String port) {
        if (!Epoll.isAvailable()) {
            throw new PortException(
                    port,
                    "Netty's native epoll transport does not start: "
                            + Epoll.unavailabilityCause());
        }
        loop = new ManualIoEventLoop(null, factory);
    }

    /// Remembers the handler, because only the loop's thread could shut the loop down, and that has
    /// ended by then.
    private static final class Factory implements IoHandlerFactory {
        private final IoHandlerFactory epoll = EpollIoHandler.newFactory();
        private @Nullable IoHandler handler;

        @Override
        public IoHandler newHandler(ThreadAwareExecutor executor) {
            IoHandler made = epoll.newHandler(executor);
            handler = made;
            return made;
        }
    }

    /// Netty's view of a socket, which stays the caller's to close: nothing here closes it.
    static EpollDatagramChannel channel(FileDescriptor socket) {
        EpollDatagramChannel channel = new EpollDatagramChannel(socket.number());
        channel.config().setAutoRead(false);
        if (!(channel.unsafe() instanceof EpollIoHandle)) {
            throw new IllegalStateException("this version of Netty does not fit");
        }
        return channel;
    }

    /// Makes the calling thread the loop's. The worker, before all else.
    void begin() {
        loop.setOwningThread(Thread.currentThread());
    }

    /// Takes a channel in.
    void add(EpollDatagramChannel channel, ChannelInboundHandler handler) {
        channel.pipeline().addLast(handler);
        ChannelPromise added = new DefaultChannelPromise(channel, loop);
        channel.unsafe().register(loop, added);
        loop.runNow();
        if (!added.isSuccess()) {
            throw new IllegalStateException("Netty does not take the socket", added.cause());
        }
    }

    /// Reads once. The channel's handler is called with what there was.
    @SuppressWarnings("NullAway") // the handle of a datagram channel does not look at it
    static void read(EpollDatagramChannel channel) {
        ((EpollIoHandle) channel.unsafe()).handle(null, READABLE);
    }

    /// Tries again to send what the kernel had no room for.
    @SuppressWarnings("NullAway") // as above
    static void resume(EpollDatagramChannel channel) {
        ((EpollIoHandle) channel.unsafe()).handle(null, WRITABLE);
    }

    /// Gives Netty's memory back. Whoever comes second, worker or control thread, finds nothing:
    /// the worker's end is before the port's.
    @Override
    public void close() {
        IoHandler handler = factory.handler;
        factory.handler = null;
        if (handler != null) {
            handler.destroy();
        }
    }
}
