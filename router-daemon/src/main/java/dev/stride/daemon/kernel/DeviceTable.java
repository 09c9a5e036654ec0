package dev.stride.daemon.kernel;

import dev.stride.daemon.netlink.NetlinkMessage.LinkMessage;
import dev.stride.daemon.source.Devices;
import java.util.HashMap;
import java.util.Map;

/// The interfaces of the kernel's namespace, and which of them are ports of ours. One thread.
final class DeviceTable implements Devices {
    private record Device(String name, boolean up) {}

    private final Map<Integer, Device> devices = new HashMap<>();
    private Map<String, Integer> ports;

    /// @param ports indexes of ports by the names of their interfaces
    DeviceTable(Map<String, Integer> ports) {
        this.ports = ports;
    }

    /// Other interfaces are ports from now on.
    void setPorts(Map<String, Integer> others) {
        ports = others;
    }

    @Override
    public int port(int index) {
        Device device = devices.get(index);
        if (device == null) {
            return UNKNOWN;
        }
        return device.up ? ports.getOrDefault(device.name, UNKNOWN) : DOWN;
    }

    /// Takes news of an interface; returns whether it means something else by it. One that is gone
    /// is as one that is down.
    boolean put(LinkMessage link) {
        Device now = new Device(link.name(), link.up() && !link.gone());
        return !now.equals(devices.put(link.index(), now));
    }

    boolean isDown(int index) {
        return port(index) == DOWN;
    }
}
