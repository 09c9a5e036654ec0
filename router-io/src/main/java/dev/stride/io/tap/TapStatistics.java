package dev.stride.io.tap;

import dev.stride.io.linux.DeviceRequests;
import dev.stride.io.linux.NetDevice;
import dev.stride.io.linux.SyscallException;

/// What the kernel counts for a TAP, from when it was opened: one that persists was there before.
final class TapStatistics implements AutoCloseable {
    private final DeviceRequests requests = new DeviceRequests();
    private final int device;
    private final long before;
    private long missed;

    /// @param device its name, in the calling thread's namespace
    /// @throws SyscallException when the kernel says no
    TapStatistics(String device) {
        try (NetDevice named = new NetDevice(device)) {
            this.device = named.index();
            before = requests.transmitDropped(this.device);
        } catch (SyscallException e) {
            requests.close();
            throw e;
        }
    }

    /// Frames that the kernel sent to the TAP and dropped, since its queue was full.
    long missed() {
        try {
            missed = requests.transmitDropped(device) - before;
        } catch (SyscallException e) {
            // The device is gone, or in another namespace: what it was is what is known.
        }
        return missed;
    }

    @Override
    public void close() {
        requests.close();
    }
}
