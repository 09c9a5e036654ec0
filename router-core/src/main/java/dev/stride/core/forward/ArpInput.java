package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Evidence;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Arp;
import dev.stride.core.wire.Ethernet;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// ARP on the wire (RFC 826, RFC 5227): answers at once, and tells the control thread what it
/// heard. Belongs to its worker; who is resolved and for how long is decided in
/// [dev.stride.core.adjacency].
final class ArpInput {
    private static final int FRAME = Ethernet.HEADER + Arp.LENGTH;

    private final ForwardingState state;
    private final Output output;
    private final LinkEvents events;

    ArpInput(ForwardingState state, Output output, LinkEvents events) {
        this.state = state;
        this.output = output;
        this.events = events;
    }

    /// Takes an ARP frame to its end.
    void receive(Packet packet) {
        MemorySegment m = packet.memory;
        int arp = packet.start + Ethernet.HEADER;
        if (!Arp.check(m, arp, packet.length - Ethernet.HEADER)
                || (Arp.senderMac(m, arp) & MacAddress.GROUP_BIT) != 0) {
            output.end(packet, Reason.ARP_MALFORMED);
            return;
        }
        PortState port = state.ports()[packet.inPort];
        int sender = Arp.senderAddress(m, arp);
        long mac = Arp.senderMac(m, arp);
        if (port.owns(sender) && mac != port.mac()) {
            events.tell(
                    port.index(),
                    new WorkerEvent.AddressConflict(port.index(), new Ip4Address(sender), mac));
            output.end(packet, Reason.ARP_CONFLICT);
            return;
        }
        int target = Arp.targetAddress(m, arp);
        boolean request = Arp.operation(m, arp) == Arp.REQUEST;
        // A probe (sender 0.0.0.0) tells nothing, and is on no link.
        boolean onLink = port.addressFacing(sender) != 0 && !port.owns(sender);
        Evidence evidence = evidence(port, request, onLink, sender, target);
        Reason heard = evidence == null ? Reason.ARP_NOT_FOR_US : hear(port, sender, mac, evidence);
        if (request && (port.owns(target) || onLink && standsInFor(port, sender, target))) {
            packet.ending = Reason.ARP_ANSWERED;
            answer(packet, port, target, mac, sender);
        } else {
            output.end(packet, heard);
        }
    }

    /// What a message says about its sender, or null for nothing: neither what stations tell each
    /// other nor questions from beyond the link make us learn. Whether an answer was asked for, the
    /// control thread knows.
    private static @Nullable Evidence evidence(
            PortState port, boolean request, boolean onLink, int sender, int target) {
        if (port.owns(sender)) {
            return null;
        }
        if (port.owns(target)) {
            return !request ? Evidence.CONFIRMATION : onLink ? Evidence.QUESTION : null;
        }
        return onLink && sender == target ? Evidence.ANNOUNCEMENT : null;
    }

    private Reason hear(PortState port, int sender, long mac, Evidence evidence) {
        boolean heard =
                events.tell(
                        port.index(),
                        new WorkerEvent.NeighborHeard(
                                port.index(), new Ip4Address(sender), mac, evidence));
        return heard ? Reason.ARP_HEARD : Reason.NEIGHBOR_FLOOD;
    }

    /// Whether we answer for a station behind another port (RFC 1027): one that we route to, not
    /// back to this link.
    private boolean standsInFor(PortState port, int sender, int target) {
        if (!port.policy().proxyArp() || sender == target) {
            return false;
        }
        NextHop to = state.route4(port.table(), target);
        return to != null && to.isForwarding() && !to.leavesBy(port.index());
    }

    private void answer(Packet packet, PortState port, int own, long mac, int to) {
        Ethernet.write(packet.memory, packet.start, mac, port.mac(), Ethernet.ARP);
        Arp.write(
                packet.memory, packet.start + Ethernet.HEADER, Arp.REPLY, port.mac(), own, mac, to);
        packet.length = FRAME;
        packet.outPort = port.index();
        packet.clearOffload();
        output.transmit(packet);
    }
}
