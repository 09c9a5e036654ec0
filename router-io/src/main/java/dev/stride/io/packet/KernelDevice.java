package dev.stride.io.packet;

import dev.stride.core.addr.Ip4Address;
import dev.stride.io.linux.Errno;
import dev.stride.io.linux.NetDevice;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.port.PortException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A network device that is there without us: finds it, and tells what the kernel would do with the
/// same frames. In the calling thread's namespace.
public final class KernelDevice {
    private static final System.Logger LOG = System.getLogger("port");
    private static final int MAX_NAME = 15; // IFNAMSIZ - 1

    private KernelDevice() {}

    /// The device of a port.
    ///
    /// @throws PortException when there is none, with what to do about it
    public static NetDevice find(String port, String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            throw new PortException(port, "device name " + name + " is longer than 15 bytes");
        }
        NetDevice device = new NetDevice(name);
        try {
            int _ = device.index(); // is it there?
            return device;
        } catch (SyscallException e) {
            device.close();
            throw new PortException(port, explain(name, e));
        }
    }

    /// What a refused call means to who wrote the configuration.
    static String explain(String device, SyscallException e) {
        return switch (e.errno()) {
            case Errno.ENODEV ->
                    "there is no network device "
                            + device
                            + "; `ip link` lists those that there are, or use type = tap to make one";
            case Errno.EPERM ->
                    "no permission to open a packet socket on "
                            + device
                            + "; run as root or with CAP_NET_RAW";
            default -> e.what() + " for " + device;
        };
    }

    /// Checks the port against the device, and warns of a kernel that acts on it, too.
    ///
    /// @param mtu bytes of the port's largest IP packet
    /// @param mac the router's address on it
    /// @throws PortException when the device takes no packets of that size
    public static void check(String port, NetDevice device, String name, int mtu, long mac) {
        int most = device.mtu();
        if (mtu > most) {
            throw new PortException(
                    port,
                    "mtu = "
                            + mtu
                            + " is more than the "
                            + most
                            + " of "
                            + name
                            + "; lower it, or raise the device's: `ip link set "
                            + name
                            + " mtu "
                            + mtu
                            + "`");
        }
        int address = device.address4();
        if (address != 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "port {0}: the kernel has {1} on {2} and answers what is sent to it, too; give"
                            + " the device to the router alone with `ip address flush dev {2}`",
                    port,
                    new Ip4Address(address),
                    name);
        }
        if (mac == device.mac() && forwards(name)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "port {0}: the kernel forwards what arrives on {1}, too, so packets may arrive"
                            + " twice; stop it with `sysctl -w net.ipv4.conf.{1}.forwarding=0`",
                    port,
                    name);
        }
    }

    /// As far as frames to the device's own MAC address go: others the kernel leaves alone.
    private static boolean forwards(String name) {
        try {
            Path setting = Path.of("/proc/sys/net/ipv4/conf", name, "forwarding");
            return !Files.readString(setting).startsWith("0");
        } catch (IOException e) {
            return false;
        }
    }
}
