package dev.stride.io.vlan;

import dev.stride.core.forward.ForwardingState;
import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Vlan;
import dev.stride.io.port.PortQueue;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which port a tagged frame belongs to. Belongs to its worker.
public final class VlanDemux {
    /// The frame has no tag that matters.
    public static final int UNTAGGED = -1;

    /// No port has the tag.
    public static final int UNKNOWN = -2;

    private static final int IDS = Vlan.MAX_ID + 2;

    private final short[] @Nullable [] ports = // by parent: of both protocols by id, else -1
            new short[ForwardingState.MAX_PORTS][];

    /// Takes note of a port, if it is a VLAN.
    public void attach(int port, PortQueue queue) {
        if (queue instanceof VlanQueue vlan) {
            short[] table = ports[vlan.parent()];
            if (table == null) {
                table = new short[2 * IDS];
                Arrays.fill(table, (short) -1);
                ports[vlan.parent()] = table;
            }
            table[slot(vlan.protocol(), vlan.id())] = (short) port;
        }
    }

    /// The reverse.
    public void detach(PortQueue queue) {
        if (queue instanceof VlanQueue vlan) {
            short[] table = ports[vlan.parent()];
            if (table != null) {
                table[slot(vlan.protocol(), vlan.id())] = -1;
            }
        }
    }

    private static int slot(int protocol, int id) {
        return protocol == Vlan.SERVICE ? IDS + id : id;
    }

    /// Whether a port has ever had VLANs.
    public boolean hasVlans(int port) {
        return ports[port] != null;
    }

    /// The port that a frame from `port`, which has VLANs, belongs to by its outer tag, which is
    /// taken off; or [#UNTAGGED], or [#UNKNOWN] with the tag still there. A priority tag, of id 0,
    /// is taken off as well (IEEE 802.1Q section 6.9).
    public int port(int port, Packet packet) {
        while (packet.length >= Ethernet.HEADER + Vlan.LENGTH) {
            int type = Ethernet.type(packet.memory, packet.start);
            if (!Vlan.isTag(type)) {
                return UNTAGGED;
            }
            int id = Vlan.id(packet.memory, packet.start);
            short[] table = ports[port];
            if (id != 0) {
                int to = table == null ? -1 : table[slot(type, id)];
                if (to < 0) {
                    return UNKNOWN;
                }
                Tag.pop(packet);
                return to;
            }
            Tag.pop(packet);
        }
        return UNTAGGED;
    }
}
