package dev.stride.io.tunnel;

import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Sockets at one address and UDP port, to which the kernel gives datagrams by their VXLAN
/// (SO_REUSEPORT and SO_ATTACH_REUSEPORT_CBPF, socket(7)).
///
/// The program is one of classic BPF; it sees the UDP payload and returns the number of a socket,
/// in the order in which they were bound.
///
/// ```
/// struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; }
/// struct sock_fprog  { u16 len; (6 bytes) ; struct sock_filter *filter; }
/// ```
final class VxlanSteering {
    /// The number of a network where a socket has none.
    static final int NONE = -1;

    private static final int SO_REUSEPORT = 15;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    private static final long INSTRUCTION = 8; // bytes
    private static final int LOAD_LENGTH = 0x80; // BPF_LD | BPF_W | BPF_LEN
    private static final int LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private static final int SHIFT_RIGHT = 0x74; // BPF_ALU | BPF_RSH | BPF_K
    private static final int IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    private static final int IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private static final int RETURN = 0x06; // BPF_RET | BPF_K

    private final MemorySegment program;
    private int count;

    private VxlanSteering(MemorySegment program) {
        this.program = program;
    }

    /// Lets a socket be bound where others of ours are.
    static void join(FileDescriptor socket) {
        Sockets.setOption(socket, "SO_REUSEPORT", Sockets.SOL_SOCKET, SO_REUSEPORT, 1);
    }

    /// Says which socket is for which network, in one step.
    ///
    /// @param socket any of them
    /// @param networks by socket, [#NONE] where it has none; at least one has. The first that has
    ///   gets what is of no network here
    static void steer(FileDescriptor socket, int[] networks) {
        try (Arena arena = Arena.ofConfined()) {
            int most = 6 + 2 * networks.length;
            VxlanSteering steering = new VxlanSteering(arena.allocate(INSTRUCTION * most, 4));
            steering.write(networks);
            MemorySegment all = arena.allocate(16, 8);
            all.set(ValueLayout.JAVA_SHORT, 0, (short) steering.count);
            all.set(ValueLayout.ADDRESS, 8, steering.program);
            Sockets.setOption(
                    socket,
                    "SO_ATTACH_REUSEPORT_CBPF",
                    Sockets.SOL_SOCKET,
                    SO_ATTACH_REUSEPORT_CBPF,
                    all);
        }
    }

    private void write(int[] networks) {
        int first = 0;
        while (networks[first] == NONE) {
            first++;
        }
        add(LOAD_LENGTH, 0, 0, 0);
        add(IF_AT_LEAST, 1, 0, Vxlan.HEADER);
        add(RETURN, 0, 0, first);
        add(LOAD_WORD, 0, 0, Vxlan.NETWORK);
        add(SHIFT_RIGHT, 0, 0, Vxlan.VNI_SHIFT);
        for (int i = first; i < networks.length; i++) {
            if (networks[i] != NONE) {
                add(IF_EQUAL, 0, 1, networks[i]);
                add(RETURN, 0, 0, i);
            }
        }
        add(RETURN, 0, 0, first);
    }

    private void add(int code, int ifSo, int ifNot, int operand) {
        long at = INSTRUCTION * count++;
        program.set(ValueLayout.JAVA_SHORT, at, (short) code);
        program.set(ValueLayout.JAVA_BYTE, at + 2, (byte) ifSo);
        program.set(ValueLayout.JAVA_BYTE, at + 3, (byte) ifNot);
        program.set(ValueLayout.JAVA_INT, at + 4, operand);
    }
}
