package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;
import static dev.stride.io.linux.Syscall.LONG;
import static dev.stride.io.linux.Syscall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/// socket(2) and sendto(2), as far as java.net does not have them.
public final class Sockets {
    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SUN_PATH = 108;

    private static final MethodHandle SOCKET =
            Syscall.capturing("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle SENDTO =
            Syscall.capturing(
                    "sendto", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT, POINTER, INT));

    private Sockets() {}

    private static FileDescriptor socket(int family) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            int fd =
                    (int)
                            SOCKET.invokeExact(
                                    state, family, SOCK_DGRAM | FileDescriptor.O_CLOEXEC, 0);
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
