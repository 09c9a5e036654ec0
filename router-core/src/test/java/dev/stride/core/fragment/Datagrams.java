package dev.stride.core.fragment;

import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Builds datagrams for tests, and cuts them.
final class Datagrams {
    private Datagrams() {}

    /// An empty packet whose slot is full of 0xa5.
    static Packet packet() {
        Packet packet = new Packet(Arena.ofAuto().allocate(PacketPool.SLOT, 64));
        packet.memory.fill((byte) 0xa5);
        packet.reset();
        packet.inPort = 0;
        return packet;
    }

    /// Makes `packet` a datagram of protocol 200 from 10.1.0.2 to 10.2.0.2 whose payload counts up.
    ///
    /// @param options in hex, a multiple of four bytes
    static void write(Packet packet, String options, int flagsAndOffset, int payload) {
        byte[] bytes = HexFormat.of().parseHex(options);
        MemorySegment m = packet.memory;
        int ip = packet.start + Ethernet.HEADER;
        int header = Ipv4.HEADER + bytes.length;
        Ethernet.write(m, packet.start, 0x02005e100001L, 0x020000000102L, Ethernet.IPV4);
        Ipv4.write(
                m,
                ip,
                0xb8,
                header + payload,
                0x1234,
                flagsAndOffset,
                64,
                200,
                0x0a010002,
                0x0a020002);
        MemorySegment.copy(bytes, 0, m, ValueLayout.JAVA_BYTE, ip + Ipv4.HEADER, bytes.length);
        Bytes.put8(m, ip, 4 << 4 | header >> 2);
        Ipv4.writeChecksum(m, ip);
        for (int i = 0; i < payload; i++) {
            Bytes.put8(m, ip + header + i, i * 31 + (i >> 8));
        }
        packet.length = Ethernet.HEADER + header + payload;
    }

    static Packet datagram(String options, int flagsAndOffset, int payload) {
        Packet packet = packet();
        write(packet, options, flagsAndOffset, payload);
        return packet;
    }

    /// All fragments of `whole` for a link with this MTU.
    static List<Packet> cut(Packet whole, int mtu) {
        whole.fragmentMtu = mtu;
        List<Packet> fragments = new ArrayList<>();
        int count = Fragmentation.count(whole);
        for (int i = 0; i < count; i++) {
            Packet fragment = packet();
            Fragmentation.cut(whole, i, fragment);
            fragments.add(fragment);
        }
        return fragments;
    }

    static byte[] bytes(Packet packet) {
        return packet.memory.asSlice(packet.start, packet.length).toArray(ValueLayout.JAVA_BYTE);
    }
}
