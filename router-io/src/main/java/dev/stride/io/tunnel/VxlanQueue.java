package dev.stride.io.tunnel;

import dev.stride.core.forward.FlowHash;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.port.PortQueue;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One worker's handle of a VXLAN port: source ports of its own to send from, and, at the worker
/// that receives, the socket where all datagrams arrive.
final class VxlanQueue implements PortQueue, AutoCloseable {
    private static final long GROUP = 0x0100_0000_0000L; // IEEE 802: to a group of stations

    private final int vni;
    private final InetSocketAddress[] remotes;
    private final InetAddress[] addresses; // of the remotes
    private final Stations stations;
    private final @Nullable FileDescriptor socket;
    private final List<FileDescriptor> sources;
    private final DatagramLoop loop;
    private final @Nullable EpollDatagramChannel receiver;
    private final @Nullable Inbound inbound;
    private final EpollDatagramChannel[] senders;
    private final Outbound[] outbounds;
    private int lastHeard; // index of a remote: the next datagram is likely to be its, too
    private boolean begun;

    /// @param socket where datagrams arrive; null at workers that only send
    /// @param sources sockets to send from; the queue's to close
    /// @param longest bytes of the longest datagram
    VxlanQueue(
            VxlanOptions options,
            List<InetSocketAddress> remotes,
            Stations stations,
            @Nullable FileDescriptor socket,
            List<FileDescriptor> sources,
            int longest) {
        vni = options.vni();
        this.remotes = remotes.toArray(InetSocketAddress[]::new);
        addresses = options.remotes().toArray(InetAddress[]::new);
        this.stations = stations;
        this.socket = socket;
        this.sources = sources;
        loop = new DatagramLoop(options.name());
        receiver = socket == null ? null : DatagramLoop.channel(socket);
        inbound = receiver == null ? null : new Inbound(receiver, longest);
        senders = sources.stream().map(DatagramLoop::channel).toArray(EpollDatagramChannel[]::new);
        outbounds = new Outbound[senders.length];
        for (int i = 0; i < senders.length; i++) {
            outbounds[i] = new Outbound(senders[i], longest, this.remotes[0]);
        }
    }

    /// Netty wants to know whose thread it is on.
    private void begin() {
        if (!begun) {
            begun = true;
            loop.begin();
            for (EpollDatagramChannel sender : senders) {
                loop.add(sender, new ChannelInboundHandlerAdapter());
            }
            if (receiver != null && inbound != null) {
                loop.add(receiver, inbound);
            }
        }
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        begin();
        int before = into.count;
        if (inbound == null || !inbound.hasNext()) {
            return 0;
        }
        long now = System.nanoTime();
        while (into.count < into.packets.length && inbound.hasNext()) {
            Packet packet = pool.take();
            if (packet == null) {
                break;
            }
            int remote = remote(inbound.sender().getAddress());
            inbound.take(packet);
            if (packet.ending == Reason.INTERNAL) {
                unwrap(packet, remote, now);
            }
            into.add(packet);
        }
        return into.count - before;
    }

    /// The index of a remote, or -1.
    private int remote(InetAddress sender) {
        if (addresses[lastHeard].equals(sender)) {
            return lastHeard;
        }
        for (int i = 0; i < addresses.length; i++) {
            if (addresses[i].equals(sender)) {
                lastHeard = i;
                return i;
            }
        }
        return -1;
    }

    private void unwrap(Packet packet, int remote, long now) {
        Reason reason = remote < 0 ? Reason.TUNNEL_SENDER : Vxlan.strip(packet, vni);
        if (reason != null) {
            packet.ending = reason;
        } else if (packet.length >= Ethernet.HEADER) {
            stations.learn(Ethernet.source(packet.memory, packet.start), remote, now);
        }
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        begin();
        long now = System.nanoTime();
        for (int i = from; i < to; i++) {
            wrap(packets[i], now);
        }
        for (Outbound outbound : outbounds) {
            outbound.flush();
        }
    }

    private void wrap(Packet packet, long now) {
        MemorySegment m = packet.memory;
        long station = Ethernet.destination(m, packet.start);
        Outbound outbound = outbounds[source(m, packet.start)];
        int at = packet.start - Vxlan.HEADER;
        int length = packet.length + Vxlan.HEADER;
        Bytes.put64(m, at, Vxlan.header(vni));
        packet.sent = Reason.FORWARDED;
        int one = (station & GROUP) != 0 ? Stations.UNKNOWN : stations.find(station, now);
        if (one != Stations.UNKNOWN) {
            outbound.add(packet, at, length, remotes[one]);
            return;
        }
        for (InetSocketAddress remote : remotes) {
            outbound.add(packet, at, length, remote);
        }
    }

    /// The same source port for all frames of an inner flow.
    private int source(MemorySegment m, int frame) {
        int hash =
                Ethernet.type(m, frame) == Ethernet.IPV4
                        ? FlowHash.of(m, frame + Ethernet.HEADER)
                        : (int) (Ethernet.source(m, frame) ^ Ethernet.destination(m, frame));
        return (hash & Integer.MAX_VALUE) % outbounds.length;
    }

    @Override
    public int descriptor() {
        return socket == null ? -1 : socket.number();
    }

    /// The control thread, when the worker has ended.
    @Override
    public void close() {
        loop.close();
        sources.forEach(FileDescriptor::close);
    }
}
