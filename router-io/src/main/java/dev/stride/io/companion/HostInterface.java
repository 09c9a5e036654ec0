package dev.stride.io.companion;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.io.linux.DeviceRequests;
import dev.stride.io.linux.NetDevice;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The kernel's side of a companion. Opened in its namespace; after that of any namespace, one
/// thread at a time.
final class HostInterface implements AutoCloseable {
    private final NetDevice device;
    private final DeviceRequests kernel;
    private final int index;
    private final Map<IpAddress, Integer> addresses = new HashMap<>(); // that it has from us
    private @Nullable HostState shown;

    /// In the namespace of the device, which is there and down.
    ///
    /// @throws dev.stride.io.linux.SyscallException when it is not there
    HostInterface(String name) {
        device = new NetDevice(name);
        index = device.index();
        kernel = new DeviceRequests();
        kernel.keepForSockets(index);
    }

    /// The kernel's number of it.
    int index() {
        return index;
    }

    /// Brings the kernel's side in step, but its carrier.
    ///
    /// @throws dev.stride.io.linux.SyscallException when the device is gone, or the kernel says no
    void show(HostState state) {
        HostState before = shown;
        shown = null; // until all is done
        if (before == null || before.mac() != state.mac()) {
            device.setMac(state.mac());
        }
        if (before == null || before.mtu() != state.mtu()) {
            device.setMtu(state.mtu());
        }
        if (before == null || before.enabled() != state.enabled()) {
            if (state.enabled()) {
                device.bringUp();
            } else {
                device.takeDown();
                addresses.keySet().removeIf(Ip6Address.class::isInstance); // the kernel's way
            }
        }
        if (state.enabled()) {
            showAddresses(state.addresses());
        }
        shown = state;
    }

    private void showAddresses(Map<IpAddress, Integer> wanted) {
        for (Map.Entry<IpAddress, Integer> each : Map.copyOf(addresses).entrySet()) {
            if (!each.getValue().equals(wanted.get(each.getKey()))) {
                kernel.remove(index, each.getKey(), each.getValue());
                addresses.remove(each.getKey());
            }
        }
        for (Map.Entry<IpAddress, Integer> each : wanted.entrySet()) {
            if (!addresses.containsKey(each.getKey())) {
                kernel.add(index, each.getKey(), each.getValue());
                addresses.put(each.getKey(), each.getValue());
            }
        }
    }

    @Override
    public void close() {
        kernel.close();
        device.close();
    }
}
