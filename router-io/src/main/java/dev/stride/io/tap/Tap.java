package dev.stride.io.tap;

import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Namespace;
import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.offload.VirtioHeader;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/// A port on a TAP device: made, or attached to where a persistent one of that name is there, then
/// brought up.
public final class Tap implements Port {
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCSIFMTU = 0x8922;

    private static final short IFF_TAP = 0x0002;
    private static final short IFF_NO_PI = 0x1000;
    private static final short IFF_VNET_HDR = 0x4000;
    private static final short IFF_UP = 1;

    private static final int IFREQ = 40;
    private static final int IFREQ_VALUE = 16;

    /// Offloads that the kernel may leave to us, best first: checksum, TSO4, TSO6, ECN, USO4 and
    /// USO6 (0x20 and 0x40 only together; Linux 6.2). TSO needs checksum.
    private static final int[] OFFLOADS = {0x6f, 0x0f, 0x07, 0x01};

    private final TapOptions options;
    private final FileDescriptor file;
    private final int offloads;

    private Tap(TapOptions options, FileDescriptor file, int offloads) {
        this.options = options;
        this.file = file;
        this.offloads = offloads;
    }

    /// Makes or attaches to the device and brings it up.
    ///
    /// @throws PortException with what is wrong and what to do about it
    public static Tap open(TapOptions options) {
        if (options.device().getBytes(StandardCharsets.UTF_8).length > 15) {
            throw new PortException(
                    options.name(), "device name " + options.device() + " is longer than 15 bytes");
        }
        Supplier<Tap> here = () -> create(options);
        if (options.netns() == null) {
            return here.get();
        }
        String path = Namespace.path(options.netns());
        try {
            return Namespace.call(path, here);
        } catch (SyscallException e) {
            throw TapErrors.namespace(options, e);
        }
    }

    private static Tap create(TapOptions options) {
        FileDescriptor file;
        try {
            file =
                    FileDescriptor.open(
                            "/dev/net/tun", FileDescriptor.O_RDWR | FileDescriptor.O_NONBLOCK);
        } catch (SyscallException e) {
            throw TapErrors.open(options, e);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = ifreq(arena, options.device());
            attach(options, file, ifreq);
            file.ioctl(
                    "TUNSETVNETHDRSZ",
                    TUNSETVNETHDRSZ,
                    arena.allocateFrom(ValueLayout.JAVA_INT, VirtioHeader.SIZE));
            int offloads = options.offload() ? negotiate(file) : 0;
            if (!options.offload()) {
                file.ioctl("TUNSETOFFLOAD", TUNSETOFFLOAD, MemorySegment.NULL);
            }
            file.ioctl(
                    "TUNSETPERSIST",
                    TUNSETPERSIST,
                    MemorySegment.ofAddress(options.persist() ? 1 : 0));
            bringUp(options, ifreq);
            return new Tap(options, file, offloads);
        } catch (SyscallException e) {
            file.close();
            throw TapErrors.other(options, e);
        } catch (PortException e) {
            file.close();
            throw e;
        }
    }

    private static MemorySegment ifreq(Arena arena, String device) {
        MemorySegment ifreq = arena.allocate(IFREQ, 8);
        ifreq.setString(0, device);
        return ifreq;
    }

    private static void attach(TapOptions options, FileDescriptor file, MemorySegment ifreq) {
        ifreq.set(
                ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
        try {
            file.ioctl("TUNSETIFF", TUNSETIFF, ifreq);
        } catch (SyscallException e) {
            throw TapErrors.attach(options, e);
        }
    }

    private static int negotiate(FileDescriptor file) {
        for (int offloads : OFFLOADS) {
            if (accepts(file, offloads)) {
                return offloads;
            }
        }
        return 0;
    }

    private static boolean accepts(FileDescriptor file, int offloads) {
        try {
            file.ioctl("TUNSETOFFLOAD", TUNSETOFFLOAD, MemorySegment.ofAddress(offloads));
            return true;
        } catch (SyscallException e) {
            return false; // an older kernel
        }
    }

    private static void bringUp(TapOptions options, MemorySegment ifreq) {
        try (FileDescriptor socket = Sockets.forDevices()) {
            ifreq.set(ValueLayout.JAVA_INT, IFREQ_VALUE, options.mtu());
            socket.ioctl("SIOCSIFMTU " + options.mtu(), SIOCSIFMTU, ifreq);
            socket.ioctl("SIOCGIFFLAGS", SIOCGIFFLAGS, ifreq);
            short flags = ifreq.get(ValueLayout.JAVA_SHORT, IFREQ_VALUE);
            ifreq.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) (flags | IFF_UP));
            socket.ioctl("SIOCSIFFLAGS", SIOCSIFFLAGS, ifreq);
        }
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public PortQueue queue(boolean receives) {
        return new TapQueue(file.view());
    }

    @Override
    public boolean takesOffloads() {
        return options.offload();
    }

    /// The TUN_F flags that the kernel agreed to.
    public int offloads() {
        return offloads;
    }

    /// A TAP that is up is writable; one that is down is not, and a deleted one reports an error.
    @Override
    public boolean isUp() {
        return (file.poll(FileDescriptor.POLLOUT)
                        & (FileDescriptor.POLLOUT | FileDescriptor.POLLERR))
                == FileDescriptor.POLLOUT;
    }

    @Override
    public void close() {
        file.close();
    }
}
