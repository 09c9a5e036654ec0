package dev.stride.io.packet;

import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Packet sockets (packet(7)) on a device: one for frames as they are, with a ring if it receives,
/// and one for super-frames.
final class PacketSocket implements AutoCloseable {
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int BUFFER = 1 << 23;

    private static final int SOL_PACKET = 263;
    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_COPY_THRESH = 7;
    private static final int PACKET_VERSION = 10;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_FANOUT = 18;
    private static final int PACKET_QDISC_BYPASS = 20;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int TPACKET_V2 = 1;
    private static final int PACKET_MR_PROMISC = 1;
    private static final int PACKET_MR_ALLMULTI = 2;
    private static final int AF_PACKET = 17;
    private static final short ETH_P_ALL_NETWORK_ORDER = 0x0300;

    /// A group between whose sockets flows are shared by their hash; the kernel's default mode. The
    /// hash of a fragment has no ports in it, of neither family, so that those of a datagram come
    /// to one socket. PACKET_FANOUT_FLAG_DEFRAG is not for a router: with it the kernel puts IPv4
    /// datagrams together, also those to be forwarded, longer than the MTU and a place in the ring.
    private static final int NO_GROUP = 0;

    final FileDescriptor file;

    /// Sends through the device's queueing discipline. On its way a super-frame is cut for a device
    /// that does not take it whole; what passes the discipline by is dropped then.
    final FileDescriptor queueing;

    // Set before a worker has the sockets.
    @Nullable ReceiveRing ring; // null: receives nothing
    @Nullable XdpSender xdp; // sends plain frames for less, where there is one

    private PacketSocket(FileDescriptor file, FileDescriptor queueing) {
        this.file = file;
        this.queueing = queueing;
    }

    /// Sockets for sending.
    ///
    /// @param index of the device
    /// @throws SyscallException when the kernel says no
    static PacketSocket sender(int index) {
        FileDescriptor file = bound(index, true);
        try {
            return new PacketSocket(file, bound(index, false));
        } catch (SyscallException e) {
            file.close();
            throw e;
        }
    }

    private static FileDescriptor bound(int index, boolean direct) {
        FileDescriptor file = Sockets.forFrames();
        try {
            common(file, direct);
            bind(file, index, (short) 0);
            return file;
        } catch (SyscallException e) {
            file.close();
            throw e;
        }
    }

    /// Sockets for both ways.
    ///
    /// @param group of sockets that share the device's flows, from 1 to 65,535; 0 for none
    /// @throws SyscallException when the kernel says no
    static PacketSocket receiver(int index, int mtu, boolean promiscuous, int group) {
        PacketSocket socket = sender(index);
        FileDescriptor file = socket.file;
        try {
            set(file, "PACKET_VERSION", PACKET_VERSION, TPACKET_V2);
            set(file, "PACKET_IGNORE_OUTGOING", PACKET_IGNORE_OUTGOING, 1);
            set(file, "PACKET_COPY_THRESH", PACKET_COPY_THRESH, 1);
            force(file, SO_RCVBUFFORCE);
            socket.ring = new ReceiveRing(file, mtu);
            bind(file, index, ETH_P_ALL_NETWORK_ORDER);
            // Groups as routers need them: solicited nodes, routing protocols
            join(file, index, promiscuous ? PACKET_MR_PROMISC : PACKET_MR_ALLMULTI);
            if (group != NO_GROUP) {
                set(file, "PACKET_FANOUT", PACKET_FANOUT, group);
            }
            return socket;
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    private static void common(FileDescriptor file, boolean direct) {
        set(file, "PACKET_VNET_HDR", PACKET_VNET_HDR, 1);
        set(file, "PACKET_QDISC_BYPASS", PACKET_QDISC_BYPASS, direct ? 1 : 0);
        enlarge(file);
    }

    /// Lets more frames be on their way.
    static void enlarge(FileDescriptor file) {
        force(file, SO_SNDBUFFORCE);
    }

    private static void set(FileDescriptor file, String what, int option, int value) {
        Sockets.setOption(file, what, SOL_PACKET, option, value);
    }

    /// A larger buffer, where we may: without CAP_NET_ADMIN the kernel's limit stays.
    private static void force(FileDescriptor file, int option) {
        try {
            Sockets.setOption(file, "buffer size", Sockets.SOL_SOCKET, option, BUFFER);
        } catch (SyscallException e) {
            // The default has to do.
        }
    }

    /// Frames that found the ring full since this was asked before.
    ///
    /// @throws SyscallException when the kernel says no
    long takeMissed() {
        if (ring == null) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statistics = arena.allocate(8, 4); // struct tpacket_stats
            Sockets.getOption(file, "PACKET_STATISTICS", SOL_PACKET, PACKET_STATISTICS, statistics);
            return Integer.toUnsignedLong(statistics.get(ValueLayout.JAVA_INT, 4));
        }
    }

    private static void bind(FileDescriptor file, int index, short protocol) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(20, 4); // struct sockaddr_ll
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(ValueLayout.JAVA_SHORT, 2, protocol);
            address.set(ValueLayout.JAVA_INT, 4, index);
            Sockets.bind(file, address);
        }
    }

    /// Takes more from the wire than a card would by itself, for as long as the socket lives.
    private static void join(FileDescriptor file, int index, int membership) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(16, 4); // struct packet_mreq
            request.set(ValueLayout.JAVA_INT, 0, index);
            request.set(ValueLayout.JAVA_SHORT, 4, (short) membership);
            Sockets.setOption(
                    file, "PACKET_ADD_MEMBERSHIP", SOL_PACKET, PACKET_ADD_MEMBERSHIP, request);
        }
    }

    @Override
    public void close() {
        if (xdp != null) {
            xdp.close();
        }
        if (ring != null) {
            ring.close();
        }
        file.close();
        queueing.close();
    }
}
