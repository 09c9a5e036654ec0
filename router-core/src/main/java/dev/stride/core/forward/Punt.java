package dev.stride.core.forward;

import dev.stride.core.packet.Packet;
import dev.stride.core.pfil.Hook;
import dev.stride.core.pfil.HookPoint;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.PuntClass;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Between ports and their companions: interfaces of the host by which routing daemons speak on the
/// port's link. Belongs to its worker.
///
/// Up goes what is for the host, with the frame's own link header, by the companion of the port
/// that it arrived at, as far as the rate of its class permits. Down goes every frame as it is: the
/// host's kernel has routed it, so its TTL stays, and only the output hooks see it.
final class Punt {
    /// A companion at this worker.
    private static final class Companion {
        final int index; // on the data path, as of a port
        final boolean answers; // ARP and neighbor discovery, in the router's place
        final TokenBucket[] buckets = new TokenBucket[PuntClass.values().length];

        Companion(int index, CompanionRates rates) {
            this.index = index;
            this.answers = rates.hostAnswers();
            for (PuntClass kind : PuntClass.values()) {
                double rate = rates.perSecond(kind);
                buckets[kind.ordinal()] = new TokenBucket(rate, Math.max(rate / 10, 32));
            }
        }
    }

    private final ForwardingState state;
    private final Output output;
    private final @Nullable Companion[] companions = // by the port's index
            new Companion[ForwardingState.MAX_PORTS];
    private int count;
    private long nowNanos;

    Punt(ForwardingState state, Output output) {
        this.state = state;
        this.output = output;
    }

    /// A port has a companion from now on.
    void pair(int port, int companion, CompanionRates rates) {
        if (companions[port] == null) {
            count++;
        }
        companions[port] = new Companion(companion, rates);
    }

    /// The reverse.
    void part(int port) {
        if (companions[port] != null) {
            count--;
        }
        companions[port] = null;
    }

    void tick(long now) {
        nowNanos = now;
    }

    /// Whether there is a host behind a port.
    boolean has(int port) {
        return companions[port] != null;
    }

    /// Whether the host behind a port answers ARP and neighbor discovery itself.
    boolean answers(int port) {
        Companion companion = companions[port];
        return companion != null && companion.answers;
    }

    /// Takes a datagram for one of our addresses to its end, if it is for the host.
    ///
    /// @param destination one of our addresses
    /// @param at where the header of `protocol` is, of which `length` bytes are there
    boolean up4(Packet packet, int destination, int protocol, int at, int length) {
        if (count == 0 || !has(packet.inPort) || !owns4(packet.inPort, destination)) {
            return false;
        }
        up(packet, HostTraffic.of(protocol, packet.memory, at, length));
        return true;
    }

    /// The same of IPv6.
    boolean up6(Packet packet, long high, long low, int protocol, int at, int length) {
        if (count == 0 || !has(packet.inPort)) {
            return false;
        }
        if (!Ipv6.isMulticast(high) && !owns6(packet.inPort, high, low)) {
            return false;
        }
        up(packet, HostTraffic.of(protocol, packet.memory, at, length));
        return true;
    }

    /// Whether a port with a companion has the address, in the arriving port's table, so that the
    /// host has it, too.
    private boolean owns4(int port, int address) {
        PortState[] ports = state.ports();
        for (int i = 0; i < ports.length; i++) {
            if (isBeside(ports, port, i) && ports[i].own(address) != null) {
                return true;
            }
        }
        return false;
    }

    private boolean isBeside(PortState[] ports, int port, int other) {
        return companions[other] != null && ports[other].table() == ports[port].table();
    }

    /// A link-local address counts on the arriving port alone.
    private boolean owns6(int port, long high, long low) {
        PortState[] ports = state.ports();
        if (Ipv6.isLinkLocal(high)) {
            return ports[port].own6(high, low) != null;
        }
        for (int i = 0; i < ports.length; i++) {
            if (isBeside(ports, port, i) && ports[i].own6(high, low) != null) {
                return true;
            }
        }
        return false;
    }

    /// Takes a datagram for a group to its end, if daemons listen to it.
    boolean group4(Packet packet, int group) {
        if (!has(packet.inPort) || !HostTraffic.hasListeners4(group)) {
            return false;
        }
        datagram4(packet);
        return true;
    }

    /// Takes a datagram from a port that has a companion to its end.
    void datagram4(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int header = Ipv4.headerLength(m, ip);
        boolean later = Ipv4.fragmentOffset(m, ip) != 0;
        int length = later ? 0 : Ipv4.totalLength(m, ip) - header;
        up(packet, HostTraffic.of(Ipv4.protocol(m, ip), m, ip + header, length));
    }

    /// Takes a frame that is neither IP nor ARP to its end, if daemons listen to it.
    boolean link(Packet packet) {
        PuntClass kind =
                has(packet.inPort)
                        ? HostTraffic.ofLink(Ethernet.destination(packet.memory, packet.start))
                        : null;
        if (kind == null) {
            return false;
        }
        up(packet, kind);
        return true;
    }

    /// Takes a packet from a port that has a companion to its end.
    void up(Packet packet, PuntClass kind) {
        Companion companion = companions[packet.inPort];
        if (companion == null) {
            output.end(packet, Reason.INTERNAL);
        } else if (isWithinRate(packet.inPort, companion, kind)) {
            packet.outPort = companion.index;
            packet.ending = Reason.PUNTED;
            output.transmit(packet);
        } else {
            output.end(packet, Reason.PUNT_LIMIT);
        }
    }

    private boolean isWithinRate(int port, Companion companion, PuntClass kind) {
        boolean within = companion.buckets[kind.ordinal()].take(nowNanos);
        output.counters(port).punt(kind, !within);
        return within;
    }

    /// Lets the host behind a port hear, too, what the router takes note of.
    void copyUp(Packet packet, PuntClass kind) {
        Companion companion = companions[packet.inPort];
        if (companion == null || !isWithinRate(packet.inPort, companion, kind)) {
            return;
        }
        Packet copy = output.take();
        if (copy != null) {
            MemorySegment.copy(packet.memory, packet.start, copy.memory, copy.start, packet.length);
            copy.length = packet.length;
            copy.outPort = companion.index;
            output.transmit(copy);
        }
    }

    /// Takes a frame of the host's to its end.
    ///
    /// @param port that it is to leave by
    void down(Packet packet, int port) {
        PortState out = state.ports()[port];
        if (packet.length < Ethernet.HEADER) {
            output.end(packet, Reason.FRAME_TRUNCATED);
        } else if (!out.up()) {
            output.end(packet, Reason.PORT_DOWN);
        } else if (Forwarder.datagramLength(packet) > out.mtu()) {
            output.end(packet, Reason.MTU_EXCEEDED);
        } else {
            packet.outPort = port;
            packet.ending = Reason.COMPANION_SENT;
            Reason reason = hooks(packet);
            if (reason == null) {
                output.transmit(packet);
            } else {
                output.end(packet, reason);
            }
        }
    }

    /// Runs the output hooks over an IP packet. They may rely on its header: what is broken goes no
    /// further then.
    ///
    /// @return why it ends, or null
    private @Nullable Reason hooks(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int length = packet.length - Ethernet.HEADER;
        int type = Ethernet.type(m, packet.start);
        if (type != Ethernet.IPV4 && type != Ethernet.IPV6) {
            return null;
        }
        boolean v6 = type == Ethernet.IPV6;
        Hook[] hooks = (v6 ? state.pfil.output6() : state.pfil.output4()).chain();
        if (hooks.length == 0) {
            return null;
        }
        Reason broken = v6 ? Ipv6.validate(m, ip, length) : Ipv4.validate(m, ip, length);
        if (broken != null) {
            return broken;
        }
        return HookPoint.run(hooks, packet) == Verdict.PASS ? null : packet.ending;
    }
}
