package dev.stride.io.tunnel;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.io.linux.Memory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.UncheckedBooleanSupplier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/// Takes datagrams from a channel, a burst with one recvmmsg, into memory of its own, from where
/// they are copied into packets one by one. Belongs to its worker.
///
/// ```
/// memory: | datagram 0 | datagram 1 | ...  | datagram 63 |     one slot each
///           next: copied from here  ^      ^ count: as many arrived
/// ```
final class Inbound extends ChannelInboundHandlerAdapter implements RecvByteBufAllocator {
    private final EpollDatagramChannel channel;
    private final int slot;
    private final MemorySegment memory;
    private final ByteBuf buffer;
    private final int[] lengths = new int[Burst.SIZE];
    private final InetSocketAddress[] senders = new InetSocketAddress[Burst.SIZE];
    private int next;
    private int count;

    /// @param longest bytes of the longest datagram that is taken whole
    Inbound(EpollDatagramChannel channel, int longest) {
        this.channel = channel;
        slot = longest + 1; // a full slot gives away that there was more
        memory = Memory.map(Arena.ofAuto(), (long) slot * Burst.SIZE);
        buffer = Unpooled.wrappedBuffer(memory.asByteBuffer());
        channel.config().setMaxDatagramPayloadSize(slot);
        channel.config().setRecvByteBufAllocator(this);
    }

    /// Whether a datagram waits; asks the kernel when none does.
    boolean hasNext() {
        if (next == count) {
            next = 0;
            count = 0;
            DatagramLoop.read(channel);
        }
        return next < count;
    }

    /// Who sent the datagram that waits.
    InetSocketAddress sender() {
        return senders[next];
    }

    /// Copies the datagram that waits into `packet` as its frame, whole or with the reason against
    /// it, and goes on to the next.
    void take(Packet packet) {
        int length = lengths[next];
        MemorySegment.copy(memory, (long) slot * next, packet.memory, packet.start, length);
        packet.length = length;
        if (length == slot) {
            packet.ending = Reason.FRAME_TOO_LONG;
        }
        next++;
    }

    /// Netty calls it from [DatagramLoop#read], once for each datagram, in the order of the slots.
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket datagram = (DatagramPacket) message;
        lengths[count] = datagram.content().readableBytes();
        senders[count++] = datagram.sender();
        datagram.release();
    }

    /// ICMP errors about what was sent: the other side may come yet.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // Nothing arrived.
    }

    @Override
    @SuppressWarnings("deprecation") // the type that Netty still asks for
    public RecvByteBufAllocator.Handle newHandle() {
        return new Once();
    }

    /// Lends the one buffer, and reads it full once.
    private final class Once implements RecvByteBufAllocator.ExtendedHandle {
        @Override
        public ByteBuf allocate(ByteBufAllocator unused) {
            return buffer.clear().retain();
        }

        @Override
        public int guess() {
            return buffer.capacity();
        }

        @Override
        public boolean continueReading() {
            return false;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier more) {
            return false;
        }

        @Override
        public void reset(io.netty.channel.ChannelConfig config) {}

        @Override
        public void incMessagesRead(int messages) {}

        @Override
        public void lastBytesRead(int bytes) {}

        @Override
        public int lastBytesRead() {
            return 0;
        }

        @Override
        public void attemptedBytesRead(int bytes) {}

        @Override
        public int attemptedBytesRead() {
            return 0;
        }

        @Override
        public void readComplete() {}
    }
}
