package dev.stride.core.forward;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// Answers TCP to ports that nobody listens on (RFC 9293 section 3.10.7.1), so that whoever tries
/// learns it at once. Belongs to its worker.
final class TcpResets {
    private final SlowPath slow;
    private final OptionsInput options;
    private final Output output;
    private final PortBuckets bucket;

    TcpResets(SlowPath slow, OptionsInput options, Output output, SlowPath.Limits limits) {
        this.slow = slow;
        this.options = options;
        this.output = output;
        this.bucket = new PortBuckets(limits.resetsPerSecond(), limits.errorBurst());
    }

    void limit(SlowPath.Limits limits) {
        bucket.limit(limits.resetsPerSecond(), limits.errorBurst());
    }

    /// Takes a segment over IPv4 to its end. The reset has the segment's options, the source route
    /// reversed (RFC 1122 section 4.2.3.8), as an echo reply has them.
    void receive4(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int tcp = ip + Ipv4.headerLength(m, ip);
        int length = ip + Ipv4.totalLength(m, ip) - tcp;
        long pseudo =
                Checksum.pseudo4(Ipv4.source(m, ip), Ipv4.destination(m, ip), Ipv4.TCP, length);
        if (!mayAnswer(packet, tcp, length, pseudo)) {
            return;
        }
        int asker = Ipv4.source(m, ip);
        int own = Ipv4.destination(m, ip);
        int header = tcp - ip;
        write(m, tcp, length, tcp);
        int total = header + Tcp.HEADER;
        Ipv4.write(m, ip, 0, total, 0, Ipv4.DF, Ipv4.MAX_TTL, Ipv4.TCP, own, asker);
        finish(packet, tcp, Checksum.pseudo4(own, asker, Ipv4.TCP, Tcp.HEADER));
        if (header > Ipv4.HEADER) {
            Ipv4.writeHeaderLength(m, ip, header);
            options.answer(packet);
            Ipv4.writeChecksum(m, ip);
        }
        slow.answer(packet);
    }

    /// The same over IPv6.
    ///
    /// @param tcp where the segment is
    void receive6(Packet packet, int tcp, PortState port) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int length = ip + Ipv6.HEADER + Ipv6.payloadLength(m, ip) - tcp;
        if (Ipv6.isMulticast(Ipv6.destinationHigh(m, ip))) {
            output.end(packet, Reason.TCP_CLOSED);
            return;
        }
        if (!mayAnswer(packet, tcp, length, Checksum.pseudo6(m, ip, Ipv4.TCP, length))) {
            return;
        }
        long high = Ipv6.sourceHigh(m, ip);
        long low = Ipv6.sourceLow(m, ip);
        int to = ip + Ipv6.HEADER;
        write(m, tcp, length, to);
        Ipv6.writeSource(m, ip, Ipv6.destinationHigh(m, ip), Ipv6.destinationLow(m, ip));
        Ipv6.writeDestination(m, ip, high, low);
        Ipv6.write(m, ip, 0, Tcp.HEADER, Ipv4.TCP, Ipv6.MAX_HOP_LIMIT);
        finish(packet, to, Checksum.pseudo6(m, ip, Ipv4.TCP, Tcp.HEADER));
        if (Ipv6.isLinkLocal(high)) {
            slow.sendBack(packet, port, Ethernet.source(m, packet.start));
        } else {
            slow.answer(packet);
        }
    }

    /// Whether there is to be an answer; if not, the packet has come to its end.
    private boolean mayAnswer(Packet packet, int tcp, int length, long pseudo) {
        MemorySegment m = packet.memory;
        boolean whole = length >= Tcp.HEADER && Tcp.headerLength(m, tcp) >= Tcp.HEADER;
        boolean intact =
                whole
                        && Tcp.headerLength(m, tcp) <= length
                        && (packet.needsChecksum // never was on a wire
                                || Checksum.finish(Checksum.add(pseudo, m, tcp, length)) == 0);
        if (!intact) {
            output.end(packet, Reason.LOCAL_MALFORMED);
            return false;
        }
        if ((Tcp.flags(m, tcp) & Tcp.RST) != 0 || !bucket.take(packet.inPort, slow.now())) {
            output.end(packet, Reason.TCP_CLOSED);
            return false;
        }
        return true;
    }

    /// The reset that answers the segment at `tcp`, but its checksum.
    private static void write(MemorySegment m, int tcp, int length, int to) {
        int flags = Tcp.flags(m, tcp);
        int ports = Bytes.i32(m, tcp);
        int acknowledged = Bytes.i32(m, tcp + 8);
        int taken = length - Tcp.headerLength(m, tcp);
        taken += (flags & Tcp.SYN) != 0 ? 1 : 0;
        taken += (flags & Tcp.FIN) != 0 ? 1 : 0;
        int next = Bytes.i32(m, tcp + 4) + taken;
        boolean synchronizedThere = (flags & Tcp.ACK) != 0;
        Bytes.put32(m, to, Integer.rotateLeft(ports, 16));
        Bytes.put32(m, to + 4, synchronizedThere ? acknowledged : 0);
        Bytes.put32(m, to + 8, synchronizedThere ? 0 : next);
        int answer = synchronizedThere ? Tcp.RST : Tcp.RST | Tcp.ACK;
        Bytes.put32(m, to + 12, Tcp.HEADER / 4 << 28 | answer << 16); // and no window
        Bytes.put32(m, to + 16, 0);
    }

    private static void finish(Packet packet, int tcp, long pseudo) {
        MemorySegment m = packet.memory;
        int sum = Checksum.finish(Checksum.add(pseudo, m, tcp, Tcp.HEADER));
        Bytes.put16(m, tcp + Tcp.CHECKSUM, sum);
        packet.length = tcp + Tcp.HEADER - packet.start;
        packet.clearOffload();
        packet.ending = Reason.TCP_CLOSED;
    }
}
