package dev.stride.io.tunnel;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.io.linux.Memory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Sends datagrams through a channel, a burst with one sendmmsg. They are copied into a ring of
/// slots, because Netty keeps those that the kernel has no room for. Belongs to its worker.
///
/// ```
/// slots: | ... | with Netty | ...        sent <= numbers of those with Netty < written
/// ```
final class Outbound {
    private static final int SLOTS = 256; // a power of two

    private final EpollDatagramChannel channel;
    private final int slot;
    private final MemorySegment memory;
    private final DatagramPacket[] messages = new DatagramPacket[SLOTS];
    private final @Nullable Packet[] packets = new Packet[SLOTS]; // of the burst being sent
    private final Outcome outcome;
    private long written;
    private long sent;

    /// @param longest bytes of the longest datagram
    /// @param remote the likely receiver of datagrams
    Outbound(EpollDatagramChannel channel, int longest, InetSocketAddress remote) {
        this.channel = channel;
        slot = longest;
        memory = Memory.map(Arena.ofAuto(), (long) slot * SLOTS);
        for (int i = 0; i < SLOTS; i++) {
            MemorySegment part = memory.asSlice((long) slot * i, slot);
            ByteBuf buffer = Unpooled.wrappedBuffer(part.asByteBuffer());
            messages[i] = new DatagramPacket(buffer, remote);
        }
        outcome = new Outcome();
    }

    /// Takes a datagram, `packet.memory[from, from + length)`, to be sent by [#flush]; sets what
    /// becomes of the packet, unless an earlier copy has failed.
    ///
    /// @param remote its receiver
    void add(Packet packet, int from, int length, InetSocketAddress remote) {
        if (sent < written && written - sent == SLOTS) {
            DatagramLoop.resume(channel);
        }
        if (written - sent == SLOTS) {
            packet.sent = Reason.TRANSMIT_FULL;
            return;
        }
        if (length > slot) {
            packet.sent = Reason.TRANSMIT_ERROR;
            return;
        }
        int index = (int) written++ & SLOTS - 1;
        MemorySegment.copy(packet.memory, from, memory, (long) slot * index, length);
        packets[index] = packet;
        DatagramPacket message = messages[index];
        if (!message.recipient().equals(remote)) {
            message = new DatagramPacket(message.content(), remote);
            messages[index] = message;
        }
        message.content().setIndex(0, length);
        channel.write(message.retain(), outcome); // Netty releases it
    }

    /// Sends what was added. Afterwards no packet is touched any more.
    void flush() {
        if (written == sent) {
            return;
        }
        channel.flush();
        if (sent < written) {
            DatagramLoop.resume(channel);
        }
        for (long i = sent; i < written; i++) {
            packets[(int) i & SLOTS - 1] =
                    null; // Netty has it, the kernel will: that counts as sent
        }
    }

    private @Nullable Packet next() {
        int index = (int) sent++ & SLOTS - 1;
        Packet packet = packets[index];
        packets[index] = null;
        return packet;
    }

    /// The one promise of all datagrams: Netty ends them in their order, so counting tells which.
    private final class Outcome extends DefaultChannelPromise {
        Outcome() {
            super(channel);
        }

        @Override
        public boolean trySuccess(@Nullable Void result) {
            next();
            return true;
        }

        @Override
        public boolean tryFailure(Throwable cause) {
            Packet packet = next();
            if (packet != null) {
                packet.sent = Reason.TRANSMIT_ERROR;
            }
            return true;
        }
    }
}
