package dev.stride.io.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A network device of one namespace by its name: netdevice(7). The device may come and go; each
/// call asks the kernel anew. Use from one thread.
public final class NetDevice implements AutoCloseable {
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCGIFADDR = 0x8915;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCSIFHWADDR = 0x8924;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final long SIOCETHTOOL = 0x8946;

    private static final int ETHTOOL_GDRVINFO = 3;
    private static final int ETHTOOL_DRVINFO = 196; // struct: command 4, driver 32, ...

    private static final int IFREQ = 40;
    private static final int VALUE = 16; // offset in struct ifreq
    private static final short ARPHRD_ETHER = 1;
    private static final int IFF_UP = 0x1;
    private static final int IFF_RUNNING = 0x40;
    private static final ValueLayout.OfInt NETWORK_ORDER =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NETWORK_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final FileDescriptor socket;
    private final MemorySegment ifreq = Arena.ofAuto().allocate(IFREQ, 8);

    /// The device called `name` in the calling thread's namespace, whether it is there or not.
    ///
    /// @param name at most 15 bytes
    public NetDevice(String name) {
        socket = Sockets.forDevices();
        ifreq.setString(0, name);
    }

    /// The kernel's number of it.
    ///
    /// @throws SyscallException with ENODEV when it is not there, as all others here
    public int index() {
        socket.ioctl("SIOCGIFINDEX", SIOCGIFINDEX, ifreq);
        return ifreq.get(ValueLayout.JAVA_INT, VALUE);
    }

    /// Its MAC address, in the lower 48 bits.
    public long mac() {
        socket.ioctl("SIOCGIFHWADDR", SIOCGIFHWADDR, ifreq);
        return ifreq.get(NETWORK_LONG, VALUE + 2) >>> 16;
    }

    /// Gives it another MAC address, in the lower 48 bits.
    public void setMac(long mac) {
        ifreq.set(ValueLayout.JAVA_SHORT, VALUE, ARPHRD_ETHER);
        ifreq.set(NETWORK_LONG, VALUE + 2, mac << 16);
        socket.ioctl("SIOCSIFHWADDR", SIOCSIFHWADDR, ifreq);
    }

    /// Name of the driver, such as `veth`; empty where none tells.
    public String driver() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(ETHTOOL_DRVINFO, 8);
            info.set(ValueLayout.JAVA_INT, 0, ETHTOOL_GDRVINFO);
            ifreq.set(ValueLayout.ADDRESS, VALUE, info);
            socket.ioctl("ETHTOOL_GDRVINFO", SIOCETHTOOL, ifreq);
            return info.getString(4);
        } catch (SyscallException e) {
            return "";
        }
    }

    /// Bytes of the largest packet.
    public int mtu() {
        socket.ioctl("SIOCGIFMTU", SIOCGIFMTU, ifreq);
        return ifreq.get(ValueLayout.JAVA_INT, VALUE);
    }

    /// Sets the bytes of the largest packet.
    public void setMtu(int mtu) {
        ifreq.set(ValueLayout.JAVA_INT, VALUE, mtu);
        socket.ioctl("SIOCSIFMTU " + mtu, SIOCSIFMTU, ifreq);
    }

    /// The kernel's first IPv4 address on it, 0 where there is none.
    public int address4() {
        try {
            socket.ioctl("SIOCGIFADDR", SIOCGIFADDR, ifreq);
            return ifreq.get(NETWORK_ORDER, VALUE + 4);
        } catch (SyscallException e) {
            return 0;
        }
    }

    /// Whether it is there, administratively up and has its link.
    public boolean isRunning() {
        try {
            return (flags() & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
        } catch (SyscallException e) {
            return false;
        }
    }

    /// Brings it up.
    public void bringUp() {
        setFlags(flags() | IFF_UP);
    }

    /// Takes it down.
    public void takeDown() {
        setFlags(flags() & ~IFF_UP);
    }

    private void setFlags(int flags) {
        ifreq.set(ValueLayout.JAVA_SHORT, VALUE, (short) flags);
        socket.ioctl("SIOCSIFFLAGS", SIOCSIFFLAGS, ifreq);
    }

    private int flags() {
        socket.ioctl("SIOCGIFFLAGS", SIOCGIFFLAGS, ifreq);
        return ifreq.get(ValueLayout.JAVA_SHORT, VALUE);
    }

    @Override
    public void close() {
        socket.close();
    }
}
