package dev.stride.daemon.fpm;

import dev.stride.daemon.config.FpmConfig;
import dev.stride.daemon.source.Devices;
import dev.stride.daemon.source.RouteSink;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One connection of zebra: frames, back-pressure, and the sweep of what earlier connections said
/// and this one did not. The event loop's thread only.
///
/// A frame (fpm.h of FRR), with one or more messages of netlink in the sender's byte order:
///
/// ```
/// | version 8 = 1 | type 8 = 1 | length 16, with these four bytes, network order | messages |
/// ```
///
/// Batches go to the sink in order, a few at a time. While more than that are due, nothing is read:
/// the kernel's socket buffer fills, and zebra waits.
final class FpmConnection extends ByteToMessageDecoder {
    private static final System.Logger LOG = System.getLogger("fpm");
    private static final int HEADER = 4;
    private static final int VERSION = 1;
    private static final int NETLINK = 1;

    /// Prefixes after which a batch is closed, at the end of a frame.
    private static final int BATCH = 1000;

    /// Batches that may be on the way.
    private static final int MAX_ON_THE_WAY = 4;

    private static final int RETRY_MS = 10;
    private static final long SWEEP_RETRY = TimeUnit.MILLISECONDS.toNanos(250);

    /// A source that is never quiet is swept after so many times the hold time.
    private static final int PATIENCE = 10;

    private final int generation;
    private final FpmConfig config;
    private final RouteSink sink;
    private final FpmCounters counters;
    private final LongSupplier clock; // nanoseconds
    private final Consumer<FpmConnection> closed;
    private final RouteStream stream;
    private final Queue<RouteStream.Batch> unsent = new ArrayDeque<>();
    private int onTheWay;
    private boolean revising;
    private boolean retrying;
    private boolean ended; // nothing more is read
    private boolean abandoned; // nothing more is sent
    private boolean hasRoutes;
    private long start;
    private long lastMessage;
    private String peer = "nobody";
    private @Nullable ChannelHandlerContext context;

    /// @param generation number of the connection, from 1
    /// @param tables gives the index of the routing table of an id; -1 where there is none
    /// @param own whether an address is one of the router itself
    /// @param closed is told when it is closed, in order or not
    FpmConnection(
            int generation,
            FpmConfig config,
            OwnAddresses own,
            RouteSink sink,
            IntUnaryOperator tables,
            Devices devices,
            FpmCounters counters,
            LongSupplier clock,
            Consumer<FpmConnection> closed) {
        this.generation = generation;
        this.config = config;
        this.sink = sink;
        this.counters = counters;
        this.clock = clock;
        this.closed = closed;
        this.stream =
                new RouteStream(
                        generation,
                        config.distance(),
                        config.offloadStatus(),
                        own,
                        tables,
                        devices,
                        counters);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        peer =
                ctx.channel().remoteAddress() instanceof InetSocketAddress from
                        ? NetUtil.toSocketAddressString(from)
                        : String.valueOf(ctx.channel().remoteAddress());
        LOG.log(System.Logger.Level.INFO, "{0} is connected", peer);
        counters.connected(generation, peer);
        start = clock.getAsLong();
        lastMessage = start;
        sweepAfter(ctx, config.hold().toNanos());
        super.channelActive(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        ByteBuffer bytes = in.nioBuffer(); // one for all frames: there are a million
        int limit = bytes.limit();
        while (!ended && readFrame(ctx, bytes)) {
            bytes.limit(limit);
        }
        in.skipBytes(ended ? in.readableBytes() : bytes.position());
    }

    /// Reads a frame; returns whether it is there as a whole, the position then behind it.
    private boolean readFrame(ChannelHandlerContext ctx, ByteBuffer bytes) {
        if (bytes.remaining() < HEADER) {
            return false;
        }
        int at = bytes.position();
        int version = bytes.get(at) & 0xff;
        int type = bytes.get(at + 1) & 0xff;
        int length = (bytes.get(at + 2) & 0xff) << 8 | bytes.get(at + 3) & 0xff;
        if (version != VERSION) {
            end(ctx, Fault.VERSION, "version " + version);
        } else if (type != NETLINK) {
            end(ctx, Fault.TYPE, "type " + type);
        } else if (length < HEADER) {
            end(ctx, Fault.LENGTH, "length " + length);
        } else if (bytes.remaining() >= length) {
            bytes.limit(at + length);
            RouteStream.Ending ending = stream.read(bytes.position(at + HEADER));
            bytes.position(at + length);
            lastMessage = clock.getAsLong();
            if (ending != null) {
                end(ctx, ending.fault(), ending.detail());
            } else if (stream.size() >= BATCH) {
                flush(ctx);
            }
            return true;
        }
        return false;
    }

    /// The peer has closed: what is left is no whole frame.
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
            throws Exception {
        super.decodeLast(ctx, in, out);
        if (!ended && in.isReadable()) {
            end(ctx, Fault.TRUNCATED, in.readableBytes() + " bytes of one");
        }
    }

    private void end(ChannelHandlerContext ctx, Fault fault, String detail) {
        ended = true;
        counters.add(fault);
        LOG.log(
                System.Logger.Level.WARNING,
                "{0}: {1} ({2}); closed",
                peer,
                fault.description(),
                detail);
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!ended) {
            end(ctx, Fault.IO, String.valueOf(cause.getMessage()));
        }
    }

    /// Another connection takes its place.
    void replace() {
        abandoned = true; // the other one says everything anew
        unsent.clear();
        if (context != null) {
            end(context, Fault.REPLACED, "this one was half-open, or there are two of zebra");
        }
    }

    /// Closes it: zebra connects again and sends all its routes.
    void sayAgain() {
        if (context != null && !ended) {
            end(context, Fault.TABLES, "zebra is to say again what was skipped");
        }
    }

    /// Ends it for a reason that is not the peer's.
    void disconnect(String why) {
        ended = true;
        LOG.log(System.Logger.Level.INFO, "{0}: closed, {1}", peer, why);
        if (context != null) {
            context.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        flush(ctx);
        super.channelReadComplete(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx); // reads what is left
        ended = true;
        flush(ctx);
        LOG.log(System.Logger.Level.INFO, "{0} is disconnected; its routes stay", peer);
        closed.accept(this);
    }

    private void flush(ChannelHandlerContext ctx) {
        RouteStream.Batch batch = stream.take();
        if (!abandoned && !batch.isEmpty()) {
            unsent.add(batch);
            hasRoutes |= !batch.put().isEmpty();
        }
        send(ctx);
    }

    /// Sends what may be sent, and reads on only where nothing is left.
    private void send(ChannelHandlerContext ctx) {
        boolean taken = true;
        while (taken && onTheWay < MAX_ON_THE_WAY && !unsent.isEmpty()) {
            RouteStream.Batch batch = unsent.element();
            taken = sink.change(batch.gone(), batch.put(), () -> run(ctx, () -> made(ctx, batch)));
            if (taken) {
                onTheWay++;
                unsent.remove();
            }
        }
        if (taken && unsent.isEmpty() && !revising && !stream.revisions().isEmpty()) {
            revise(ctx);
        }
        if (!taken) {
            retry(ctx);
        }
        read(ctx, onTheWay < MAX_ON_THE_WAY && unsent.isEmpty() && ctx.channel().isWritable());
    }

    private void made(ChannelHandlerContext ctx, RouteStream.Batch batch) {
        onTheWay--;
        if (!batch.replies().isEmpty() && ctx.channel().isActive()) {
            ctx.writeAndFlush(
                    OffloadReplies.frames(batch.replies(), ctx.alloc()), ctx.voidPromise());
        }
    }

    /// Goes on when zebra has read what it was told.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        send(ctx);
        super.channelWritabilityChanged(ctx);
    }

    private void revise(ChannelHandlerContext ctx) {
        revising = true;
        Revisions due = stream.revisions();
        Revisions.Rule rule = due.take();
        if (!sink.revise(rule, n -> run(ctx, () -> revising = false))) {
            revising = false;
            due.giveBack(rule);
            retry(ctx);
        }
    }

    private void retry(ChannelHandlerContext ctx) {
        if (!retrying) {
            retrying = true;
            ctx.executor()
                    .schedule(
                            () -> {
                                retrying = false;
                                send(ctx);
                            },
                            RETRY_MS,
                            TimeUnit.MILLISECONDS);
        }
    }

    /// Notes on the event loop that something is done, and goes on.
    private void run(ChannelHandlerContext ctx, Runnable done) {
        ctx.executor()
                .execute(
                        () -> {
                            done.run();
                            send(ctx);
                        });
    }

    private void read(ChannelHandlerContext ctx, boolean on) {
        if (ctx.channel().config().isAutoRead() != on) {
            ctx.channel().config().setAutoRead(on);
            if (!on) {
                counters.addPause();
            }
        }
    }

    private void sweepAfter(ChannelHandlerContext ctx, long nanos) {
        ctx.executor().schedule(() -> sweep(ctx), nanos, TimeUnit.NANOSECONDS);
    }

    /// Withdraws what only earlier connections said, once this one has said all that it has: it has
    /// sent routes, and then nothing for a while.
    private void sweep(ChannelHandlerContext ctx) {
        if (ended) {
            return;
        }
        long now = clock.getAsLong();
        long quiet = config.quiet().toNanos() - (now - lastMessage);
        boolean patient = now - start < PATIENCE * config.hold().toNanos();
        if (!hasRoutes || !unsent.isEmpty() || quiet > 0 && patient) {
            sweepAfter(ctx, Math.max(quiet, SWEEP_RETRY));
            return;
        }
        if (!sweepNow(count -> {})) {
            sweepAfter(ctx, SWEEP_RETRY);
        }
    }

    /// Withdraws what this connection has not said so far.
    ///
    /// @param done is told how many routes that were, on any thread
    /// @return false when too much waits already
    boolean sweepNow(IntConsumer done) {
        return sink.revise(
                said -> RouteTag.generation(said) == generation ? said : null,
                count -> {
                    swept(count);
                    done.accept(count);
                });
    }

    private void swept(int routes) {
        counters.addSwept(routes);
        LOG.log(System.Logger.Level.INFO, "{0}: {1} stale routes are withdrawn", peer, routes);
    }
}
