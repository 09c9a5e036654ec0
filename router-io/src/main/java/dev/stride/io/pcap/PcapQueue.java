package dev.stride.io.pcap;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.io.port.PortQueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;

/// One worker's handle of a port by libpcap. The control thread exchanges what is behind it when
/// the device was removed and came back.
final class PcapQueue implements PortQueue {
    /// Of errors that pass: EAGAIN and ENOBUFS. pcap4j tells them apart by their text alone.
    private static final String[] FULL = {"temporarily unavailable", "buffer space"};

    /// What a queue works with.
    static final class Handles {
        final PcapHandle sender;
        final @Nullable Capture receiver; // null: only sends

        Handles(PcapHandle sender, @Nullable Capture receiver) {
            this.sender = sender;
            this.receiver = receiver;
        }

        void close() {
            sender.close();
            if (receiver != null) {
                receiver.frames.close();
            }
        }
    }

    private final byte[] frame = new byte[PacketPool.SLOT];
    private final int longest;
    private Handles handles; // the worker: rw
    private volatile Handles offered; // control: w, the worker: ro

    /// @param longest bytes of a frame that is whole
    PcapQueue(Handles handles, int longest) {
        this.longest = longest;
        this.handles = handles;
        this.offered = handles;
    }

    /// Gives the worker other handles; it closes those that it has, of which the capture must have
    /// ended. The control thread only.
    void offer(Handles others) {
        offered = others;
    }

    /// What was offered last. The control thread only.
    Handles offered() {
        return offered;
    }

    private Handles handles() {
        Handles latest = offered;
        if (handles != latest) {
            handles.close();
            handles = latest;
        }
        return handles;
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        Capture capture = handles().receiver;
        if (capture == null) {
            return 0;
        }
        int before = into.count;
        while (into.count < into.packets.length && pool.available() > 0) {
            byte[] arrived = capture.frames.take();
            Packet packet = arrived == null ? null : pool.take();
            if (arrived == null || packet == null) {
                break;
            }
            packet.length = Math.min(arrived.length, packet.capacity());
            MemorySegment.copy(
                    arrived, 0, packet.memory, ValueLayout.JAVA_BYTE, packet.start, packet.length);
            if (arrived.length > longest) {
                packet.ending = Reason.FRAME_TOO_LONG;
            }
            into.add(packet);
        }
        return into.count - before;
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        PcapHandle sender = handles().sender;
        for (int i = from; i < to; i++) {
            Packet packet = packets[i];
            MemorySegment.copy(
                    packet.memory, ValueLayout.JAVA_BYTE, packet.start, frame, 0, packet.length);
            packet.sent = send(sender, packet.length);
        }
    }

    private Reason send(PcapHandle sender, int length) {
        try {
            sender.sendPacket(frame, length);
            return Reason.FORWARDED;
        } catch (NotOpenException e) {
            return Reason.PORT_DOWN;
        } catch (PcapNativeException e) {
            String why = String.valueOf(e.getMessage());
            for (String full : FULL) {
                if (why.contains(full)) {
                    return Reason.TRANSMIT_FULL;
                }
            }
            return Reason.TRANSMIT_ERROR;
        }
    }

    @Override
    public int descriptor() {
        Capture capture = handles().receiver;
        return capture == null ? -1 : capture.frames.descriptor();
    }
}
