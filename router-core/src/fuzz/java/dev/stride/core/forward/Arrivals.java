package dev.stride.core.forward;

import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Ipv6Headers;
import dev.stride.core.wire.Tcp;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a fuzzer's bytes mean: frames that arrive one after the other.
///
/// ```
/// frame:  port and flags 1, length 2, bytes
/// ```
final class Arrivals {
    /// Flag: checksums are made right, which a fuzzer hardly guesses.
    static final int MENDED = 0x80;

    /// Flag: before this frame, whoever was asked for a MAC address answers; else nobody does.
    static final int ANSWERED = 0x40;

    /// Flag: in one burst with the frame before.
    static final int TOGETHER = 0x20;

    static final int MAX_FRAMES = 64;

    private static final int PORT = 0x07;

    /// @param flags those above
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Arrival(int port, int flags, byte[] frame) {
        boolean is(int flag) {
            return (flags & flag) != 0;
        }
    }

    private Arrivals() {}

    /// The frames of a fuzzer's input, of which the last may be cut.
    static List<Arrival> read(byte[] input, int ports) {
        List<Arrival> arrivals = new ArrayList<>();
        for (int at = 0; at + 3 <= input.length && arrivals.size() < MAX_FRAMES; ) {
            int flags = input[at];
            int length = (input[at + 1] & 0x0f) << 8 | input[at + 2] & 0xff;
            int end = Math.min(input.length, at + 3 + length);
            byte[] frame = Arrays.copyOfRange(input, at + 3, end);
            if ((flags & MENDED) != 0) {
                mend(frame);
            }
            arrivals.add(new Arrival((flags & PORT) % ports, flags, frame));
            at = end;
        }
        return arrivals;
    }

    /// An input of frames that arrive on one port.
    static byte[] input(int port, int flags, byte[]... frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            out.write(flags | port);
            out.write(frame.length >>> 8);
            out.write(frame.length);
            out.writeBytes(frame);
        }
        return out.toByteArray();
    }

    private static void mend(byte[] frame) {
        MemorySegment m = MemorySegment.ofArray(frame);
        int left = frame.length - Ethernet.HEADER;
        if (left >= Ipv4.HEADER && Ethernet.type(m, 0) == Ethernet.IPV4) {
            mend4(m, left);
        } else if (left >= Ipv6.HEADER && Ethernet.type(m, 0) == Ethernet.IPV6) {
            mend6(m, left);
        }
    }

    private static void mend4(MemorySegment m, int left) {
        int ip = Ethernet.HEADER;
        int header = Ipv4.headerLength(m, ip);
        int length = Ipv4.totalLength(m, ip) - header;
        if (header < Ipv4.HEADER || header > left) {
            return;
        }
        Ipv4.writeChecksum(m, ip);
        if (length < 0 || header + length > left || Ipv4.isFragment(m, ip)) {
            return;
        }
        int protocol = Ipv4.protocol(m, ip);
        if (protocol == Ipv4.ICMP && length >= 8) {
            sum(m, ip + header, length, 2, 0);
        } else if (protocol == Ipv4.TCP && length >= Tcp.HEADER) {
            int source = Ipv4.source(m, ip);
            int destination = Ipv4.destination(m, ip);
            long pseudo = Checksum.pseudo4(source, destination, protocol, length);
            sum(m, ip + header, length, Tcp.CHECKSUM, pseudo);
        }
    }

    private static void mend6(MemorySegment m, int left) {
        int ip = Ethernet.HEADER;
        Ipv6Headers headers = new Ipv6Headers();
        if (Ipv6.validate(m, ip, left) != null || headers.walk(m, ip) != Ipv6Headers.End.UPPER) {
            return;
        }
        int length = ip + Ipv6.HEADER + Ipv6.payloadLength(m, ip) - headers.at();
        if (headers.protocol() == Ipv6.ICMP && length >= Icmp6.HEADER) {
            Icmp6.writeChecksum(m, ip, headers.at(), length);
        } else if (headers.protocol() == Ipv4.TCP && length >= Tcp.HEADER) {
            long pseudo = Checksum.pseudo6(m, ip, Ipv4.TCP, length);
            sum(m, headers.at(), length, Tcp.CHECKSUM, pseudo);
        }
    }

    private static void sum(MemorySegment m, int at, int length, int field, long pseudo) {
        Bytes.put16(m, at + field, 0);
        Bytes.put16(m, at + field, Checksum.finish(Checksum.add(pseudo, m, at, length)));
    }
}
