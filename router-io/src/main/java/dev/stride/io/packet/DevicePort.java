package dev.stride.io.packet;

import dev.stride.io.linux.NetDevice;
import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortNamespace;
import dev.stride.io.port.PortQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port on a network device that is there already. While the device is down or gone the port is
/// down; it follows a device of that name that comes back.
public final class DevicePort implements Port {
    private static final System.Logger LOG = System.getLogger("port");

    /// Driver of devices that AF_XDP was found to be cheaper for. Others may look into what it
    /// leaves open: a bond, for one, shares frames out by a protocol that it does not set.
    private static final String MEASURED = "veth";

    private final DeviceOptions options;
    private final NetDevice device;
    private final long mac;
    private final int mtu;
    private final int group;
    private final List<DeviceQueue> queues = new ArrayList<>();
    private int index;
    private long missed;

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
        return PortNamespace.call(options.name(), options.netns(), () -> find(options));
    }

    private static DevicePort find(DeviceOptions options) {
        NetDevice device = KernelDevice.find(options.name(), options.device());
        try {
            DevicePort port = new DevicePort(options, device);
            KernelDevice.check(options.name(), device, options.device(), port.mtu, port.mac);
            PacketSocket.sender(port.index).close(); // may we?
            return port;
        } catch (SyscallException e) {
            device.close();
            throw new PortException(options.name(), KernelDevice.explain(options.device(), e));
        } catch (PortException e) {
            device.close();
            throw e;
        }
    }

    private PacketSocket open(boolean receives, int queue) {
        return PortNamespace.call(options.name(), options.netns(), () -> socket(receives, queue));
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
            DeviceQueue queue = new DeviceQueue(open(receives, queues.size()));
            queues.add(queue);
            return queue;
        } catch (SyscallException e) {
            throw new PortException(options.name(), KernelDevice.explain(options.device(), e));
        }
    }

    private PacketSocket socket(boolean receives, int queue) {
        boolean others = options.promiscuous() || mac != device.mac();
        PacketSocket socket =
                receives
                        ? PacketSocket.receiver(index, mtu, others, group)
                        : PacketSocket.sender(index);
        try {
            socket.xdp = xdp(queue);
            return socket;
        } catch (PortException e) {
            socket.close();
            throw e;
        }
    }

    private @Nullable XdpSender xdp(int queue) {
        boolean wanted =
                switch (options.transmit()) {
                    case AUTO -> device.driver().equals(MEASURED);
                    case XDP -> true;
                    case SENDMMSG -> false;
                };
        if (!wanted) {
            return null;
        }
        try {
            return XdpSender.open(index, queue);
        } catch (SyscallException e) {
            String why = XdpSender.explain(options.device(), queue, e);
            if (options.transmit() == Transmit.XDP) {
                throw new PortException(
                        options.name(),
                        "transmit = xdp: " + why + "; with auto it takes sendmmsg then");
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "port {0}: worker {1} transmits by sendmmsg: {2}",
                    options.name(),
                    queue,
                    why);
            return null;
        }
    }

    /// The kernel finishes what the device cannot.
    @Override
    public boolean takesOffloads() {
        return true;
    }

    @Override
    public boolean isUp() {
        for (DeviceQueue queue : queues) {
            // "Network is down" would end every sleep of the worker soon.
            Sockets.takeError(queue.offered().file);
        }
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
        return true;
    }

    @Override
    public long missed() {
        for (DeviceQueue queue : queues) {
            missed += queue.takeMissed();
        }
        return missed;
    }

    /// Another device has the name now.
    private void follow() {
        for (int i = 0; i < queues.size(); i++) {
            DeviceQueue queue = queues.get(i);
            boolean receives = queue.offered().ring != null;
            queue.offer(open(receives, i));
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
