package dev.stride.io.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Vlan;
import dev.stride.io.offload.Segmentation;
import dev.stride.io.offload.VirtioHeader;
import dev.stride.io.port.PortQueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// A port over memory: frames arrive behind their virtio headers; of what is sent, it makes sure
/// that a device would take it.
final class FuzzPort implements PortQueue {
    private final boolean offloads;
    private final int longest; // bytes of a frame
    private final Deque<byte[]> arriving = new ArrayDeque<>();
    private @Nullable AssertionError wrong; // the worker would take it for a bug of its own

    FuzzPort(boolean offloads, int mtu) {
        this.offloads = offloads;
        longest = Ethernet.HEADER + 2 * Vlan.LENGTH + mtu;
    }

    /// Lets a frame arrive.
    ///
    /// @param bytes virtio header and frame
    void offer(byte[] bytes) {
        arriving.add(bytes);
    }

    /// Makes sure that everything sent so far was sound.
    void check() {
        if (wrong != null) {
            throw wrong;
        }
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        int before = into.count;
        while (!arriving.isEmpty() && into.count < into.packets.length) {
            Packet packet = pool.take();
            if (packet == null) {
                break;
            }
            byte[] bytes = arriving.remove();
            int at = packet.start - VirtioHeader.SIZE;
            MemorySegment.copy(bytes, 0, packet.memory, ValueLayout.JAVA_BYTE, at, bytes.length);
            packet.length = bytes.length - VirtioHeader.SIZE;
            VirtioHeader.read(packet);
            into.add(packet);
        }
        return into.count - before;
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        for (int i = from; i < to; i++) {
            try {
                check(packets[i]);
            } catch (AssertionError e) {
                wrong = e;
            }
            packets[i].sent = (i & 7) == 7 ? Reason.TRANSMIT_FULL : Reason.FORWARDED;
        }
    }

    private void check(Packet packet) {
        assertThat(packet.length).isGreaterThanOrEqualTo(Ethernet.HEADER);
        if (offloads) {
            VirtioHeader.write(packet);
        } else {
            assertThat(packet.needsChecksum).isFalse();
        }
        if (packet.needsChecksum) {
            assertThat(packet.checksumStart).isGreaterThan(Ethernet.HEADER);
            int field = packet.checksumStart + packet.checksumOffset;
            assertThat(field + 2).isLessThanOrEqualTo(packet.length);
        }
        if (packet.gsoType == Packet.GSO_NONE) {
            assertThat(packet.length).isLessThanOrEqualTo(longest);
            return;
        }
        assertThat(offloads).isTrue();
        assertThat(packet.gsoHeaderLength).isBetween(Ethernet.HEADER, packet.length);
        int segment = packet.gsoHeaderLength + packet.gsoSize;
        assertThat(Math.min(packet.length, segment)).isLessThanOrEqualTo(longest);
        assertThat(Segmentation.count(packet)).isBetween(1, 1 << 16);
    }

    @Override
    public int descriptor() {
        return -1;
    }
}
