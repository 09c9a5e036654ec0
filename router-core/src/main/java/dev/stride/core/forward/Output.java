package dev.stride.core.forward;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import org.jspecify.annotations.Nullable;

/// Where packets of one worker end: on a port's transmit queue or in a counter. Every packet that
/// the worker takes ends here exactly once. Belongs to its worker; only the counters may be read by
/// others.
public final class Output {
    /// Frames that may wait for one port within a burst: the burst itself, replies, and what was
    /// held.
    public static final int QUEUE = 512;

    private final PacketPool pool;
    private final PortCounters[] counters = new PortCounters[ForwardingState.MAX_PORTS];
    private final Burst[] queues = new Burst[ForwardingState.MAX_PORTS];
    private int ports; // indexes below this have a queue

    public Output(PacketPool pool) {
        this.pool = pool;
    }

    /// Makes room for a port.
    ///
    /// @param count of this worker alone
    public void attach(int port, PortCounters count) {
        counters[port] = count;
        for (; ports <= port; ports++) {
            queues[ports] = new Burst(QUEUE);
        }
    }

    /// A packet for something of the router's own making, or null when memory is short.
    public @Nullable Packet take() {
        return pool.take();
    }

    /// Queues a finished frame for `packet.outPort`; if the port takes it, it ends with
    /// `packet.ending`.
    public void transmit(Packet packet) {
        packet.settled = queues[packet.outPort].add(packet);
        if (!packet.settled) {
            end(packet, Reason.TRANSMIT_FULL);
        }
    }

    /// Ends a packet that goes nowhere. The caller must not touch it any more.
    public void end(Packet packet, Reason reason) {
        if (packet.inPort != Packet.ORIGINATED) {
            counters[packet.inPort].end(reason);
        } else if (packet.outPort >= 0) {
            counters[packet.outPort].add(PortCounters.ORIGINATED_LOST, 1);
        }
        pool.release(packet);
    }

    /// Counts that a received packet goes on as one of another port.
    public void handOver(Packet packet, int port) {
        counters[packet.inPort].end(Reason.VLAN_PORT);
        packet.inPort = port;
        counters[port].add(PortCounters.RECEIVED, 1);
        counters[port].add(PortCounters.RECEIVED_BYTES, packet.length);
    }

    /// Ends `packets` from the port of index `port` whose memory has been given back before.
    void end(int port, Reason reason, int packets) {
        counters[port].end(reason, packets);
    }

    /// Gives back a packet from [#take] that was not sent, or one whose end is counted later.
    void release(Packet packet) {
        pool.release(packet);
    }

    /// Counts a frame that the port of index `port` took, or did not take for `reason`, and ends
    /// it.
    public void transmitted(Packet packet, Reason reason) {
        if (reason == Reason.FORWARDED) {
            count(packet);
        }
        finish(packet, reason);
    }

    private void finish(Packet packet, Reason reason) {
        if (reason != Reason.FORWARDED) {
            end(packet, reason);
            return;
        }
        if (packet.inPort == Packet.ORIGINATED) {
            counters[packet.outPort].add(PortCounters.ORIGINATED, 1);
        } else {
            counters[packet.inPort].end(packet.ending);
        }
        pool.release(packet);
    }

    private void count(Packet frame) {
        PortCounters out = counters[frame.outPort];
        out.add(PortCounters.TRANSMITTED, 1);
        out.add(PortCounters.TRANSMITTED_BYTES, frame.length);
    }

    /// Counts one part, segment or fragment, of a packet that was cut, if the port took it, and
    /// frees it.
    public void partTransmitted(Packet part, Reason reason) {
        if (reason == Reason.FORWARDED) {
            count(part);
            if (part.fragmentMtu != 0) {
                counters[part.outPort].add(PortCounters.FRAGMENTS, 1);
            }
        }
        pool.release(part);
    }

    /// Ends a packet whose parts have been sent, or not all of them for `reason`.
    public void partsTransmitted(Packet whole, Reason reason) {
        finish(whole, reason);
    }

    /// What waits for a port; the worker sends it and calls [#transmitted] for each.
    public Burst queue(int port) {
        return queues[port];
    }

    /// The counters of a port at this worker.
    public PortCounters counters(int port) {
        return counters[port];
    }

    /// Ports have indexes below this.
    public int ports() {
        return ports;
    }
}
