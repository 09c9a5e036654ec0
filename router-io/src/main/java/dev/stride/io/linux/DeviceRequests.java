package dev.stride.io.linux;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/// Sets up network devices of one namespace by rtnetlink(7), and asks for their statistics: what
/// ioctls cannot, and sysctls only who may write to /proc/sys. Use from one thread.
public final class DeviceRequests implements AutoCloseable {
    private static final int SET_LINK = 19;
    private static final int NEW_ADDRESS = 20;
    private static final int DELETE_ADDRESS = 21;
    private static final int GET_STATISTICS = 94;
    private static final int REQUEST = 0x1; // NLM_F_...
    private static final int ACK = 0x4;
    private static final int REPLACE = 0x100;
    private static final int CREATE = 0x400;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int NO_DAD = 0x02; // IFA_F_NODAD
    private static final int IFLA_STATS_LINK_64 = 1;
    private static final int TRANSMIT_DROPPED = 56; // in struct rtnl_link_stats64
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_INET_CONF = 1;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final int NONE = 1; // IN6_ADDR_GEN_MODE_NONE
    private static final int FORWARDING = 1; // IPV4_DEVCONF_...
    private static final int ACCEPT_REDIRECTS = 4;
    private static final int SEND_REDIRECTS = 6;
    private static final int REVERSE_PATH_FILTER = 8;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private static final int ERROR = 2; // NLMSG_ERROR, also the acknowledgment
    private static final int HEADER = 16; // of struct nlmsghdr
    private static final int IF_STATS_MSG = 12; // bytes of the struct
    private static final int ATTRIBUTE = 4; // bytes of struct rtattr
    private static final int BUFFER = 4096;

    private final FileDescriptor socket;
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER, 8);
    private int sequence;

    /// For devices in the calling thread's namespace.
    public DeviceRequests() {
        socket = Sockets.forNetlink();
    }

    /// Adds an address, without asking the link whether somebody else has it; one that is there
    /// already stays.
    ///
    /// @param device its index
    /// @param length of the prefix of the link
    /// @throws SyscallException when the kernel says no
    public void add(int device, IpAddress address, int length) {
        int error = ask(NEW_ADDRESS, ACK | REPLACE | CREATE, device, address, length);
        if (error != 0 && error != Errno.EEXIST) {
            throw new SyscallException("RTM_NEWADDR " + address, error);
        }
    }

    /// Takes an address away, if it is there.
    ///
    /// @throws SyscallException when the kernel says no
    public void remove(int device, IpAddress address, int length) {
        int error = ask(DELETE_ADDRESS, ACK, device, address, length);
        if (error != 0 && error != Errno.EADDRNOTAVAIL) {
            throw new SyscallException("RTM_DELADDR " + address, error);
        }
    }

    /// Leaves a device to local sockets alone: nothing is forwarded from it, redirects are neither
    /// sent nor believed, answers may come by another device than the routes say, and the kernel
    /// makes no IPv6 address of its own.
    ///
    /// @throws SyscallException when the kernel says no
    public void keepForSockets(int device) {
        int error = link(device, AF_INET, DeviceRequests::sockets4);
        if (error != 0) {
            throw new SyscallException("RTM_SETLINK", error);
        }
        error = link(device, AF_INET6, DeviceRequests::sockets6);
        if (error != 0 && error != Errno.EAFNOSUPPORT) { // a kernel or device without IPv6
            throw new SyscallException("RTM_SETLINK", error);
        }
    }

    /// Frames that the kernel had for a device and did not get rid of.
    ///
    /// @param device its index
    /// @throws SyscallException when the kernel says no
    public long transmitDropped(int device) {
        ByteBuffer message = begin(GET_STATISTICS, 0);
        message.putInt(0).putInt(device).putInt(1 << IFLA_STATS_LINK_64 - 1); // if_stats_msg
        int error = send(message);
        if (error != 0) {
            throw new SyscallException("RTM_GETSTATS", error);
        }
        ByteBuffer answer = buffer.asByteBuffer().order(ByteOrder.nativeOrder());
        int end = answer.getInt(0);
        for (int at = HEADER + IF_STATS_MSG; at < end; at += ATTRIBUTE) { // what is empty pads
            if (answer.getShort(at + 2) == IFLA_STATS_LINK_64) {
                return answer.getLong(at + ATTRIBUTE + TRANSMIT_DROPPED);
            }
        }
        throw new SyscallException("RTM_GETSTATS", Errno.EOPNOTSUPP);
    }

    private static void sockets4(ByteBuffer message) {
        int start = message.position();
        message.putInt(0);
        for (int setting :
                new int[] {FORWARDING, ACCEPT_REDIRECTS, SEND_REDIRECTS, REVERSE_PATH_FILTER}) {
            message.putShort((short) 8).putShort((short) setting).putInt(0);
        }
        nest(message, start, IFLA_INET_CONF);
    }

    private static void sockets6(ByteBuffer message) {
        message.putShort((short) 5).putShort((short) IFLA_INET6_ADDR_GEN_MODE);
        message.put((byte) NONE).put(new byte[3]);
    }

    private int link(int device, int family, Consumer<ByteBuffer> settings) {
        ByteBuffer message = begin(SET_LINK, ACK);
        message.putInt(0).putInt(device).putInt(0).putInt(0); // struct ifinfomsg
        int all = message.position();
        message.putInt(0);
        int start = message.position();
        message.putInt(0);
        settings.accept(message);
        nest(message, start, family);
        nest(message, all, IFLA_AF_SPEC);
        return send(message);
    }

    /// Writes the header of an attribute that contains what comes behind it.
    private static void nest(ByteBuffer message, int start, int type) {
        message.putShort(start, (short) (message.position() - start));
        message.putShort(start + 2, (short) type);
    }

    private ByteBuffer begin(int type, int flags) {
        ByteBuffer message = buffer.asByteBuffer().order(ByteOrder.nativeOrder());
        message.putInt(0).putShort((short) type).putShort((short) (REQUEST | flags));
        return message.putInt(++sequence).putInt(0);
    }

    /// Returns the [Errno] that the kernel answers, 0 for none.
    private int send(ByteBuffer message) {
        message.putInt(0, message.position());
        long sent = socket.write(buffer, 0, message.position());
        return sent < 0 ? (int) -sent : answer();
    }

    private int ask(int type, int flags, int device, IpAddress address, int length) {
        ByteBuffer message = begin(type, flags);
        byte[] bytes = bytes(address);
        message.put((byte) (bytes.length == 4 ? AF_INET : AF_INET6));
        message.put((byte) length).put((byte) 0).put((byte) 0).putInt(device);
        attribute(message, IFA_LOCAL, bytes);
        attribute(message, IFA_ADDRESS, bytes);
        message.putShort((short) 8).putShort((short) IFA_FLAGS).putInt(NO_DAD);
        return send(message);
    }

    /// The kernel has answered when the request is written; the answer is in the buffer then.
    private int answer() {
        while (true) {
            long got = socket.read(buffer, 0, BUFFER);
            if (got < 0) {
                return (int) -got;
            }
            ByteBuffer answer = buffer.asByteBuffer().order(ByteOrder.nativeOrder());
            if (got >= HEADER + 4 && answer.getInt(8) == sequence) {
                return answer.getShort(4) == ERROR ? -answer.getInt(HEADER) : 0;
            }
        }
    }

    private static void attribute(ByteBuffer message, int type, byte[] value) {
        message.putShort((short) (4 + value.length)).putShort((short) type).put(value);
    }

    private static byte[] bytes(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> ByteBuffer.allocate(4).putInt(four.bits()).array();
            case Ip6Address six ->
                    ByteBuffer.allocate(16).putLong(six.high()).putLong(six.low()).array();
        };
    }

    @Override
    public void close() {
        socket.close();
    }
}
