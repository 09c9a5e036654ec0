package dev.stride.io.tap;

import dev.stride.io.linux.DeviceRequests;
import dev.stride.io.linux.NetDevice;
import dev.stride.io.linux.SyscallException;

/// What the kernel counts for a TAP, from when it was opened: one that persists was there before.
final class TapStatistics implements AutoCloseable {
    private final DeviceRequests requests = new DeviceRequests();
    private final int device;
    private final long before;
    private long dropped; // as last known

    /// @param device its name, in the calling thread's namespace
    /// @throws SyscallException when the kernel says no
    TapStatistics(String device) {
        try (NetDevice named = new NetDevice(device)) {
            this.device = named.index();
            before = dropped();
        } catch (SyscallException e) {
            requests.close();
            throw e;
        }
    }

    private long dropped() {
        try {
            dropped = requests.transmitDropped(device);
        } catch (SyscallException e) {
            // The device is gone, or in another namespace; or the kernel does not tell.
        }
        return dropped;
    }

    /// Frames that the kernel sent to the TAP and dropped, since its queue was full.
    long missed() {
        return dropped() - before;
    }

    @Override
    public void close() {
        requests.close();
    }
}
