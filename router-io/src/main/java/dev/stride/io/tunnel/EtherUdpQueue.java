package dev.stride.io.tunnel;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.port.PortQueue;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.net.InetSocketAddress;

/// One worker's handle of an Ethernet-in-UDP port. Workers share the socket, and one of them reads.
final class EtherUdpQueue implements PortQueue, AutoCloseable {
    private final FileDescriptor socket;
    private final boolean receives;
    private final InetSocketAddress remote;
    private final DatagramLoop loop;
    private final EpollDatagramChannel channel;
    private final Inbound inbound;
    private final Outbound outbound;
    private boolean begun;

    EtherUdpQueue(
            String port,
            FileDescriptor socket,
            InetSocketAddress remote,
            int longest,
            boolean receives) {
        this.socket = socket;
        this.receives = receives;
        this.remote = remote;
        loop = new DatagramLoop(port);
        channel = DatagramLoop.channel(socket);
        inbound = new Inbound(channel, longest);
        outbound = new Outbound(channel, longest, remote);
    }

    /// Netty wants to know whose thread it is on.
    private void begin() {
        if (!begun) {
            begun = true;
            loop.begin();
            loop.add(channel, inbound);
        }
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        begin();
        int before = into.count;
        while (into.count < into.packets.length && inbound.hasNext()) {
            Packet packet = pool.take();
            if (packet == null) {
                break;
            }
            inbound.take(packet);
            into.add(packet);
        }
        return into.count - before;
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        begin();
        for (int i = from; i < to; i++) {
            Packet packet = packets[i];
            packet.sent = Reason.FORWARDED;
            outbound.add(packet, packet.start, packet.length, remote);
        }
        outbound.flush();
    }

    @Override
    public int descriptor() {
        return receives ? socket.number() : -1;
    }

    /// The control thread, when the worker has ended.
    @Override
    public void close() {
        loop.close();
    }
}
