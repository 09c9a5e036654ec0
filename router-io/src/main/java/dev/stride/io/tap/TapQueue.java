package dev.stride.io.tap;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.FrameCalls;
import dev.stride.io.offload.VirtioHeader;
import dev.stride.io.port.PortQueue;

/// One worker's handle of a TAP: a system call a frame.
final class TapQueue implements PortQueue {
    private static final int FEW = 8;

    private final FileDescriptor file;
    private final FrameCalls calls;
    private final int header;
    private final boolean receives;
    private int wanted = FEW; // as many as came the last time, and a few

    /// @param header bytes before each frame, [VirtioHeader#SIZE] or none
    /// @param receives whether it is this one that takes frames from the device
    TapQueue(FileDescriptor file, int header, boolean receives) {
        this.file = file;
        this.calls = new FrameCalls(file);
        this.header = header;
        this.receives = receives;
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        int before = into.count;
        int room;
        int got;
        do {
            room = take(into, pool);
            got = calls.read(room);
            for (int i = room - 1; i >= got; i--) {
                pool.release(into.packets[into.count + i]);
            }
            for (int i = 0; i < got; i++) {
                Packet packet = into.packets[into.count++];
                packet.length = (int) calls.result(i) - header;
                if (header != 0) {
                    VirtioHeader.read(packet);
                }
            }
            wanted = Math.min(into.count - before + FEW, FrameCalls.MOST);
        } while (got > 0 && got == room && into.count < into.packets.length);
        return into.count - before;
    }

    /// Puts packets to read into behind those of the burst; returns how many.
    private int take(Burst into, PacketPool pool) {
        int most = Math.min(wanted, into.packets.length - into.count);
        for (int i = 0; i < most; i++) {
            Packet packet = pool.take();
            if (packet == null) {
                return i;
            }
            into.packets[into.count + i] = packet;
            int start = packet.start - header;
            calls.place(i, packet.memory, start, packet.capacity() + (long) header);
        }
        return most;
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        for (int first = from; first < to; first += FrameCalls.MOST) {
            int count = Math.min(FrameCalls.MOST, to - first);
            for (int i = 0; i < count; i++) {
                Packet packet = packets[first + i];
                if (header != 0) {
                    VirtioHeader.write(packet);
                }
                int start = packet.start - header;
                calls.place(i, packet.memory, start, packet.length + (long) header);
            }
            calls.write(count);
            for (int i = 0; i < count; i++) {
                long sent = calls.result(i);
                packets[first + i].sent =
                        sent >= 0 ? Reason.FORWARDED : TapErrors.transmit((int) -sent);
            }
        }
    }

    @Override
    public int descriptor() {
        return receives ? file.number() : -1;
    }
}
