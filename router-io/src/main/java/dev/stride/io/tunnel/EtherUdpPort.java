package dev.stride.io.tunnel;

import dev.stride.core.wire.Ethernet;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Sockets;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortNamespace;
import dev.stride.io.port.PortQueue;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;

/// A port whose wire is a UDP socket: each datagram is one Ethernet frame without its check
/// sequence, as QEMU's `-netdev dgram`, socat and others speak it.
///
/// The socket is connected, so the kernel drops what others than the remote send. Where IPsec or
/// such does not protect the way, whoever can send with the remote's address can inject frames.
public final class EtherUdpPort implements Port {
    private static final int VLAN_TAG = 4;

    private final EtherUdpOptions options;
    private final FileDescriptor socket;
    private final int mtu;
    private final List<EtherUdpQueue> queues = new ArrayList<>();

    private EtherUdpPort(EtherUdpOptions options, FileDescriptor socket, int mtu) {
        this.options = options;
        this.socket = socket;
        this.mtu = mtu;
    }

    /// Opens the socket.
    ///
    /// @throws PortException with what is wrong and what to do about it
    public static EtherUdpPort open(EtherUdpOptions options) {
        return PortNamespace.call(options.name(), options.netns(), () -> connect(options));
    }

    private static EtherUdpPort connect(EtherUdpOptions options) {
        FileDescriptor socket = TunnelSocket.bound(options.name(), options.local());
        try {
            TunnelSocket.connect(options.name(), socket, options.remote());
            boolean six = options.remote().getAddress() instanceof Inet6Address;
            int fits = TunnelSocket.payload(socket, six) - Ethernet.HEADER;
            return new EtherUdpPort(options, socket, options.mtu() > 0 ? options.mtu() : fits);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public PortQueue queue(boolean receives) {
        int longest = Ethernet.HEADER + VLAN_TAG + mtu;
        EtherUdpQueue queue =
                new EtherUdpQueue(options.name(), socket, options.remote(), longest, receives);
        queues.add(queue);
        return queue;
    }

    @Override
    public boolean takesOffloads() {
        return false;
    }

    /// A socket that is open is up: UDP does not tell whether the other side is there.
    @Override
    public boolean isUp() {
        return true;
    }

    @Override
    public long missed() {
        return Sockets.drops(socket);
    }

    @Override
    public void close() {
        queues.forEach(EtherUdpQueue::close);
        socket.close();
    }
}
