package dev.stride.io.worker;

import dev.stride.core.forward.Output;
import dev.stride.core.fragment.Fragmentation;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.io.offload.ChecksumCompletion;
import dev.stride.io.offload.Segmentation;
import dev.stride.io.port.PortQueue;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Sends packets in parts: a super-frame as the segments that it stands for, a datagram longer than
/// its egress's MTU as fragments, and segments longer than that as fragments each. Belongs to its
/// worker.
///
/// Parts are made in bursts over the same few packets, so memory does not depend on their number.
/// When there is too little for a burst nothing is sent at all.
final class Cutter {
    /// Parts of a burst, and the segment that is being cut.
    private static final int NEEDED = Burst.SIZE + 1;

    private final PacketPool pool;
    private final Output output;
    private final Burst parts = new Burst(Burst.SIZE);
    private @Nullable Packet segment; // that is to go in fragments
    private @Nullable Packet part; // that is being made
    private Reason result = Reason.FORWARDED; // of the packet at hand: why a part was not taken

    Cutter(PacketPool pool, Output output) {
        this.pool = pool;
        this.output = output;
    }

    /// Sends a packet that has to be cut, and ends it.
    void send(Packet whole, PortQueue port) {
        if (pool.available() < NEEDED) {
            output.partsTransmitted(whole, Reason.NO_MEMORY);
            return;
        }
        result = Reason.FORWARDED;
        if (whole.gsoType == Packet.GSO_NONE) {
            ChecksumCompletion.complete(whole); // over all of it, so before it is cut
            fragments(whole, port);
        } else {
            segments(whole, port);
        }
        flush(port);
        output.partsTransmitted(whole, result);
    }

    private void segments(Packet whole, PortQueue port) {
        int count = Segmentation.count(whole);
        for (int i = 0; i < count && result == Reason.FORWARDED; i++) {
            Packet cut = take();
            Segmentation.segment(whole, i, cut);
            if (whole.fragmentMtu != 0 && cut.length > Ethernet.HEADER + whole.fragmentMtu) {
                cut.fragmentMtu = whole.fragmentMtu;
                segment = cut;
                part = null;
                fragments(cut, port);
                segment = null;
                pool.release(cut);
            } else {
                add(cut, port);
            }
        }
    }

    private void fragments(Packet whole, PortQueue port) {
        int count = Fragmentation.count(whole);
        for (int i = 0; i < count && result == Reason.FORWARDED; i++) {
            Packet fragment = take();
            Fragmentation.cut(whole, i, fragment);
            add(fragment, port);
        }
    }

    private Packet take() {
        Packet taken = Objects.requireNonNull(pool.take()); // there were enough: few are in use
        part = taken;
        return taken;
    }

    private void add(Packet made, PortQueue port) {
        parts.add(made);
        part = null;
        if (parts.count == Burst.SIZE) {
            flush(port);
        }
    }

    private void flush(PortQueue port) {
        port.transmit(parts.packets, 0, parts.count);
        for (int i = 0; i < parts.count; i++) {
            Packet part = parts.packets[i];
            result = result == Reason.FORWARDED ? part.sent : result;
            output.partTransmitted(part, part.sent);
        }
        parts.clear();
    }

    /// Gives back what a bug in [#send] left; the packet itself is the caller's to end.
    void abandon() {
        for (int i = 0; i < parts.count; i++) {
            pool.release(parts.packets[i]);
        }
        parts.clear();
        release(segment);
        release(part);
        segment = null;
        part = null;
    }

    private void release(@Nullable Packet packet) {
        if (packet != null) {
            pool.release(packet);
        }
    }
}
