package dev.stride.io.pcap;

import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Vlan;
import dev.stride.io.linux.NetDevice;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.packet.KernelDevice;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortNamespace;
import dev.stride.io.port.PortQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;

/// A port on a network device by libpcap: live capture with a filter, and injection. While the
/// device is down or gone the port is down; it follows a device of that name that comes back.
public final class PcapPort implements Port {
    private static final System.Logger LOG = System.getLogger("port");
    private static final String MISSING =
            "libpcap is missing; install it (`apt install libpcap0.8`, or libpcap elsewhere), or use"
                    + " type = packet, which does without";

    private final PcapOptions options;
    private final NetDevice device;
    private final long mac;
    private final int mtu;
    private final List<PcapQueue> queues = new ArrayList<>();
    private int index;
    private long missed; // by captures that have ended

    private PcapPort(PcapOptions options, NetDevice device) {
        this.options = options;
        this.device = device;
        index = device.index();
        mac = options.mac() >= 0 ? options.mac() : device.mac();
        mtu = options.mtu() > 0 ? options.mtu() : device.mtu();
    }

    /// Finds the device.
    ///
    /// @throws PortException with what is wrong and what to do about it
    public static PcapPort open(PcapOptions options) {
        return PortNamespace.call(options.name(), options.netns(), () -> find(options));
    }

    private static PcapPort find(PcapOptions options) {
        NetDevice device = KernelDevice.find(options.name(), options.device());
        try {
            PcapPort port = new PcapPort(options, device);
            KernelDevice.check(options.name(), device, options.device(), port.mtu, port.mac);
            port.receiver().close(); // may we, and does the filter compile?
            return port;
        } catch (PcapNativeException | NotOpenException e) {
            device.close();
            throw refused(options, e);
        } catch (SyscallException e) {
            device.close();
            throw new PortException(options.name(), e.what() + " for " + options.device());
        } catch (LinkageError e) {
            device.close();
            throw new PortException(options.name(), MISSING);
        } catch (PortException e) {
            device.close();
            throw e;
        }
    }

    private static PortException refused(PcapOptions options, Exception e) {
        String why = String.valueOf(e.getMessage());
        String hint = why.contains("permi") ? "; run as root or with CAP_NET_RAW" : "";
        return new PortException(
                options.name(), "libpcap does not open " + options.device() + ": " + why + hint);
    }

    private PcapHandle receiver() throws PcapNativeException, NotOpenException {
        boolean others = options.promiscuous() || mac != device.mac();
        return Libpcap.receiver(options.device(), others, options.filter(), longest() + 1);
    }

    /// Bytes of the longest frame that is taken whole.
    private int longest() {
        return Ethernet.HEADER + 2 * Vlan.LENGTH + mtu;
    }

    private PcapQueue.Handles handles(boolean receives) {
        try {
            PcapHandle sender = Libpcap.sender(options.device());
            try {
                return new PcapQueue.Handles(
                        sender, receives ? new Capture(options.name(), receiver()) : null);
            } catch (PcapNativeException | NotOpenException e) {
                sender.close();
                throw e;
            }
        } catch (PcapNativeException | NotOpenException e) {
            throw refused(options, e);
        }
    }

    private PcapQueue.Handles open(boolean receives) {
        return PortNamespace.call(options.name(), options.netns(), () -> handles(receives));
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
        PcapQueue queue = new PcapQueue(open(receives), longest());
        queues.add(queue);
        return queue;
    }

    @Override
    public boolean takesOffloads() {
        return false;
    }

    @Override
    public boolean isUp() {
        if (!device.isRunning()) {
            return false;
        }
        try {
            int now = device.index();
            if (now != index || hasEnded()) {
                follow();
                index = now;
            }
            return true;
        } catch (SyscallException | PortException e) {
            return false; // gone since, or not ready: the next look will tell
        }
    }

    private boolean hasEnded() {
        for (PcapQueue queue : queues) {
            Capture capture = queue.offered().receiver;
            if (capture != null && capture.hasEnded()) {
                return true;
            }
        }
        return false;
    }

    /// Another device has the name now, or the one that had it was down.
    private void follow() {
        for (PcapQueue queue : queues) {
            Capture old = queue.offered().receiver;
            PcapQueue.Handles others = open(old != null);
            missed += missed(old);
            end(old);
            queue.offer(others);
        }
        LOG.log(
                System.Logger.Level.INFO,
                "port {0}: device {1} is back",
                options.name(),
                options.device());
    }

    @Override
    public long missed() {
        long now = missed;
        for (PcapQueue queue : queues) {
            now += missed(queue.offered().receiver);
        }
        return now;
    }

    private static long missed(@Nullable Capture capture) {
        return capture == null ? 0 : capture.missed();
    }

    private static void end(@Nullable Capture capture) {
        if (capture != null) {
            capture.close();
        }
    }

    @Override
    public void close() {
        for (PcapQueue queue : queues) {
            end(queue.offered().receiver);
            queue.offered().close();
        }
        device.close();
    }
}
