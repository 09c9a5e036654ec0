package dev.stride.io.vlan;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.wire.Vlan;
import dev.stride.io.port.PortQueue;

/// One worker's handle of a VLAN: tags what is sent through the parent's. What arrives is handed
/// over by the worker, see [VlanDemux].
public final class VlanQueue implements PortQueue {
    private final int parent;
    private final int protocol;
    private final int id;
    private final PortQueue to;

    VlanQueue(int parent, int protocol, int id, PortQueue to) {
        this.parent = parent;
        this.protocol = protocol;
        this.id = id;
        this.to = to;
    }

    /// Index of the port that its frames arrive on.
    int parent() {
        return parent;
    }

    int protocol() {
        return protocol;
    }

    int id() {
        return id;
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        return 0;
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        for (int i = from; i < to; i++) {
            Tag.push(packets[i], protocol, id);
        }
        this.to.transmit(packets, from, to);
        for (int i = from; i < to; i++) { // counted without the tag, as it is received
            packets[i].start += Vlan.LENGTH;
            packets[i].length -= Vlan.LENGTH;
        }
    }

    @Override
    public int descriptor() {
        return -1;
    }
}
