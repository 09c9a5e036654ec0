package dev.stride.core.forward;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Nd;
import java.lang.foreign.MemorySegment;

/// Builds IPv6 frames for tests, from the host behind port 0.
final class Frame6 {
    static final int IP = Ethernet.HEADER;
    static final int UPPER = IP + Ipv6.HEADER;

    private Frame6() {}

    /// A datagram whose payload is bytes that count up; to a group by the group's MAC address.
    static byte[] ipv6(String from, String to, int hopLimit, int nextHeader, int payload) {
        byte[] frame = new byte[UPPER + payload];
        MemorySegment m = MemorySegment.ofArray(frame);
        Ip6Address source = Ip6Address.parse(from);
        Ip6Address destination = Ip6Address.parse(to);
        long mac =
                Ipv6.isMulticast(destination.high())
                        ? Ipv6.multicastMac(destination.low())
                        : TestRouter.MAC0;
        Ethernet.write(m, 0, mac, TestRouter.HOST0, Ethernet.IPV6);
        for (int i = UPPER; i < frame.length; i++) {
            frame[i] = (byte) i;
        }
        Ipv6.write(m, IP, 0, payload, nextHeader, hopLimit);
        Ipv6.writeSource(m, IP, source.high(), source.low());
        Ipv6.writeDestination(m, IP, destination.high(), destination.low());
        return frame;
    }

    static byte[] udp(String from, String to, int hopLimit, int payload) {
        return ipv6(from, to, hopLimit, Ipv4.UDP, 8 + payload);
    }

    /// An ICMPv6 message; `body` follows type, code and checksum.
    static byte[] icmp(String from, String to, int hopLimit, int type, byte... body) {
        byte[] frame = ipv6(from, to, hopLimit, Ipv6.ICMP, 4 + body.length);
        MemorySegment m = MemorySegment.ofArray(frame);
        Bytes.put16(m, UPPER, type << 8);
        System.arraycopy(body, 0, frame, UPPER + 4, body.length);
        Icmp6.writeChecksum(m, IP, UPPER, 4 + body.length);
        return frame;
    }

    static byte[] echo(String from, String to, int payload) {
        return icmp(from, to, 64, Icmp6.ECHO, new byte[4 + payload]);
    }

    /// A neighbor solicitation or advertisement with the host's MAC address in `option`, none with
    /// 0.
    static byte[] neighbor(int type, String from, String to, int flags, String target, int option) {
        byte[] body = new byte[20 + (option == 0 ? 0 : 8)];
        MemorySegment m = MemorySegment.ofArray(body);
        Ip6Address address = Ip6Address.parse(target);
        Bytes.put32(m, 0, flags);
        Bytes.put64(m, 4, address.high());
        Bytes.put64(m, 12, address.low());
        if (option != 0) {
            Nd.writeLinkAddress(m, 20, option, TestRouter.HOST0);
        }
        return icmp(from, to, 255, type, body);
    }

    /// The same datagram with a header put before its payload.
    ///
    /// @param number of the new header's kind
    /// @param header whole; its first byte is overwritten by the next header
    static byte[] behind(byte[] frame, int number, byte... header) {
        byte[] longer = new byte[frame.length + header.length];
        System.arraycopy(frame, 0, longer, 0, UPPER);
        System.arraycopy(header, 0, longer, UPPER, header.length);
        longer[UPPER] = frame[IP + 6];
        longer[IP + 6] = (byte) number;
        System.arraycopy(frame, UPPER, longer, UPPER + header.length, frame.length - UPPER);
        MemorySegment m = MemorySegment.ofArray(longer);
        Bytes.put16(m, IP + 4, longer.length - UPPER);
        return longer;
    }
}
