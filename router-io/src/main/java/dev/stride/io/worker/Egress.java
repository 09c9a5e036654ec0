package dev.stride.io.worker;

import dev.stride.core.forward.Output;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.io.offload.ChecksumCompletion;
import dev.stride.io.offload.Coalescing;
import dev.stride.io.port.PortQueue;

/// Sends what is queued for a port and ends it: frames that the port takes as they are in one go,
/// others cut, finished or put together first. Belongs to its worker.
final class Egress {
    private final Output output;
    private final Cutter cutter;
    private final Coalescing coalescing = new Coalescing(Output.QUEUE);
    private final BugLog bugs;

    Egress(Output output, Cutter cutter, BugLog bugs) {
        this.output = output;
        this.cutter = cutter;
        this.bugs = bugs;
    }

    /// Sends frames in their order.
    ///
    /// @param offloads whether the port cuts and finishes itself what a device can
    void send(Burst frames, PortQueue port, boolean offloads) {
        if (offloads && frames.count > 1) {
            coalesce(frames);
            sendParts(frames, port, true);
            for (int i = 0; i < coalescing.parts(); i++) {
                output.partsTransmitted(coalescing.part(i), coalescing.sent(i));
            }
        } else {
            sendParts(frames, port, offloads);
        }
    }

    private void coalesce(Burst frames) {
        try {
            coalescing.coalesce(frames);
        } catch (RuntimeException | Error e) {
            bugs.report(e, null); // what is left goes as it is
        }
    }

    private void sendParts(Burst frames, PortQueue port, boolean offloads) {
        int sent = 0;
        for (int i = 0; i < frames.count; i++) {
            Packet packet = frames.packets[i];
            if (packet.fragmentMtu != 0 || !offloads && packet.gsoType != Packet.GSO_NONE) {
                transmit(frames, sent, i, port);
                sent = i + 1;
                cut(packet, port);
            } else if (!offloads && !complete(packet)) {
                transmit(frames, sent, i, port);
                sent = i + 1;
            }
        }
        transmit(frames, sent, frames.count, port);
    }

    private void transmit(Burst frames, int from, int to, PortQueue port) {
        if (from == to) {
            return;
        }
        try {
            port.transmit(frames.packets, from, to);
        } catch (RuntimeException | Error e) {
            bugs.report(e, frames.packets[from]);
            for (int i = from; i < to; i++) {
                frames.packets[i].sent = Reason.INTERNAL; // how far it came is not known
            }
        }
        for (int i = from; i < to; i++) {
            output.transmitted(frames.packets[i], frames.packets[i].sent);
        }
    }

    private void cut(Packet packet, PortQueue port) {
        try {
            cutter.send(packet, port);
        } catch (RuntimeException | Error e) {
            cutter.abandon();
            bugs.report(e, packet);
            output.end(packet, Reason.INTERNAL);
        }
    }

    /// Returns whether the packet, whose checksum may be unfinished, can be sent; if not, it has
    /// ended.
    private boolean complete(Packet packet) {
        try {
            ChecksumCompletion.complete(packet);
            return true;
        } catch (RuntimeException | Error e) {
            bugs.report(e, packet);
            output.end(packet, Reason.INTERNAL);
            return false;
        }
    }
}
