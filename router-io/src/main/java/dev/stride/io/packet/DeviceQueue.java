package dev.stride.io.packet;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.io.linux.Sockets;
import dev.stride.io.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/// One worker's handle of a device: a socket of its own, which the control thread exchanges when
/// the device was removed and came back.
final class DeviceQueue implements PortQueue {
    private final SendBatch batch = new SendBatch();
    private final MemorySegment unsent = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);
    private final AtomicLong broken = new AtomicLong(); // frames
    private boolean queued; // something, which may wait in the device's queue
    private PacketSocket socket; // the worker: rw
    private volatile PacketSocket offered; // control: w, the worker: ro

    DeviceQueue(PacketSocket socket) {
        this.socket = socket;
        this.offered = socket;
    }

    /// Gives the worker another socket; it closes the one that it has. The control thread only.
    void offer(PacketSocket another) {
        offered = another;
    }

    /// What was offered last. The control thread only.
    PacketSocket offered() {
        return offered;
    }

    /// Frames that the kernel dropped since this was asked before, as a whole or their ends. The
    /// control thread only.
    long takeMissed() {
        return offered.takeMissed() + broken.getAndSet(0);
    }

    private PacketSocket socket() {
        PacketSocket latest = offered;
        if (socket != latest) {
            socket.close();
            socket = latest;
        }
        return socket;
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        ReceiveRing ring = socket().ring;
        if (ring == null) {
            return 0;
        }
        int before = into.count;
        for (int i = ring.waiting(into.packets.length - before); i > 0; i--) {
            Packet packet = pool.take();
            if (packet == null) {
                break;
            }
            if (ring.take(packet)) {
                into.add(packet);
            } else {
                pool.release(packet);
                broken.incrementAndGet();
            }
        }
        return into.count - before;
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        PacketSocket device = socket();
        if (mustQueue(device, packets, from, to)) {
            batch.send(device.queueing, packets, from, to);
        } else if (device.xdp == null || !device.xdp.send(packets, from, to)) {
            batch.send(device.file, packets, from, to);
        }
    }

    /// Whether there is a super-frame among the frames, or one before them may still wait in the
    /// device's queue: nothing may overtake it.
    private boolean mustQueue(PacketSocket device, Packet[] packets, int from, int to) {
        boolean superFrames = false;
        for (int i = from; i < to && !superFrames; i++) {
            superFrames = packets[i].gsoType != Packet.GSO_NONE;
        }
        queued = superFrames || queued && Sockets.isSending(device.queueing, unsent);
        return queued;
    }

    @Override
    public int descriptor() {
        return socket.ring == null ? -1 : socket.file.number();
    }
}
