package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Evidence;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.PuntClass;
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
    private final Punt punt;

    ArpInput(ForwardingState state, Output output, LinkEvents events, Punt punt) {
        this.state = state;
        this.output = output;
        this.events = events;
        this.punt = punt;
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
        int target = Arp.targetAddress(m, arp);
        boolean request = Arp.operation(m, arp) == Arp.REQUEST;
        int disputed = mac == port.mac() ? 0 : disputed(port, request, sender, target);
        if (disputed != 0) {
            events.tell(
                    port.index(),
                    new WorkerEvent.AddressConflict(port.index(), new Ip4Address(disputed), mac));
            output.end(packet, Reason.ARP_CONFLICT);
            return;
        }
        Evidence evidence = evidence(port, request, sender, target);
        Reason heard = evidence == null ? Reason.ARP_NOT_FOR_US : hear(port, sender, mac, evidence);
        boolean forUs = isValid(port.own(target));
        if (request && forUs && punt.answers(port.index())) {
            punt.up(packet, PuntClass.NEIGHBOR);
        } else if (request && (forUs || standsInFor(port, sender, target))) {
            packet.ending = Reason.ARP_ANSWERED;
            answer(packet, port, target, mac, sender);
        } else {
            if (evidence != null) {
                punt.copyUp(packet, PuntClass.NEIGHBOR); // the host keeps neighbors of its own
            }
            output.end(packet, heard);
        }
    }

    private static boolean isValid(PortState.@Nullable Address address) {
        return address != null && address.isValid();
    }

    /// The address of ours that another station has or wants, or 0: it speaks with it, or asks for
    /// it while we do so too (RFC 5227 section 2.1.1). Of a duplicate, that is its right.
    private static int disputed(PortState port, boolean request, int sender, int target) {
        boolean probe = request && sender == 0;
        PortState.Address own = port.own(probe ? target : sender);
        if (own == null || own.state() == AddressState.DUPLICATE || probe && own.isValid()) {
            return 0;
        }
        return own.bits();
    }

    /// What a message says about its sender, or null for nothing: neither what stations tell each
    /// other nor questions from beyond the link make us learn; a probe (sender 0.0.0.0) is on no
    /// link. Whether an answer was asked for, the control thread knows.
    private static @Nullable Evidence evidence(
            PortState port, boolean request, int sender, int target) {
        boolean onLink = sender != 0 && port.isOnLink(sender) && !isValid(port.own(sender));
        if (isValid(port.own(target))) {
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
        if (!port.policy().allows(PortPolicy.Allowed.PROXY_ARP)
                || sender == target
                || !port.isOnLink(sender)) {
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
