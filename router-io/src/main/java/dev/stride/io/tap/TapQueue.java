package dev.stride.io.tap;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.offload.VirtioHeader;
import dev.stride.io.port.PortQueue;

/// One worker's handle of a TAP: a system call a frame.
final class TapQueue implements PortQueue {
    private final FileDescriptor file;
    private final boolean receives;

    /// @param receives whether it is this one that takes frames from the device
    TapQueue(FileDescriptor file, boolean receives) {
        this.file = file;
        this.receives = receives;
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        int before = into.count;
        while (into.count < into.packets.length) {
            Packet packet = pool.take();
            if (packet == null) {
                break;
            }
            int header = packet.start - VirtioHeader.SIZE;
            long got =
                    file.read(packet.memory, header, packet.capacity() + (long) VirtioHeader.SIZE);
            if (got < VirtioHeader.SIZE) {
                pool.release(packet);
                break;
            }
            packet.length = (int) got - VirtioHeader.SIZE;
            VirtioHeader.read(packet);
            into.add(packet);
        }
        return into.count - before;
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        for (int i = from; i < to; i++) {
            packets[i].sent = send(packets[i]);
        }
    }

    private Reason send(Packet packet) {
        VirtioHeader.write(packet);
        long sent =
                file.write(
                        packet.memory,
                        packet.start - VirtioHeader.SIZE,
                        packet.length + (long) VirtioHeader.SIZE);
        return sent >= 0 ? Reason.FORWARDED : TapErrors.transmit((int) -sent);
    }

    @Override
    public int descriptor() {
        return receives ? file.number() : -1;
    }
}
