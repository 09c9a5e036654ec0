package dev.stride.core.forward;

import dev.stride.core.fragment.Datagram;
import dev.stride.core.fragment.Fragment;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv6Headers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Puts datagrams for the router's own addresses together (RFC 791 section 3.2, RFC 1812 section
/// 4.2.2.8, RFC 8200 section 4.5). Belongs to its worker. The fragments of a datagram meet at one,
/// which a hash of what tells datagrams apart says: what came to another worker is handed over.
///
/// Bounded: so many datagrams at a time, each in one packet of the pool; the oldest makes room,
/// since what is still on its way after a flood of newer ones will hardly be completed. A fragment
/// is counted when the fate of its datagram is known.
final class Reassembly {
    /// Datagrams that are put together at a time: 4 MiB of buffers.
    static final int DATAGRAMS = 64;

    /// RFC 1122 section 3.3.2: a fixed value between 60 and 120 seconds; RFC 8200: 60.
    static final long TIMEOUT_NANOS = 60_000_000_000L;

    private final int worker;
    private final ForwardingState state;
    private final IcmpErrors errors;
    private final Icmp6Errors errors6;
    private final Output output;
    private final Datagram[] datagrams;
    private final Fragment fragment = new Fragment();
    private @Nullable FragmentHandover others; // null where there are none
    private int open;
    private long opened; // ever
    private long nextDeadline; // not after the earliest, while some are open

    Reassembly(
            int worker,
            int datagrams,
            ForwardingState state,
            IcmpErrors errors,
            Icmp6Errors errors6,
            Output output) {
        this.worker = worker;
        this.state = state;
        this.errors = errors;
        this.errors6 = errors6;
        this.output = output;
        this.datagrams = new Datagram[datagrams];
        for (int i = 0; i < datagrams; i++) {
            this.datagrams[i] = new Datagram(ForwardingState.MAX_PORTS);
        }
    }

    /// Shares the work with other workers from now on.
    void share(FragmentHandover with) {
        others = with;
    }

    /// Takes a valid IPv4 fragment.
    ///
    /// @return whether `packet` has become the whole datagram; otherwise it is not to be touched
    ///   any more
    boolean add4(Packet packet, long now) {
        Reason wrong = fragment.read4(packet, table(packet));
        if (isHandedOver(packet) || !add(packet, wrong, now)) {
            return false;
        }
        Fragment.join4(packet);
        return true;
    }

    /// The same for IPv6.
    ///
    /// @param headers of `packet`, walked
    boolean add6(Packet packet, Ipv6Headers headers, long now) {
        Reason wrong = fragment.read6(packet, table(packet), headers);
        if (isHandedOver(packet)) {
            return false;
        }
        int ip = packet.start + Ethernet.HEADER;
        if (wrong == Reason.FRAGMENT_MALFORMED) { // the payload length is to blame
            errors6.send(packet, Icmp6.PARAMETER_PROBLEM, Icmp6.ERRONEOUS_FIELD, 4);
        } else if (wrong == Reason.FRAGMENT_TOO_LONG) { // the offset is
            int field = headers.fragmentAt() + 2 - ip;
            errors6.send(packet, Icmp6.PARAMETER_PROBLEM, Icmp6.ERRONEOUS_FIELD, field);
        }
        if (!add(packet, wrong, now)) {
            return false;
        }
        Fragment.join6(packet, headers);
        return true;
    }

    /// Whether the fragment that was read last is not for this worker; then `packet` has come to
    /// its end here.
    private boolean isHandedOver(Packet packet) {
        FragmentHandover to = others;
        int owner = to == null ? worker : Math.floorMod(fragment.datagramHash(), to.workers());
        if (to == null || owner == worker) {
            return false;
        }
        MemorySegment frame = packet.memory.asSlice(packet.start, packet.length);
        if (to.hand(owner, packet.inPort, frame.toArray(ValueLayout.JAVA_BYTE))) {
            output.release(packet); // who has it now counts its end
        } else {
            output.end(packet, Reason.FRAGMENT_TABLE_FULL);
        }
        return true;
    }

    /// @param wrong with the fragment that was read last, of `packet`; null where nothing is
    private boolean add(Packet packet, @Nullable Reason wrong, long now) {
        Datagram datagram = find();
        if (wrong == null && datagram == null) {
            datagram = open(now);
        }
        if (datagram == null) {
            output.end(packet, wrong == null ? Reason.NO_MEMORY : wrong);
            return false;
        }
        Reason reason = wrong == null ? datagram.place(packet, fragment) : wrong;
        if (reason != null) {
            if (reason != Reason.FRAGMENT_DUPLICATE) {
                refuse(datagram, reason);
            }
            output.end(packet, reason);
            return false;
        }
        if (!datagram.isComplete()) {
            datagram.count(packet.inPort);
            output.release(packet);
            return false;
        }
        datagram.moveTo(packet);
        close(datagram, Reason.FRAGMENT_REASSEMBLED);
        return true;
    }

    /// Tables may have the same addresses: what came by one is not put together with another's.
    private int table(Packet packet) {
        return state.ports()[packet.inPort].table().index;
    }

    private @Nullable Datagram find() {
        for (Datagram datagram : datagrams) {
            if (datagram.isOf(fragment)) {
                return datagram;
            }
        }
        return null;
    }

    /// A place for the datagram of [#fragment], or null when memory is short.
    private @Nullable Datagram open(long now) {
        Datagram place = datagrams[0];
        for (Datagram datagram : datagrams) {
            if (!datagram.isOpen()) {
                place = datagram;
                break;
            }
            place = datagram.number() < place.number() ? datagram : place;
        }
        if (place.isOpen()) {
            close(place, Reason.FRAGMENT_TABLE_FULL);
        }
        Packet buffer = output.take();
        if (buffer == null) {
            return null;
        }
        long deadline = now + TIMEOUT_NANOS;
        nextDeadline = open == 0 ? deadline : nextDeadline;
        open++;
        place.open(fragment, buffer, opened++, deadline);
        return place;
    }

    /// Drops what has waited for too long; tells the sender when the first fragment had come (RFC
    /// 792, RFC 4443 section 3.3).
    ///
    /// @return how many datagrams that were
    int expire(long now) {
        if (open == 0 || now - nextDeadline < 0) {
            return 0;
        }
        int expired = 0;
        nextDeadline = now + TIMEOUT_NANOS;
        for (Datagram datagram : datagrams) {
            if (datagram.isOpen() && now - datagram.deadline() >= 0) {
                Packet first = datagram.first();
                if (first != null) {
                    tell(first);
                }
                close(datagram, Reason.FRAGMENT_TIMEOUT);
                expired++;
            } else if (datagram.isOpen() && datagram.deadline() - nextDeadline < 0) {
                nextDeadline = datagram.deadline();
            }
        }
        return expired;
    }

    private void tell(Packet first) {
        if (Forwarder.isIpv6(first)) {
            errors6.send(first, Icmp6.TIME_EXCEEDED, Icmp6.REASSEMBLY_TIME, 0);
        } else {
            errors.send(first, Icmp4.TIME_EXCEEDED, Icmp4.REASSEMBLY_TIME, 0);
        }
    }

    /// Drops what has fragments from a port: it goes.
    void dropAll(int port) {
        for (Datagram datagram : datagrams) {
            if (datagram.isOpen() && datagram.counted(port) > 0) {
                close(datagram, Reason.PORT_DOWN);
            }
        }
    }

    /// Keeps its place, so that what still comes of it is refused, too.
    private void refuse(Datagram datagram, Reason reason) {
        endFragments(datagram, reason);
        release(datagram.refuse(reason));
    }

    private void close(Datagram datagram, Reason reason) {
        endFragments(datagram, reason);
        release(datagram.close());
        open--;
    }

    private void release(@Nullable Packet buffer) {
        if (buffer != null) {
            output.release(buffer);
        }
    }

    private void endFragments(Datagram datagram, Reason reason) {
        for (int port = 0; port < output.ports(); port++) {
            int count = datagram.counted(port);
            if (count > 0) {
                output.end(port, reason, count);
            }
        }
    }
}
