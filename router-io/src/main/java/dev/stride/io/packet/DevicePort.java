package dev.stride.io.packet;

import dev.stride.core.addr.Ip4Address;
import dev.stride.io.linux.Errno;
import dev.stride.io.linux.Namespace;
import dev.stride.io.linux.NetDevice;
import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortQueue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// A port on a network device that is there already. While the device is down or gone the port is
/// down; it follows a device of that name that comes back.
public final class DevicePort implements Port {
    private static final System.Logger LOG = System.getLogger("port");
    private static final int MAX_NAME = 15; // IFNAMSIZ - 1

    private final DeviceOptions options;
    private final NetDevice device;
    private final long mac;
    private final int mtu;
    private final int group;
    private final List<DeviceQueue> queues = new ArrayList<>();
    private int index;

    private DevicePort(DeviceOptions options, NetDevice device) {
        this.options = options;
        this.device = device;
        index = device.index();
        mac = options.mac() >= 0 ? options.mac() : device.mac();
        mtu = options.mtu() > 0 ? options.mtu() : device.mtu();
        group =
                options.queues() == 1
                        ? 0
                        : 1 + (int) ((ProcessHandle.current().pid() * 31 + index) % 0xffff);
    }

    /// Finds the device.
    ///
    /// @throws PortException with what is wrong and what to do about it
    public static DevicePort open(DeviceOptions options) {
        if (options.device().getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
            throw new PortException(
                    options.name(), "device name " + options.device() + " is longer than 15 bytes");
        }
        return inNamespace(options, () -> find(options));
    }

    private static <T> T inNamespace(DeviceOptions options, Supplier<T> action) {
        if (options.netns() == null) {
            return action.get();
        }
        try {
            return Namespace.call(Namespace.path(options.netns()), action);
        } catch (SyscallException e) {
            throw new PortException(
                    options.name(),
                    e.what() + "; make the namespace with `ip netns add " + options.netns() + "`");
        }
    }

    private static DevicePort find(DeviceOptions options) {
        NetDevice device = new NetDevice(options.device());
        try {
            DevicePort port = new DevicePort(options, device);
            port.check();
            PacketSocket.sender(port.index).close(); // may we?
            return port;
        } catch (SyscallException e) {
            device.close();
            throw new PortException(options.name(), explain(options, e));
        } catch (PortException e) {
            device.close();
            throw e;
        }
    }

    private static String explain(DeviceOptions options, SyscallException e) {
        String device = options.device();
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

    /// Looks for what the kernel would do with the same frames.
    private void check() {
        int most = device.mtu();
        if (mtu > most) {
            throw new PortException(
                    options.name(),
                    "mtu = "
                            + mtu
                            + " is more than the "
                            + most
                            + " of "
                            + options.device()
                            + "; lower it, or raise the device's: `ip link set "
                            + options.device()
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
                    options.name(),
                    new Ip4Address(address),
                    options.device());
        }
        if (kernelForwards()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "port {0}: the kernel forwards what arrives on {1}, too, so packets may arrive"
                            + " twice; stop it with `sysctl -w net.ipv4.conf.{1}.forwarding=0`",
                    options.name(),
                    options.device());
        }
    }

    /// As far as frames to the device's own MAC address go: others the kernel leaves alone.
    private boolean kernelForwards() {
        Path setting = Path.of("/proc/sys/net/ipv4/conf", options.device(), "forwarding");
        try {
            return mac == device.mac() && !Files.readString(setting).startsWith("0");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public long mac() {
        return mac;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public PortQueue queue(boolean receives) {
        try {
            DeviceQueue queue = new DeviceQueue(inNamespace(options, () -> socket(receives)));
            queues.add(queue);
            return queue;
        } catch (SyscallException e) {
            throw new PortException(options.name(), explain(options, e));
        }
    }

    private PacketSocket socket(boolean receives) {
        if (!receives) {
            return PacketSocket.sender(index);
        }
        boolean others = options.promiscuous() || mac != device.mac();
        return PacketSocket.receiver(index, mtu, others, group);
    }

    /// The kernel finishes what the device cannot.
    @Override
    public boolean takesOffloads() {
        return true;
    }

    @Override
    public boolean isUp() {
        if (!device.isRunning()) {
            return false;
        }
        try {
            int now = device.index();
            if (now != index) {
                index = now;
                follow();
            }
        } catch (SyscallException e) {
            return false; // gone since, or not ready: the next look will tell
        }
        for (DeviceQueue queue : queues) {
            // "Network is down" of earlier would end every sleep of the worker at once.
            Sockets.takeError(queue.offered().file);
        }
        return true;
    }

    /// Another device has the name now.
    private void follow() {
        for (DeviceQueue queue : queues) {
            boolean receives = queue.offered().ring != null;
            queue.offer(inNamespace(options, () -> socket(receives)));
        }
        LOG.log(
                System.Logger.Level.INFO,
                "port {0}: device {1} is back",
                options.name(),
                options.device());
    }

    @Override
    public void close() {
        queues.forEach(queue -> queue.offered().close());
        device.close();
    }
}
