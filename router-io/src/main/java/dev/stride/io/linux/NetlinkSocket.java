package dev.stride.io.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A socket to the kernel's network tables: netlink(7), rtnetlink(7). It belongs to the network
/// namespace of the thread that opens it, whatever thread uses it then; one at a time.
public final class NetlinkSocket implements AutoCloseable {
    /// What came of [#receive].
    public enum Received {
        /// A datagram, see [#datagram].
        DATAGRAM,
        /// There is none.
        NOTHING,
        /// The kernel had to drop datagrams since the buffer was full (ENOBUFS).
        OVERRUN
    }

    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_GET_STRICT_CHK = 12;

    /// Several times what the kernel puts into one datagram, 32 KiB of a dump.
    private static final int BUFFER = 1 << 18;

    private final Arena arena = Arena.ofAuto();
    private final FileDescriptor file;
    private final MemorySegment state = Syscall.state(arena);
    private final MemorySegment buffer = arena.allocate(BUFFER, 8);
    private final ByteBuffer view = buffer.asByteBuffer().order(ByteOrder.nativeOrder());

    private NetlinkSocket(FileDescriptor file) {
        this.file = file;
    }

    /// Opens a socket of rtnetlink in the calling thread's namespace.
    ///
    /// @param receiveBytes for datagrams that wait; who may not have more than net.core.rmem_max
    ///   gets that
    /// @throws SyscallException when the kernel says no
    public static NetlinkSocket open(int receiveBytes) {
        FileDescriptor file = Sockets.forNetlink();
        try {
            NetlinkSocket socket = new NetlinkSocket(file);
            socket.setReceiveBuffer(receiveBytes);
            socket.askStrictly();
            socket.bind();
            return socket;
        } catch (SyscallException e) {
            file.close();
            throw e;
        }
    }

    /// Takes a number of its own: what has none is notified of nothing.
    private void bind() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment address = call.allocate(12, 4); // struct sockaddr_nl
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Sockets.AF_NETLINK);
            Sockets.bind(file, address);
        }
    }

    private void setReceiveBuffer(int bytes) {
        try {
            set("SO_RCVBUFFORCE", Sockets.SOL_SOCKET, SO_RCVBUFFORCE, bytes);
        } catch (SyscallException e) { // without CAP_NET_ADMIN
            set("SO_RCVBUF", Sockets.SOL_SOCKET, SO_RCVBUF, bytes);
        }
    }

    /// Lets the kernel look at what is asked for, such as a table's number: since Linux 4.20.
    private void askStrictly() {
        try {
            set("NETLINK_GET_STRICT_CHK", SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
        } catch (SyscallException e) {
            // An older kernel tells more than was asked for.
        }
    }

    private void set(String what, int level, int option, int value) {
        try (Arena call = Arena.ofConfined()) {
            Sockets.setOption(
                    file, what, level, option, call.allocateFrom(ValueLayout.JAVA_INT, value));
        }
    }

    /// Takes notifications of a group, RTNLGRP_* of linux/rtnetlink.h, from now on.
    ///
    /// @throws SyscallException when the kernel has no such group
    public void join(int group) {
        set("NETLINK_ADD_MEMBERSHIP " + group, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    }

    /// Asks the kernel.
    ///
    /// @throws SyscallException when it does not listen
    public void send(byte[] message) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment bytes = call.allocateFrom(ValueLayout.JAVA_BYTE, message);
            long sent = file.write(bytes, 0, message.length);
            if (sent < 0) {
                throw new SyscallException("send to netlink", (int) -sent);
            }
        }
    }

    /// Takes the next datagram, without waiting.
    ///
    /// @throws SyscallException when the socket is of no more use, or the datagram is longer than
    ///   any that the kernel sends
    public Received receive() {
        long got = Sockets.receiveWhole(state, file, buffer, 0, BUFFER);
        if (got > BUFFER) {
            throw new SyscallException("recv of " + got + " bytes", Errno.EMSGSIZE);
        }
        if (got >= 0) {
            view.clear().limit((int) got);
            return Received.DATAGRAM;
        }
        return switch ((int) -got) {
            case Errno.EAGAIN, Errno.EINTR -> Received.NOTHING;
            case Errno.ENOBUFS -> Received.OVERRUN;
            default -> throw new SyscallException("recv from netlink", (int) -got);
        };
    }

    /// The datagram that [#receive] took, until it is called again.
    public ByteBuffer datagram() {
        return view;
    }

    /// For [Poll].
    public int descriptor() {
        return file.number();
    }

    @Override
    public void close() {
        file.close();
    }
}
