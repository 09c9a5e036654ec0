package dev.stride.io.offload;

import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Tcp;
import dev.stride.core.wire.Udp;
import java.lang.foreign.MemorySegment;

/// Cuts super-frames (TSO, USO) of IPv4 and IPv6 into the frames they stand for, as Linux'
/// `skb_segment` does: each with the headers of the whole, its own lengths and checksums, the next
/// IPv4 identification; TCP with its sequence number, FIN and PSH only in the last, CWR only in the
/// first (RFC 3168 section 6.1.2).
public final class Segmentation {
    private static final int FLAGS = 13; // offset in the TCP header
    private static final int FIN_PSH = 0x09;
    private static final int CWR = 0x80;
    private static final int IPV6_HEADER = 40; // RFC 8200 section 3

    private Segmentation() {}

    /// How many frames a super-frame stands for.
    public static int count(Packet whole) {
        int payload = whole.length - whole.gsoHeaderLength;
        return Math.max(1, (payload + whole.gsoSize - 1) / whole.gsoSize);
    }

    /// Writes frame `index` of `whole`, from 0, into `into`, finished and without metadata. `whole`
    /// stays as it is.
    public static void segment(Packet whole, int index, Packet into) {
        int headers = whole.gsoHeaderLength;
        int offset = index * whole.gsoSize;
        int payload = Math.min(whole.gsoSize, whole.length - headers - offset);
        MemorySegment m = into.memory;
        MemorySegment.copy(whole.memory, whole.start, m, into.start, headers);
        MemorySegment.copy(
                whole.memory, whole.start + headers + offset, m, into.start + headers, payload);
        into.length = headers + payload;
        into.inPort = whole.inPort;
        into.outPort = whole.outPort;
        into.ending = whole.ending;
        into.clearOffload();

        int ip = into.start + Ethernet.HEADER;
        int transport = into.start + whole.checksumStart;
        int length = headers - whole.checksumStart + payload;
        boolean six = Ethernet.type(m, into.start) == Ethernet.IPV6;
        if (six) {
            Bytes.put16(m, ip + 4, into.length - Ethernet.HEADER - IPV6_HEADER);
        } else {
            Bytes.put16(m, ip + 2, into.length - Ethernet.HEADER);
            Bytes.put16(m, ip + 4, Ipv4.identification(m, ip) + index);
            Ipv4.writeChecksum(m, ip);
        }
        boolean tcp = (whole.gsoType & ~Packet.GSO_ECN) != Packet.GSO_UDP;
        if (tcp) {
            boolean last = headers + offset + payload == whole.length;
            int drop = (last ? 0 : FIN_PSH) | (index == 0 ? 0 : CWR);
            Bytes.put32(m, transport + 4, Bytes.i32(m, transport + 4) + offset);
            Bytes.put8(m, transport + FLAGS, Bytes.u8(m, transport + FLAGS) & ~drop);
        } else {
            Bytes.put16(m, transport + 4, length);
        }
        int protocol = tcp ? Ipv4.TCP : Ipv4.UDP;
        long pseudo =
                six
                        ? Checksum.pseudo6(m, ip, protocol, length)
                        : Checksum.pseudo4(
                                Ipv4.source(m, ip), Ipv4.destination(m, ip), protocol, length);
        finish(m, transport, length, pseudo, tcp ? Tcp.CHECKSUM : Udp.CHECKSUM);
    }

    private static void finish(MemorySegment m, int transport, int length, long pseudo, int field) {
        Bytes.put16(m, transport + field, 0);
        int checksum = Checksum.finish(Checksum.add(pseudo, m, transport, length));
        boolean zeroMeansNone = field == Udp.CHECKSUM;
        Bytes.put16(m, transport + field, checksum == 0 && zeroMeansNone ? 0xffff : checksum);
    }
}
