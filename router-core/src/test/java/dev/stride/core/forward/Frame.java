package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.wire.Arp;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// Builds frames for tests.
final class Frame {
    private Frame() {}

    /// A UDP datagram with `payload` bytes behind its header, towards the router's port 0.
    static byte[] udp(String from, String to, int ttl, int payload) {
        return ipv4(from, to, ttl, Ipv4.UDP, Ipv4.DF, 8 + payload);
    }

    static byte[] ipv4(String from, String to, int ttl, int protocol, int flags, int payload) {
        byte[] frame = new byte[Ethernet.HEADER + Ipv4.HEADER + payload];
        MemorySegment m = MemorySegment.ofArray(frame);
        Ethernet.write(m, 0, TestRouter.MAC0, TestRouter.HOST0, Ethernet.IPV4);
        for (int i = 34; i < frame.length; i++) {
            frame[i] = (byte) i;
        }
        Ipv4.write(
                m,
                14,
                0,
                Ipv4.HEADER + payload,
                7,
                flags,
                ttl,
                protocol,
                Ip4Address.parse(from).bits(),
                Ip4Address.parse(to).bits());
        return frame;
    }

    static byte[] echo(String from, String to, int payload) {
        return with(
                ipv4(from, to, 64, Ipv4.ICMP, 0, Icmp4.HEADER + payload),
                m -> Icmp4.write(m, 34, Icmp4.ECHO, 0, 0x12340001, Icmp4.HEADER + payload));
    }

    static byte[] arp(int operation, long mac, String sender, String target) {
        byte[] frame = new byte[60];
        MemorySegment m = MemorySegment.ofArray(frame);
        Ethernet.write(m, 0, -1L >>> 16, mac, Ethernet.ARP);
        Arp.write(
                m,
                14,
                operation,
                mac,
                Ip4Address.parse(sender).bits(),
                0,
                Ip4Address.parse(target).bits());
        return frame;
    }

    /// The same frame after `change`.
    static byte[] with(byte[] frame, Consumer<MemorySegment> change) {
        byte[] copy = frame.clone();
        change.accept(MemorySegment.ofArray(copy));
        return copy;
    }

    /// The same frame with one byte replaced and the IPv4 checksum made right again.
    static byte[] withByte(byte[] frame, int at, int value) {
        return with(
                frame,
                m -> {
                    Bytes.put8(m, at, value);
                    Bytes.put16(m, 24, 0);
                    int header =
                            Math.max(20, Math.min(Ipv4.headerLength(m, 14), frame.length - 14));
                    Bytes.put16(m, 24, Checksum.of(m, 14, header));
                });
    }

    /// A segment without options, its checksum right.
    static byte[] tcp(String from, String to, int flags, int payload) {
        byte[] frame = ipv4(from, to, 64, Ipv4.TCP, Ipv4.DF, 20 + payload);
        return with(
                frame,
                m -> {
                    Bytes.put32(m, 34, 40000 << 16 | 179);
                    Bytes.put32(m, 38, 1000);
                    Bytes.put32(m, 42, 2000);
                    Bytes.put32(m, 46, 5 << 28 | flags << 16);
                    Bytes.put32(m, 50, 0);
                    long pseudo =
                            Checksum.pseudo4(
                                    Ipv4.source(m, 14),
                                    Ipv4.destination(m, 14),
                                    Ipv4.TCP,
                                    20 + payload);
                    int sum = Checksum.finish(Checksum.add(pseudo, m, 34, 20 + payload));
                    Bytes.put16(m, 50, sum);
                });
    }
}
