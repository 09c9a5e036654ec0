package dev.stride.io.offload;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Tcp;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Puts TCP segments of a burst that follow each other in a flow together to super-frames, the
/// reverse of [Segmentation], before a port that takes those: receive coalescing, as Linux' GRO has
/// it. Cutting a super-frame again gives the segments as they were, but for the identification of
/// IPv4 packets, which means nothing where DF is set (RFC 6864 section 4.1), as it must be here.
///
/// A segment is taken in only behind its predecessor and with the same headers: same addresses,
/// ports, TTL, TOS, options, acknowledgment and window; no flag but ACK, and PSH in the last. All
/// are of one size but the last, which may be shorter. As a super-frame's checksum is made anew,
/// those of its parts are checked before. Belongs to its worker.
public final class Coalescing {
    private static final int FLOWS = 8; // at a time; a segment of a ninth displaces the oldest
    private static final int ACK_FLAGS = Tcp.ACK << 16; // in the word of offset, flags and window
    private static final int PSH = 8;
    private static final int PSH_FLAG = PSH << 16;
    private static final int FLAGS = 0xff << 16;
    private static final int LONGEST = Ethernet.HEADER + Ipv4.MAX_LENGTH;

    private final @Nullable Packet[] open = new Packet[FLOWS]; // that may grow
    private int oldest;
    private final Packet[] parts;
    private final Packet[] wholes;
    private int count;

    /// @param most frames of a burst
    public Coalescing(int most) {
        parts = new Packet[most];
        wholes = new Packet[most];
    }

    /// Takes segments out of `frames` and into earlier ones. Until the next call [#parts] tells of
    /// them. Should a bug end it, each frame is still in one of the two places.
    public void coalesce(Burst frames) {
        count = 0;
        forget();
        int kept = 0;
        int seen = 0;
        try {
            for (; seen < frames.count; seen++) {
                Packet packet = frames.packets[seen];
                Packet whole = isTcp(packet) ? absorb(packet) : null;
                if (whole == null) {
                    frames.packets[kept++] = packet;
                } else {
                    parts[count] = packet;
                    wholes[count++] = whole;
                }
            }
        } finally {
            for (; seen < frames.count; seen++) {
                frames.packets[kept++] = frames.packets[seen];
            }
            frames.count = kept;
        }
    }

    private void forget() {
        for (int i = 0; i < FLOWS; i++) {
            open[i] = null;
        }
    }

    /// Segments that were taken into others.
    public int parts() {
        return count;
    }

    /// One of them.
    public Packet part(int index) {
        return parts[index];
    }

    /// What its port said of the super-frame that it is part of.
    public Reason sent(int index) {
        return wholes[index].sent;
    }

    private static boolean isTcp(Packet packet) {
        int ip = packet.start + Ethernet.HEADER;
        return switch (Ethernet.type(packet.memory, packet.start)) {
            case Ethernet.IPV4 -> Ipv4.protocol(packet.memory, ip) == Ipv4.TCP;
            case Ethernet.IPV6 -> Ipv6.nextHeader(packet.memory, ip) == Ipv4.TCP;
            default -> false;
        };
    }

    /// The super-frame that has taken `packet` in; null when it goes on itself.
    private @Nullable Packet absorb(Packet packet) {
        int headers = headers(packet);
        if (headers == 0) {
            forget(); // it may be of any of the flows, and nothing may overtake it
            return null;
        }
        for (int i = 0; i < FLOWS; i++) {
            Packet whole = open[i];
            if (whole != null && isSameFlow(whole, packet)) {
                if (!isNext(whole, packet, headers)) {
                    open[i] = canGrow(packet, headers) ? packet : null;
                    return null;
                }
                if (append(whole, packet, headers)) {
                    open[i] = null;
                }
                return whole;
            }
        }
        if (canGrow(packet, headers)) {
            open[oldest] = packet;
            oldest = (oldest + 1) % FLOWS;
        }
        return null;
    }

    /// Bytes of all headers of a TCP segment in the plainest form; 0 for others.
    private static int headers(Packet packet) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        boolean six = isSix(packet);
        int tcp = Ethernet.HEADER + (six ? Ipv6.HEADER : Ipv4.HEADER);
        if (packet.gsoType != Packet.GSO_NONE
                || packet.fragmentMtu != 0
                || packet.length < tcp + Tcp.HEADER
                || packet.needsChecksum && packet.checksumStart != tcp) {
            return 0;
        }
        int length = packet.length - Ethernet.HEADER;
        boolean plain =
                six
                        ? Ipv6.HEADER + Ipv6.payloadLength(m, ip) == length
                        : Bytes.u8(m, ip) == 0x45
                                && Ipv4.totalLength(m, ip) == length
                                && Bytes.u16(m, ip + 6) == Ipv4.DF;
        int header = Tcp.headerLength(m, packet.start + (long) tcp);
        return plain && header >= Tcp.HEADER && tcp + header <= packet.length ? tcp + header : 0;
    }

    private static boolean isSix(Packet packet) {
        return Ethernet.type(packet.memory, packet.start) == Ethernet.IPV6;
    }

    private static int tcp(Packet packet) {
        return packet.start + Ethernet.HEADER + (isSix(packet) ? Ipv6.HEADER : Ipv4.HEADER);
    }

    /// Offset, flags and window, as one word.
    private static int flags(Packet packet, int tcp) {
        return Bytes.i32(packet.memory, tcp + 12);
    }

    private static boolean canGrow(Packet packet, int headers) {
        int flags = flags(packet, tcp(packet)) & FLAGS;
        return packet.length > headers && flags == ACK_FLAGS;
    }

    /// The same stations, addresses and ports.
    private static boolean isSameFlow(Packet a, Packet b) {
        boolean six = isSix(b);
        int addresses = Ethernet.HEADER + (six ? 8 : 12);
        int size = (six ? 32 : 8) + 4; // the ports are next
        return isSame(a, b, 0, Ethernet.HEADER) && isSame(a, b, addresses, size);
    }

    private static boolean isSame(Packet a, Packet b, int from, int size) {
        long x = (long) a.start + from;
        long y = (long) b.start + from;
        return MemorySegment.mismatch(a.memory, x, x + size, b.memory, y, y + size) < 0;
    }

    /// Whether `packet`, of the same flow, can be appended to `whole`.
    private static boolean isNext(Packet whole, Packet packet, int headers) {
        int tcp = tcp(packet);
        int wholeTcp = tcp(whole);
        int payload = packet.length - headers;
        int first = whole.gsoType == Packet.GSO_NONE ? whole.length - headers : whole.gsoSize;
        int sequence = Bytes.i32(whole.memory, wholeTcp + 4) + whole.length - headers;
        int flags = flags(packet, tcp);
        return Bytes.i32(packet.memory, tcp + 4) == sequence
                && (flags & ~PSH_FLAG) == flags(whole, wholeTcp)
                && (flags & FLAGS & ~PSH_FLAG) == ACK_FLAGS
                && payload > 0
                && payload <= first
                && whole.length + payload <= Math.min(LONGEST, whole.capacity())
                && isSame(whole, packet, tcp - packet.start + 8, 4) // acknowledgment
                && isSame(whole, packet, tcp - packet.start + 18, headers + packet.start - tcp - 18)
                && hasSameHeader(whole, packet)
                && isChecked(whole, wholeTcp)
                && isChecked(packet, tcp);
    }

    /// The IP header, but for lengths, addresses, the identification and its checksum.
    private static boolean hasSameHeader(Packet whole, Packet packet) {
        int ip = Ethernet.HEADER;
        return isSix(packet)
                ? isSame(whole, packet, ip, 4) && isSame(whole, packet, ip + 6, 2)
                : isSame(whole, packet, ip + 1, 1) && isSame(whole, packet, ip + 8, 2);
    }

    private static boolean isChecked(Packet packet, int tcp) {
        int length = packet.length - (tcp - packet.start);
        return packet.needsChecksum
                || Checksum.finish(Checksum.add(pseudo(packet, length), packet.memory, tcp, length))
                        == 0;
    }

    private static long pseudo(Packet packet, int length) {
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        return isSix(packet)
                ? Checksum.pseudo6(m, ip, Ipv4.TCP, length)
                : Checksum.pseudo4(Ipv4.source(m, ip), Ipv4.destination(m, ip), Ipv4.TCP, length);
    }

    /// Returns whether it was the last one.
    private static boolean append(Packet whole, Packet packet, int headers) {
        MemorySegment m = whole.memory;
        int tcp = tcp(whole);
        int payload = packet.length - headers;
        if (whole.gsoType == Packet.GSO_NONE) {
            whole.gsoType = isSix(whole) ? Packet.GSO_TCP6 : Packet.GSO_TCP4;
            whole.gsoSize = whole.length - headers;
            whole.gsoHeaderLength = headers;
            whole.needsChecksum = true;
            whole.checksumStart = tcp - whole.start;
            whole.checksumOffset = Tcp.CHECKSUM;
        }
        long end = (long) whole.start + whole.length;
        MemorySegment.copy(packet.memory, (long) packet.start + headers, m, end, payload);
        whole.length += payload;
        int ip = whole.start + Ethernet.HEADER;
        if (isSix(whole)) {
            Bytes.put16(m, ip + 4, whole.length - Ethernet.HEADER - Ipv6.HEADER);
        } else {
            Bytes.put16(m, ip + 2, whole.length - Ethernet.HEADER);
            Ipv4.writeChecksum(m, ip);
        }
        int push = Tcp.flags(packet.memory, tcp(packet)) & PSH;
        Bytes.put8(m, tcp + 13, Tcp.flags(m, tcp) | push);
        int length = whole.length - whole.checksumStart;
        Bytes.put16(m, tcp + Tcp.CHECKSUM, Checksum.fold(pseudo(whole, length)));
        return push != 0 || payload < whole.gsoSize;
    }
}
