package dev.stride.io.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.stride.core.wire.Arp;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Vlan;
import dev.stride.io.offload.VirtioHeader;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/// The whole path of any frames, with any offload metadata, tagged or not, from ports to ports: see
/// [FuzzedWorker]. An input is frames one after the other:
///
/// ```
/// frame:  port and flags 1, length 2, virtio header 10, bytes
/// ```
class WorkerFuzz {
    private static final FuzzedWorker ROUTER = new FuzzedWorker();

    private static final int MENDED = 0x80; // the IPv4 checksum is made right
    private static final int PAUSED = 0x40; // a round before this frame
    private static final int HEADER = 3 + VirtioHeader.SIZE;
    private static final int MAX_FRAMES = 128;
    private static final long BYTES_A_FRAME = 1 << 15;

    private static final int CSUM = 1; // virtio flag

    /// A frame as a device hands it over.
    private static byte[] frame(
            int port, int type, byte[] payload, int gso, int size, int start, int field) {
        byte[] frame = new byte[Ethernet.HEADER + payload.length];
        MemorySegment m = MemorySegment.ofArray(frame);
        Ethernet.write(m, 0, FuzzedWorker.MAC + port, FuzzedWorker.HOST, type);
        System.arraycopy(payload, 0, frame, Ethernet.HEADER, payload.length);
        ByteBuffer out = ByteBuffer.allocate(HEADER + frame.length);
        out.put((byte) (port | MENDED)).putShort((short) frame.length);
        out.order(ByteOrder.nativeOrder());
        out.put((byte) (start == 0 ? 0 : CSUM)).put((byte) gso).putShort((short) 0);
        out.putShort((short) size).putShort((short) start).putShort((short) field);
        return out.put(frame).array();
    }

    private static byte[] ipv4(int protocol, int flags, int length, int to) {
        byte[] bytes = new byte[Ipv4.HEADER + length];
        MemorySegment m = MemorySegment.ofArray(bytes);
        Ipv4.write(m, 0, 0, bytes.length, 7, flags, 64, protocol, 0x0a010002, to);
        if (protocol == Ipv4.TCP) {
            Bytes.put8(m, Ipv4.HEADER + 12, 0x50);
        } else if (protocol == Ipv4.ICMP) {
            Bytes.put32(m, Ipv4.HEADER, 0x0800f7ff);
        }
        return bytes;
    }

    private static byte[] ipv6(int protocol, int length) {
        byte[] bytes = new byte[Ipv6.HEADER + length];
        MemorySegment m = MemorySegment.ofArray(bytes);
        Ipv6.write(m, 0, 0, length, protocol, 64);
        Ipv6.writeSource(m, 0, 0x20010db800010000L, 2);
        Ipv6.writeDestination(m, 0, 0x20010db800020000L, 2);
        if (protocol == Ipv4.TCP) {
            Bytes.put8(m, Ipv6.HEADER + 12, 0x50);
        }
        return bytes;
    }

    private static byte[] tagged(int tags, byte[] payload) {
        byte[] bytes = new byte[4 * tags + payload.length];
        MemorySegment m = MemorySegment.ofArray(bytes);
        for (int i = 0; i < tags; i++) {
            int type = i + 1 < tags ? Vlan.CUSTOMER : Ethernet.IPV4;
            int tag = i == 0 ? FuzzedWorker.TAG : FuzzedWorker.INNER_TAG;
            Bytes.put32(m, 4L * i, tag << 16 | type);
        }
        System.arraycopy(payload, 0, bytes, bytes.length - payload.length, payload.length);
        return bytes;
    }

    private static byte[] together(byte[]... frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            out.writeBytes(frame);
        }
        return out.toByteArray();
    }

    static Stream<byte[]> seeds() {
        byte[] arp = new byte[Arp.LENGTH];
        MemorySegment m = MemorySegment.ofArray(arp);
        Arp.write(m, 0, Arp.REQUEST, FuzzedWorker.HOST, 0x0a010002, 0, 0x0a010001);
        int away = 0x0a020002;
        byte[] plain = frame(0, Ethernet.IPV4, ipv4(Ipv4.UDP, 0, 100, away), 0, 0, 0, 0);
        byte[] tso = frame(0, Ethernet.IPV4, ipv4(Ipv4.TCP, Ipv4.DF, 4000, away), 1, 1200, 34, 16);
        byte[] cut = frame(0, Ethernet.IPV4, ipv4(Ipv4.TCP, 0, 4000, away), 1, 1448, 34, 16);
        byte[] tso6 = frame(0, Ethernet.IPV6, ipv6(Ipv4.TCP, 3000), 4, 1100, 54, 16);
        byte[] uso = frame(0, Ethernet.IPV4, ipv4(Ipv4.UDP, 0, 4000, away), 5, 500, 34, 6);
        byte[] unfinished = frame(0, Ethernet.IPV4, ipv4(Ipv4.UDP, 0, 90, away), 0, 0, 34, 6);
        byte[] unknown = frame(0, Ethernet.IPV4, ipv4(Ipv4.UDP, 0, 90, 0x0a020009), 0, 0, 0, 0);
        byte[] large = frame(0, Ethernet.IPV4, ipv4(Ipv4.UDP, 0, 3000, away), 0, 0, 0, 0);
        byte[] echo = frame(0, Ethernet.IPV4, ipv4(Ipv4.ICMP, 0, 8, 0x0a010001), 0, 0, 0, 0);
        byte[] asked = frame(0, Ethernet.ARP, arp, 0, 0, 0, 0);
        byte[] vlan = frame(0, Vlan.CUSTOMER, tagged(1, ipv4(Ipv4.UDP, 0, 50, away)), 0, 0, 0, 0);
        byte[] both = frame(0, Vlan.CUSTOMER, tagged(2, ipv4(Ipv4.TCP, 0, 2500, away)), 1, 900, 42, 16);
        return Stream.of(
                plain,
                tso,
                cut,
                tso6,
                uso,
                unfinished,
                unknown,
                large,
                echo,
                asked,
                vlan,
                both,
                together(plain, vlan, unknown, unknown, large, tso, uso, tso6));
    }

    @Timeout(60) // for one input
    @MethodSource("seeds")
    @FuzzTest
    void anyFrames(byte[] input) {
        int frames = run(input); // and loads classes
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        run(input);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan((frames + 32L) * BYTES_A_FRAME + 4L * input.length);
    }

    private static int run(byte[] input) {
        int frames = 0;
        for (int at = 0; at + HEADER <= input.length && frames < MAX_FRAMES; frames++) {
            int length = (input[at + 1] & 0xff) << 8 | input[at + 2] & 0xff;
            int end = Math.min(input.length, at + HEADER + length);
            byte[] bytes = Arrays.copyOfRange(input, at + 3, end);
            if ((input[at] & MENDED) != 0) {
                mend(bytes);
            }
            if ((input[at] & PAUSED) != 0) {
                ROUTER.round();
            }
            ROUTER.offer(input[at] & 0x0f, bytes);
            at = end;
        }
        ROUTER.finish();
        return frames;
    }

    /// Makes the first IPv4 checksum behind the tags right.
    private static void mend(byte[] bytes) {
        MemorySegment m = MemorySegment.ofArray(bytes);
        for (int at = VirtioHeader.SIZE + 12; at + 22 <= bytes.length; at += 4) {
            if (Bytes.u16(m, at) == Ethernet.IPV4) {
                int header = Ipv4.headerLength(m, at + 2);
                if (header >= Ipv4.HEADER && at + 2 + header <= bytes.length) {
                    Ipv4.writeChecksum(m, at + 2);
                }
                return;
            }
        }
    }
}
