package dev.stride.io.tunnel;

import dev.stride.io.linux.Errno;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.port.PortException;
import java.lang.foreign.Arena;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/// Opens the sockets of a tunnel, with errors that say what to do.
final class TunnelSocket {
    private static final int SO_RCVBUF = 8;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int BUFFER = 1 << 22;

    private static final int SOL_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_MTU = 14;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_MTU = 24;

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int UDP_HEADER = 8;

    private TunnelSocket() {}

    /// A socket at `local`. What it sends may be fragmented on the way (RFC 7348 section 4.3 leaves
    /// that to routers): a path narrower than the port's MTU then slows a tunnel down, and does not
    /// swallow its large packets.
    ///
    /// @throws PortException with what is wrong and what to do about it
    static FileDescriptor bound(String port, InetSocketAddress local) {
        return bound(port, local, socket -> {});
    }

    /// The same; `prepare` does what must be done before.
    static FileDescriptor bound(
            String port, InetSocketAddress local, Consumer<FileDescriptor> prepare) {
        FileDescriptor socket = Sockets.forDatagrams(local.getAddress());
        try (Arena arena = Arena.ofConfined()) {
            boolean six = local.getAddress() instanceof Inet6Address;
            set(
                    socket,
                    six ? SOL_IPV6 : SOL_IP,
                    six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
                    0); // IP_PMTUDISC_DONT
            enlarge(socket, SO_SNDBUFFORCE);
            enlarge(socket, SO_RCVBUFFORCE);
            prepare.accept(socket);
            Sockets.bind(socket, Sockets.address(local, arena));
            return socket;
        } catch (SyscallException e) {
            socket.close();
            throw new PortException(port, explain(local, e));
        }
    }

    private static String explain(InetSocketAddress local, SyscallException e) {
        String address = local.getAddress().getHostAddress();
        return switch (e.errno()) {
            case Errno.EADDRINUSE ->
                    "another program has UDP port "
                            + local.getPort()
                            + " of "
                            + address
                            + "; `ss -ulpn` names it";
            case Errno.EADDRNOTAVAIL ->
                    "the kernel has no address "
                            + address
                            + " here; `ip address` lists those that it has";
            default -> e.what() + " for " + address + " UDP port " + local.getPort();
        };
    }

    /// Ties a socket to `remote`: nobody else's datagrams arrive.
    ///
    /// @throws PortException with what is wrong and what to do about it
    static void connect(String port, FileDescriptor socket, InetSocketAddress remote) {
        try (Arena arena = Arena.ofConfined()) {
            Sockets.connect(socket, Sockets.address(remote, arena));
        } catch (SyscallException e) {
            String address = remote.getAddress().getHostAddress();
            throw new PortException(
                    port, e.what() + "; the kernel needs a route: `ip route get " + address + "`");
        }
    }

    /// Bytes that a datagram to where `socket` is connected can carry on the link that it leaves
    /// by.
    static int payload(FileDescriptor socket, boolean six) {
        return six
                ? Sockets.option(socket, "IPV6_MTU", SOL_IPV6, IPV6_MTU) - IPV6_HEADER - UDP_HEADER
                : Sockets.option(socket, "IP_MTU", SOL_IP, IP_MTU) - IPV4_HEADER - UDP_HEADER;
    }

    /// Leaves a socket that nobody reads the least memory for what arrives: the kernel drops the
    /// rest.
    static void mute(FileDescriptor socket) {
        set(socket, Sockets.SOL_SOCKET, SO_RCVBUF, 0);
    }

    private static void set(FileDescriptor socket, int level, int option, int value) {
        Sockets.setOption(socket, "option " + option, level, option, value);
    }

    /// A larger buffer, where we may: without CAP_NET_ADMIN the kernel's limit stays.
    private static void enlarge(FileDescriptor socket, int option) {
        try {
            set(socket, Sockets.SOL_SOCKET, option, BUFFER);
        } catch (SyscallException e) {
            // The default has to do.
        }
    }
}
