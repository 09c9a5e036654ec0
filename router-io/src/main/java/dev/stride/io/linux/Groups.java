package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;
import static dev.stride.io.linux.Syscall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.OptionalInt;

/// Groups of users: getgrnam(3), and the supplementary groups of who is at the other end of a Unix
/// socket (SO_PEERGROUPS), which SO_PEERCRED leaves out.
public final class Groups {
    private static final int SO_PEERGROUPS = 59;
    private static final int MAX = 65536; // NGROUPS_MAX
    private static final long GID = 16; // offset of gr_gid in struct group
    private static final long STRUCT_GROUP = 32;

    private static final MethodHandle GETGRNAM =
            Syscall.downcall("getgrnam", FunctionDescriptor.of(POINTER, POINTER));
    private static final MethodHandle GETSOCKOPT =
            Syscall.capturing(
                    "getsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, POINTER));

    private Groups() {}

    /// The number of a group; empty where there is no such. One thread at a time.
    @SuppressWarnings("restricted") // the C library says how long its struct is
    public static OptionalInt number(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = (MemorySegment) GETGRNAM.invokeExact(arena.allocateFrom(name));
            return found.address() == 0
                    ? OptionalInt.empty()
                    : OptionalInt.of(
                            found.reinterpret(STRUCT_GROUP).get(ValueLayout.JAVA_INT, GID));
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }

    /// Supplementary groups of the peer when it connected.
    ///
    /// @param socket number of its descriptor
    /// @throws SyscallException when the socket is closed
    public static int[] ofPeer(int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            MemorySegment groups = arena.allocate(4L * MAX, 4);
            MemorySegment length = arena.allocate(ValueLayout.JAVA_INT);
            length.set(ValueLayout.JAVA_INT, 0, 4 * MAX);
            int result =
                    (int)
                            GETSOCKOPT.invokeExact(
                                    state,
                                    socket,
                                    Sockets.SOL_SOCKET,
                                    SO_PEERGROUPS,
                                    groups,
                                    length);
            if (result < 0) {
                throw Syscall.failed("getsockopt SO_PEERGROUPS", state);
            }
            long bytes = length.get(ValueLayout.JAVA_INT, 0);
            return groups.asSlice(0, bytes).toArray(ValueLayout.JAVA_INT);
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }
}
