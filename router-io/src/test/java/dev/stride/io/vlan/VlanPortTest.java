package dev.stride.io.vlan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Vlan;
import dev.stride.io.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class VlanPortTest {
    private static final String MACS = "02000000000202000000000a";
    private static final String IPV4 = "080045000014";

    private final VlanDemux demux = new VlanDemux();
    private final List<String> sent = new ArrayList<>();
    private final List<Integer> offsets = new ArrayList<>();

    private final Recorder parent = new Recorder();

    /// Notes what it is given.
    private final class Recorder implements PortQueue {
        @Override
        public int receive(Burst into, PacketPool pool) {
            return 0;
        }

        @Override
        public void transmit(Packet[] packets, int from, int to) {
            for (int i = from; i < to; i++) {
                sent.add(hex(packets[i]));
                offsets.add(packets[i].checksumStart);
                offsets.add(packets[i].gsoHeaderLength);
                packets[i].sent = Reason.FORWARDED;
            }
        }

        @Override
        public int descriptor() {
            return -1;
        }
    }

    private static Packet packet(String hex) {
        Packet packet = new Packet(Arena.ofAuto().allocate(2048));
        packet.reset();
        byte[] bytes = HexFormat.of().parseHex(hex);
        MemorySegment.copy(
                bytes, 0, packet.memory, ValueLayout.JAVA_BYTE, packet.start, bytes.length);
        packet.length = bytes.length;
        return packet;
    }

    private static String hex(Packet packet) {
        byte[] bytes =
                packet.memory.asSlice(packet.start, packet.length).toArray(ValueLayout.JAVA_BYTE);
        return HexFormat.of().formatHex(bytes);
    }

    private PortQueue vlan(int parentIndex, int protocol, int id, PortQueue to) {
        VlanPort port = new VlanPort("v", protocol, id);
        port.bind(new VlanPort.Parent(parentIndex, 2, 1500, true, List.of(to), () -> true));
        return port.queue(false);
    }

    @Test
    void frameGetsItsTagOnTheWayOut() {
        Packet packet = packet(MACS + IPV4);
        vlan(0, Vlan.CUSTOMER, 100, parent).transmit(new Packet[] {packet}, 0, 1);

        assertThat(sent).containsExactly(MACS + "81000064" + IPV4);
        assertEquals(Reason.FORWARDED, packet.sent);
        assertEquals(18, packet.length); // as it is counted
    }

    @Test
    void vlanWithinAVlanHasBothTags() {
        PortQueue outer = vlan(0, Vlan.SERVICE, 7, parent);
        vlan(1, Vlan.CUSTOMER, 5, outer).transmit(new Packet[] {packet(MACS + IPV4)}, 0, 1);

        assertThat(sent).containsExactly(MACS + "88a80007" + "81000005" + IPV4);
    }

    @Test
    void offloadsAreCountedFromTheTaggedFrame() {
        Packet packet = packet(MACS + IPV4);
        packet.needsChecksum = true;
        packet.checksumStart = 34;
        packet.gsoType = Packet.GSO_TCP4;
        packet.gsoHeaderLength = 54;
        vlan(0, Vlan.CUSTOMER, 100, parent).transmit(new Packet[] {packet}, 0, 1);

        assertThat(offsets).containsExactly(38, 58);
    }

    @Test
    void frameFindsItsPortByProtocolAndId() {
        demux.attach(3, vlan(0, Vlan.CUSTOMER, 100, parent));
        demux.attach(4, vlan(0, Vlan.SERVICE, 100, parent));
        Packet tagged = packet(MACS + "8100e064" + IPV4); // with a priority
        Packet service = packet(MACS + "88a80064" + "81000005" + IPV4);

        assertEquals(3, demux.port(0, tagged));
        assertEquals(MACS + IPV4, hex(tagged));
        assertEquals(4, demux.port(0, service));
        assertEquals(MACS + "81000005" + IPV4, hex(service));
        assertEquals(VlanDemux.UNKNOWN, demux.port(4, service));
        assertEquals(VlanDemux.UNKNOWN, demux.port(0, packet(MACS + "81000063" + IPV4)));
        assertEquals(VlanDemux.UNTAGGED, demux.port(0, packet(MACS + IPV4)));
        assertEquals(VlanDemux.UNTAGGED, demux.port(0, packet(MACS + "8100"))); // cut
    }

    @Test
    void priorityTagIsTakenOff() {
        demux.attach(3, vlan(0, Vlan.CUSTOMER, 100, parent));
        Packet packet = packet(MACS + "8100e000" + IPV4);

        assertEquals(VlanDemux.UNTAGGED, demux.port(0, packet));
        assertEquals(MACS + IPV4, hex(packet));
        assertEquals(Ethernet.IPV4, Ethernet.type(packet.memory, packet.start));
    }

    @Test
    void portThatWentGetsNothing() {
        PortQueue queue = vlan(0, Vlan.CUSTOMER, 100, parent);
        demux.attach(3, queue);
        demux.detach(queue);

        assertEquals(VlanDemux.UNKNOWN, demux.port(0, packet(MACS + "81000064" + IPV4)));
    }
}
