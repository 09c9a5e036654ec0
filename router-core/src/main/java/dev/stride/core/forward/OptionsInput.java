package dev.stride.core.forward;

import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv4Options;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the router does about options of IPv4 headers (RFC 1812 section 5.3.13). Belongs to its
/// worker.
///
/// Record routes and timestamps are written into when the packet leaves, with the address of the
/// egress port; source routes are followed where the arriving port allows them. A router alert (RFC
/// 2113) goes up to the host behind the port's companion where the port is set so; no protocol runs
/// here itself that asks for it (RFC 6398 section 4.2). Everything else goes on untouched.
final class OptionsInput {
    private static final long MILLIS_A_DAY = TimeUnit.DAYS.toMillis(1);

    private final SlowPath slow;
    private final ForwardingState state;
    private final Output output;
    private final IcmpErrors errors;
    private final Punt punt;
    private final Ipv4Options options = new Ipv4Options();

    OptionsInput(
            SlowPath slow, ForwardingState state, Output output, IcmpErrors errors, Punt punt) {
        this.slow = slow;
        this.state = state;
        this.output = output;
        this.errors = errors;
        this.punt = punt;
    }

    /// Takes a valid datagram with options, before anything is known of its destination.
    ///
    /// @return whether it goes on as others do; if not, it has come to its end
    boolean receive(Packet packet, PortState port) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int wrong = options.walk(m, ip);
        if (wrong != Ipv4Options.FINE) {
            errors.send(packet, Icmp4.PARAMETER_PROBLEM, 0, wrong << 24);
            output.end(packet, Reason.IPV4_OPTIONS);
            return false;
        }
        if (options.hasRouterAlert()
                && port.policy().allows(PortPolicy.Allowed.ROUTER_ALERTS)
                && punt.has(packet.inPort)
                && !Forwarder.isGroup(Ethernet.destination(m, packet.start))) {
            punt.datagram4(packet);
            return false;
        }
        if (!options.hasSourceRoute()) {
            return true;
        }
        if (!port.policy().allows(PortPolicy.Allowed.SOURCE_ROUTES)) {
            fail(packet, Reason.SOURCE_ROUTE);
            return false;
        }
        return follow(packet, m, ip, port.table());
    }

    private void fail(Packet packet, Reason reason) {
        errors.send(packet, Icmp4.UNREACHABLE, Icmp4.SOURCE_ROUTE_FAILED, 0);
        output.end(packet, reason);
    }

    /// Sends a packet on to the next station of its source route when it has reached the one before
    /// here (RFC 791 section 3.1, RFC 1812 section 5.2.4.1). Errors quote the route as it then is,
    /// as RFC 1812 section 4.3.2.3 allows.
    private boolean follow(Packet packet, MemorySegment m, int ip, RoutingTable table) {
        LocalAddresses local = table.local();
        if (local.kindOf(Ipv4.destination(m, ip)) != LocalAddresses.OWN) {
            if (options.isStrict(m, ip)) {
                fail(packet, Reason.SOURCE_ROUTE_FAILED); // it has lost its way
                return false;
            }
            return true;
        }
        if (!options.leadsOn(m, ip) || Forwarder.isGroup(Ethernet.destination(m, packet.start))) {
            return true; // to the router itself
        }
        while (options.leadsOn(m, ip)
                && local.kindOf(Ipv4.destination(m, ip)) == LocalAddresses.OWN) {
            options.goOn(m, ip);
        }
        Ipv4.writeChecksum(m, ip);
        if (local.kindOf(Ipv4.destination(m, ip)) != LocalAddresses.NONE) {
            return true;
        }
        return send(packet, m, ip, table);
    }

    private boolean send(Packet packet, MemorySegment m, int ip, RoutingTable table) {
        int next = Ipv4.destination(m, ip);
        if (Forwarder.isSpecial(m, packet, next)) {
            return true;
        }
        NextHop end = state.route4(table, next);
        Adjacency to = end == null ? null : end.select(FlowHash.of(m, ip));
        if (options.isStrict(m, ip) && !isOnLink(to, next)) {
            fail(packet, Reason.SOURCE_ROUTE_FAILED);
            return false;
        }
        if (to != null && to.port >= 0) {
            options.recordSourceRoute(m, ip, address(to, next));
            Ipv4.writeChecksum(m, ip);
        }
        slow.send(packet, NextHopTable.at(state.nextHops.slots(), table.fib4.lookup(next)));
        return false;
    }

    private static boolean isOnLink(@Nullable Adjacency to, int station) {
        return to != null
                && (to.kind == Adjacency.Kind.LINK
                        || to.keyHigh == Adjacency.IPV4 && (int) to.keyLow == station);
    }

    /// By which address the router is known to whom it sends a packet to `station`.
    private int address(Adjacency to, int station) {
        PortState out = state.ports()[to.port];
        return out.sourceAddress(to.keyHigh == Adjacency.IPV4 ? (int) to.keyLow : station);
    }

    /// Writes into the options of a packet what the router has to say, at its leave.
    void forward(Packet packet, Adjacency to) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        if (options.walk(m, ip) == Ipv4Options.FINE) { // a hook may have changed them
            write(packet, ip, address(to, Ipv4.destination(m, ip)));
        }
    }

    /// Makes the options of a request to the router those of its answer, which has its addresses
    /// already (RFC 1122 section 3.2.2.6): the recorded route is that of the way there and back.
    void answer(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        if (options.walk(m, ip) != Ipv4Options.FINE) {
            return;
        }
        if (options.hasSourceRoute()) {
            int back = options.reverse(m, ip, Ipv4.destination(m, ip));
            Ipv4.writeDestination(m, ip, back);
        }
        write(packet, ip, Ipv4.source(m, ip));
    }

    private void write(Packet packet, int ip, int own) {
        MemorySegment m = packet.memory;
        LocalAddresses local = state.ports()[packet.inPort].table().local();
        int asked = options.asked(m, ip);
        options.record(m, ip, own);
        if (asked == 0 || local.kindOf(asked) == LocalAddresses.OWN) {
            options.stamp(m, ip, own, (int) (slow.utcMillis() % MILLIS_A_DAY));
        }
        Ipv4.writeChecksum(m, ip);
    }
}
