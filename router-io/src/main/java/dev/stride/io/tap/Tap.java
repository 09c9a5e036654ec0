package dev.stride.io.tap;

import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Namespace;
import dev.stride.io.linux.NetDevice;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.offload.VirtioHeader;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortQueue;
import dev.stride.io.uring.RingProbe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// A port on a TAP device: made, or attached to where a persistent one of that name is there, then
/// brought up.
public final class Tap implements Port {
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;
    private static final long TUNSETCARRIER = 0x400454e2L;

    private static final short IFF_TAP = 0x0002;
    private static final short IFF_NO_PI = 0x1000;
    private static final short IFF_MULTI_QUEUE = 0x0100;
    private static final short IFF_VNET_HDR = 0x4000;

    private static final int IFREQ = 40;
    private static final int IFREQ_VALUE = 16;

    /// Offloads that the kernel may leave to us, best first: checksum, TSO4, TSO6, ECN, USO4 and
    /// USO6 (0x20 and 0x40 only together; Linux 6.2). TSO needs checksum.
    private static final int[] OFFLOADS = {0x6f, 0x0f, 0x07, 0x01};

    private final TapOptions options;
    private final List<FileDescriptor> files; // a queue each
    private final int offloads;
    private final boolean uring;
    private final TapStatistics statistics;
    private final List<UringTapQueue> rings = new ArrayList<>();
    private int given; // queues that have their worker

    private Tap(
            TapOptions options,
            List<FileDescriptor> files,
            int offloads,
            boolean uring,
            TapStatistics statistics) {
        this.options = options;
        this.files = files;
        this.offloads = offloads;
        this.uring = uring;
        this.statistics = statistics;
    }

    /// Makes or attaches to the device and brings it up.
    ///
    /// @throws PortException with what is wrong and what to do about it
    public static Tap open(TapOptions options) {
        return open(options, true);
    }

    /// The same without bringing it up.
    public static Tap openDown(TapOptions options) {
        return open(options, false);
    }

    private static Tap open(TapOptions options, boolean up) {
        if (options.device().getBytes(StandardCharsets.UTF_8).length > 15) {
            throw new PortException(
                    options.name(), "device name " + options.device() + " is longer than 15 bytes");
        }
        Supplier<Tap> here = () -> create(options, up);
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

    private static Tap create(TapOptions options, boolean up) {
        boolean uring = usesUring(options);
        List<FileDescriptor> files = new ArrayList<>();
        try {
            int offloads = 0;
            for (int i = 0; i < options.queues(); i++) {
                FileDescriptor file = openDriver(options);
                files.add(file);
                attach(options, file);
                offloads = setUp(options, file);
            }
            if (up) {
                bringUp(options);
            }
            TapStatistics statistics = new TapStatistics(options.device());
            return new Tap(options, files, offloads, uring, statistics);
        } catch (SyscallException e) {
            files.forEach(FileDescriptor::close);
            throw TapErrors.other(options, e);
        } catch (PortException e) {
            files.forEach(FileDescriptor::close);
            throw e;
        }
    }

    private static boolean usesUring(TapOptions options) {
        if (options.backend() == TapBackend.SYSCALL) {
            return false;
        }
        String refusal = RingProbe.refusal();
        if (refusal != null && options.backend() == TapBackend.URING) {
            throw new PortException(
                    options.name(), refusal + "; or set backend = auto, which does without");
        }
        return refusal == null;
    }

    private static FileDescriptor openDriver(TapOptions options) {
        try {
            return FileDescriptor.open(
                    "/dev/net/tun", FileDescriptor.O_RDWR | FileDescriptor.O_NONBLOCK);
        } catch (SyscallException e) {
            throw TapErrors.open(options, e);
        }
    }

    /// Returns the offloads that the kernel agreed to.
    private static int setUp(TapOptions options, FileDescriptor file) {
        int offloads = 0;
        if (options.offload()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, VirtioHeader.SIZE);
                file.ioctl("TUNSETVNETHDRSZ", TUNSETVNETHDRSZ, size);
            }
            offloads = negotiate(file);
        } else { // a persistent device may still have those of before
            file.ioctl("TUNSETOFFLOAD", TUNSETOFFLOAD, MemorySegment.NULL);
        }
        file.ioctl(
                "TUNSETPERSIST", TUNSETPERSIST, MemorySegment.ofAddress(options.persist() ? 1 : 0));
        return offloads;
    }

    private static void attach(TapOptions options, FileDescriptor file) {
        int several = options.queues() > 1 ? IFF_MULTI_QUEUE : 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(IFREQ, 8);
            ifreq.setString(0, options.device());
            int header = options.offload() ? IFF_VNET_HDR : 0;
            int flags = IFF_TAP | IFF_NO_PI | header | several;
            ifreq.set(ValueLayout.JAVA_SHORT, IFREQ_VALUE, (short) flags);
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

    private static void bringUp(TapOptions options) {
        try (NetDevice device = new NetDevice(options.device())) {
            device.setMtu(options.mtu());
            device.bringUp();
        }
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public PortQueue queue(boolean receives) {
        int queue = receives ? given++ % files.size() : 0;
        FileDescriptor file = files.get(queue).view();
        if (!uring) {
            return new TapQueue(file, options.headerSize(), receives);
        }
        try {
            UringTapQueue ring = new UringTapQueue(file.number(), options.headerSize(), receives);
            rings.add(ring);
            return ring;
        } catch (SyscallException e) {
            throw TapErrors.other(options, e);
        }
    }

    /// [TapBackend#URING] or [TapBackend#SYSCALL].
    public TapBackend backend() {
        return uring ? TapBackend.URING : TapBackend.SYSCALL;
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
        return (files.getFirst().poll(FileDescriptor.POLLOUT)
                        & (FileDescriptor.POLLOUT | FileDescriptor.POLLERR))
                == FileDescriptor.POLLOUT;
    }

    @Override
    public long missed() {
        return statistics.missed();
    }

    /// Tells the kernel whether the device has its link.
    ///
    /// @throws SyscallException when the device is gone
    public void setCarrier(boolean on) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, on ? 1 : 0);
            files.getFirst().ioctl("TUNSETCARRIER", TUNSETCARRIER, value);
        }
    }

    @Override
    public void close() {
        statistics.close();
        rings.forEach(UringTapQueue::close);
        files.forEach(FileDescriptor::close);
    }
}
