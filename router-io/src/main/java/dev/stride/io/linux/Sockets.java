package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;
import static dev.stride.io.linux.Syscall.LONG;
import static dev.stride.io.linux.Syscall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Sockets, as far as java.net does not have them: socket(2), bind(2), connect(2), setsockopt(2),
/// recv(2), sendto(2) and sendmmsg(2).
public final class Sockets {
    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    static final int AF_NETLINK = 16;
    private static final int AF_PACKET = 17;
    private static final int AF_XDP = 44;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_RAW = 3;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SUN_PATH = 108;

    private static final MethodHandle SOCKET =
            Syscall.capturing("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle SENDTO =
            Syscall.capturing(
                    "sendto", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT, POINTER, INT));

    private static final MethodHandle BIND =
            Syscall.capturing("bind", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle CONNECT =
            Syscall.capturing("connect", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle SETSOCKOPT =
            Syscall.capturing(
                    "setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT));
    private static final MethodHandle GETSOCKOPT =
            Syscall.capturing(
                    "getsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, POINTER));
    private static final MethodHandle RECV =
            Syscall.capturing("recv", FunctionDescriptor.of(LONG, INT, LONG, LONG, INT));
    private static final MethodHandle SENDMMSG =
            Syscall.capturing("sendmmsg", FunctionDescriptor.of(INT, INT, LONG, INT, INT));

    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    /// The level of options that all sockets have.
    public static final int SOL_SOCKET = 1;

    private static final int SO_ERROR = 4;
    private static final int SO_MEMINFO = 55;
    private static final int MEMINFO = 36; // bytes: nine ints
    private static final int MEMINFO_DROPS = 32;
    private static final long SIOCOUTQ = 0x5411;

    private Sockets() {}

    private static FileDescriptor socket(int family) {
        return socket(family, SOCK_DGRAM);
    }

    private static FileDescriptor socket(int family, int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            int fd = (int) SOCKET.invokeExact(state, family, type | FileDescriptor.O_CLOEXEC, 0);
            if (fd < 0) {
                throw Syscall.failed("socket", state);
            }
            return new FileDescriptor(fd, true);
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// A socket of the current thread's network namespace, for ioctls about network devices
    /// (netdevice(7)).
    public static FileDescriptor forDevices() {
        return socket(AF_INET);
    }

    /// A packet socket (packet(7)) of the current thread's network namespace for whole frames,
    /// which gets none before it is bound.
    public static FileDescriptor forFrames() {
        return socket(AF_PACKET, SOCK_RAW | FileDescriptor.O_NONBLOCK);
    }

    /// An AF_XDP socket of the current thread's network namespace, which must be bound to a queue
    /// of a device.
    public static FileDescriptor forXdp() {
        return socket(AF_XDP, SOCK_RAW | FileDescriptor.O_NONBLOCK);
    }

    /// A socket of rtnetlink (rtnetlink(7), protocol 0) of the current thread's network namespace.
    static FileDescriptor forNetlink() {
        return socket(AF_NETLINK, SOCK_RAW | FileDescriptor.O_NONBLOCK);
    }

    /// A UDP socket (udp(7)) of the current thread's network namespace, for addresses of the family
    /// of `local`.
    public static FileDescriptor forDatagrams(InetAddress local) {
        int family = local instanceof Inet6Address ? AF_INET6 : AF_INET;
        return socket(family, SOCK_DGRAM | FileDescriptor.O_NONBLOCK);
    }

    /// A struct sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)).
    public static MemorySegment address(InetSocketAddress address, Arena arena) {
        byte[] bytes = address.getAddress().getAddress();
        boolean six = address.getAddress() instanceof Inet6Address;
        MemorySegment memory = arena.allocate(six ? 28 : 16, 4);
        memory.set(ValueLayout.JAVA_SHORT, 0, (short) (six ? AF_INET6 : AF_INET));
        memory.set(NETWORK_SHORT, 2, (short) address.getPort());
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, six ? 8 : 4, bytes.length);
        return memory;
    }

    /// Connects a datagram socket: it sends there and takes from there only.
    ///
    /// @throws SyscallException when the kernel knows no way
    public static void connect(FileDescriptor socket, MemorySegment address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            int length = (int) address.byteSize();
            if ((int) CONNECT.invokeExact(state, socket.number(), address, length) < 0) {
                throw Syscall.failed("connect", state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Binds a socket.
    ///
    /// @throws SyscallException when the kernel says no
    public static void bind(FileDescriptor socket, MemorySegment address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            int length = (int) address.byteSize();
            if ((int) BIND.invokeExact(state, socket.number(), address, length) < 0) {
                throw Syscall.failed("bind", state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Sets an option that is an int.
    ///
    /// @param what for the exception: the option's name
    /// @throws SyscallException when the kernel says no
    public static void setOption(
            FileDescriptor socket, String what, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            setOption(socket, what, level, option, arena.allocateFrom(INT, value));
        }
    }

    /// Sets an option of a socket.
    ///
    /// @param what for the exception: the option's name
    /// @throws SyscallException when the kernel says no
    public static void setOption(
            FileDescriptor socket, String what, int level, int option, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            int length = (int) value.byteSize();
            int done =
                    (int)
                            SETSOCKOPT.invokeExact(
                                    state, socket.number(), level, option, value, length);
            if (done < 0) {
                throw Syscall.failed(what, state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// The error that waits at a socket, which it forgets: an [Errno], or 0.
    public static int takeError(FileDescriptor socket) {
        return option(socket, "SO_ERROR", SOL_SOCKET, SO_ERROR);
    }

    /// Datagrams for this socket that were dropped since it was opened: its buffer was full, or
    /// their checksums were wrong.
    ///
    /// @throws SyscallException when the kernel says no
    public static long drops(FileDescriptor socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(MEMINFO, 4);
            getOption(socket, "SO_MEMINFO", SOL_SOCKET, SO_MEMINFO, info);
            return Integer.toUnsignedLong(info.get(INT, MEMINFO_DROPS));
        }
    }

    /// The value of an option that is an int.
    ///
    /// @param what for the exception: the option's name
    /// @throws SyscallException when the kernel says no
    public static int option(FileDescriptor socket, String what, int level, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(INT);
            getOption(socket, what, level, option, value);
            return value.get(INT, 0);
        }
    }

    /// Reads the value of an option.
    ///
    /// @param what for the exception: the option's name
    /// @param value where it goes, of its size
    /// @throws SyscallException when the kernel says no
    public static void getOption(
            FileDescriptor socket, String what, int level, int option, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            MemorySegment length = arena.allocateFrom(INT, (int) value.byteSize());
            int done =
                    (int)
                            GETSOCKOPT.invokeExact(
                                    state, socket.number(), level, option, value, length);
            if (done < 0) {
                throw Syscall.failed(what, state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Receives one datagram to `memory` from `at` on, without waiting.
    ///
    /// @param state where errno goes, see [#state]
    /// @return its bytes, as many as fit into `length`, or minus the [Errno]
    public static long receive(
            MemorySegment state,
            FileDescriptor socket,
            MemorySegment memory,
            long at,
            long length) {
        return receive(state, socket, memory, at, length, MSG_DONTWAIT);
    }

    /// The same; the result is the length of the whole datagram, also where less of it fits
    /// (MSG_TRUNC).
    static long receiveWhole(
            MemorySegment state,
            FileDescriptor socket,
            MemorySegment memory,
            long at,
            long length) {
        return receive(state, socket, memory, at, length, MSG_DONTWAIT | MSG_TRUNC);
    }

    private static long receive(
            MemorySegment state,
            FileDescriptor socket,
            MemorySegment memory,
            long at,
            long length,
            int flags) {
        Objects.checkFromIndexSize(at, length, memory.byteSize());
        try {
            long address = memory.address() + at;
            long got = (long) RECV.invokeExact(state, socket.number(), address, length, flags);
            return got >= 0 ? got : -Syscall.errno(state);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Sends datagrams without waiting.
    ///
    /// @param state where errno goes, see [#state]
    /// @param messages address of an array of struct mmsghdr
    /// @return how many were sent, or minus the [Errno] when the first was not
    public static int send(MemorySegment state, FileDescriptor socket, long messages, int count) {
        try {
            int sent =
                    (int)
                            SENDMMSG.invokeExact(
                                    state, socket.number(), messages, count, MSG_DONTWAIT);
            return sent >= 0 ? sent : -Syscall.errno(state);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Has the kernel send what is in the transmit ring of an AF_XDP socket, without waiting.
    ///
    /// @param state where errno goes, see [#state]
    /// @return 0 or the [Errno]
    public static int kick(MemorySegment state, FileDescriptor socket) {
        MemorySegment none = MemorySegment.NULL;
        try {
            long sent =
                    (long)
                            SENDTO.invokeExact(
                                    state, socket.number(), none, 0L, MSG_DONTWAIT, none, 0);
            return sent >= 0 ? 0 : Syscall.errno(state);
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Whether something that was sent is still on its way through the kernel.
    ///
    /// @param bytes memory for an int
    public static boolean isSending(FileDescriptor socket, MemorySegment bytes) {
        socket.ioctl("SIOCOUTQ", SIOCOUTQ, bytes);
        return bytes.get(INT, 0) > 0;
    }

    /// Memory for errno, for one thread at a time.
    public static MemorySegment state(Arena arena) {
        return Syscall.state(arena);
    }

    /// Sends one datagram to a Unix socket, as sd_notify(3) does, without waiting.
    ///
    /// @param path of the socket; a leading `@` stands for the abstract namespace (unix(7))
    /// @throws SyscallException when nobody takes it
    public static void sendUnixDatagram(String path, byte[] datagram) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length >= SUN_PATH) {
            throw new IllegalArgumentException(path + " is too long for a Unix socket");
        }
        if (path.startsWith("@")) {
            name[0] = 0;
        }
        try (FileDescriptor socket = socket(AF_UNIX);
                Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            MemorySegment address = arena.allocate(2 + SUN_PATH, 2);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, datagram);
            long sent =
                    (long)
                            SENDTO.invokeExact(
                                    state,
                                    socket.number(),
                                    data,
                                    (long) datagram.length,
                                    MSG_DONTWAIT,
                                    address,
                                    2 + name.length + (name[0] == 0 ? 0 : 1));
            if (sent < 0) {
                throw Syscall.failed("sendto " + path, state);
            }
        } catch (SyscallException | IllegalArgumentException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }
}
