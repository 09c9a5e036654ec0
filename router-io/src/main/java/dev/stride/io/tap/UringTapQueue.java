package dev.stride.io.tap;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.io.port.PortQueue;
import org.jspecify.annotations.Nullable;

/// One worker's handle of a TAP: io_uring, several frames a system call.
final class UringTapQueue implements PortQueue {
    private final UringSender sender;
    private final @Nullable UringReceiver receiver;
    private boolean open = true; // the worker: rw; when it has let go, control: rw

    /// @param file descriptor of the TAP
    /// @param header bytes before each frame, [VirtioHeader#SIZE] or none
    /// @param receives whether it is this one that takes frames from the device
    /// @throws dev.stride.io.linux.SyscallException when the kernel says no
    UringTapQueue(int file, int header, boolean receives) {
        sender = new UringSender(file, header);
        receiver = receives ? new UringReceiver(file, header) : null;
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        return receiver == null ? 0 : receiver.receive(into, pool);
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        sender.transmit(packets, from, to);
    }

    @Override
    public int descriptor() {
        return receiver == null ? -1 : receiver.descriptor();
    }

    @Override
    public void close() {
        if (open) {
            sender.close();
            if (receiver != null) {
                receiver.close();
            }
            open = false;
        }
    }
}
