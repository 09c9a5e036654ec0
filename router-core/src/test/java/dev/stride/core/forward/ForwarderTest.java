package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.Evidence;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.forward.PortPolicy.ReversePath;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.pfil.Hook;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Arp;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ForwarderTest {
    private static final String A = "10.1.0.2";
    private static final String B = "10.2.0.2";
    private static final byte[] GOOD = Frame.udp(A, B, 64, 100);

    private static final MemorySegment GOOD_SEGMENT = MemorySegment.ofArray(GOOD);

    private final TestRouter router = new TestRouter(1500);

    /// One row a rule: name, frame, ending.
    static Stream<Arguments> endings() {
        byte[] broadcast = Frame.with(GOOD, m -> Bytes.put48(m, 0, -1L >>> 16));
        return Stream.of(
                Arguments.of("forwarded", GOOD, Reason.FORWARDED),
                Arguments.of("frame cut", Arrays.copyOf(GOOD, 13), Reason.FRAME_TRUNCATED),
                Arguments.of(
                        "other MAC",
                        Frame.with(GOOD, m -> Bytes.put48(m, 0, 0x020000000099L)),
                        Reason.NOT_OUR_MAC),
                Arguments.of(
                        "IEEE 802.3 source is no group",
                        Frame.with(GOOD, m -> Bytes.put48(m, 6, 0x030000000102L)),
                        Reason.SOURCE_MAC),
                Arguments.of(
                        "EtherType",
                        Frame.with(GOOD, m -> Bytes.put16(m, 12, 0x88cc)),
                        Reason.ETHERTYPE),
                Arguments.of(
                        "IPv6",
                        Frame.with(GOOD, m -> Bytes.put16(m, 12, Ethernet.IPV6)),
                        Reason.IPV6_OFF),
                Arguments.of(
                        "RFC 1812 5.2.2 (1) short", Arrays.copyOf(GOOD, 33), Reason.IPV4_TRUNCATED),
                Arguments.of(
                        "RFC 1812 5.2.2 (2) checksum",
                        Frame.with(GOOD, m -> Bytes.put16(m, 24, 0x1234)),
                        Reason.IPV4_CHECKSUM),
                Arguments.of(
                        "RFC 1812 5.2.2 (3) version",
                        Frame.withByte(GOOD, 14, 0x65),
                        Reason.IPV4_VERSION),
                Arguments.of(
                        "RFC 1812 5.2.2 (4) header length",
                        Frame.withByte(GOOD, 14, 0x44),
                        Reason.IPV4_HEADER_LENGTH),
                Arguments.of(
                        "header beyond frame",
                        Arrays.copyOf(Frame.withByte(GOOD, 14, 0x4f), 60),
                        Reason.IPV4_TRUNCATED),
                Arguments.of(
                        "RFC 1812 5.2.2 (5) total length",
                        Frame.withByte(GOOD, 17, 19),
                        Reason.IPV4_TOTAL_LENGTH),
                Arguments.of(
                        "total length beyond frame",
                        Frame.withByte(GOOD, 16, 2),
                        Reason.IPV4_TRUNCATED),
                Arguments.of(
                        "RFC 1812 5.3.7 source 0/8",
                        Frame.udp("0.1.2.3", B, 64, 9),
                        Reason.MARTIAN_SOURCE),
                Arguments.of(
                        "RFC 1812 5.3.7 source 127/8",
                        Frame.udp("127.0.0.1", B, 64, 9),
                        Reason.MARTIAN_SOURCE),
                Arguments.of(
                        "RFC 1812 5.3.7 source multicast",
                        Frame.udp("224.0.0.1", B, 64, 9),
                        Reason.MARTIAN_SOURCE),
                Arguments.of(
                        "source our own", Frame.udp("10.2.0.1", B, 64, 9), Reason.MARTIAN_SOURCE),
                Arguments.of(
                        "RFC 1812 5.3.7 destination 127/8",
                        Frame.udp(A, "127.0.0.1", 64, 9),
                        Reason.MARTIAN_DESTINATION),
                Arguments.of(
                        "RFC 1812 5.3.7 destination 240/4",
                        Frame.udp(A, "250.0.0.1", 64, 9),
                        Reason.MARTIAN_DESTINATION),
                Arguments.of("multicast", Frame.udp(A, "224.0.0.251", 64, 9), Reason.MULTICAST),
                Arguments.of(
                        "limited broadcast",
                        Frame.udp(A, "255.255.255.255", 64, 9),
                        Reason.BROADCAST),
                Arguments.of(
                        "RFC 2644 directed broadcast",
                        Frame.udp(A, "10.2.0.255", 64, 9),
                        Reason.BROADCAST),
                Arguments.of(
                        "RFC 1812 5.3.4 link-layer broadcast", broadcast, Reason.LINK_BROADCAST),
                Arguments.of("RFC 1812 5.3.1 TTL", Frame.udp(A, B, 1, 9), Reason.TTL_EXPIRED),
                Arguments.of("no route", Frame.udp(A, "192.0.2.1", 64, 9), Reason.NO_ROUTE),
                Arguments.of("UDP to us", Frame.udp(A, "10.2.0.1", 64, 9), Reason.PORT_UNREACHABLE),
                Arguments.of("TCP to us", tcp(Tcp.SYN, 0), Reason.TCP_CLOSED),
                Arguments.of(
                        "TCP to us, wrong checksum",
                        Frame.with(tcp(Tcp.SYN, 0), m -> Bytes.put16(m, 50, 0x1234)),
                        Reason.LOCAL_MALFORMED),
                Arguments.of(
                        "protocol to us",
                        Frame.ipv4(A, "10.1.0.1", 64, 200, 0, 20),
                        Reason.PROTOCOL_UNREACHABLE),
                Arguments.of(
                        "half a unit of a fragment to us",
                        Frame.ipv4(A, "10.1.0.1", 64, Ipv4.UDP, Ipv4.MF, 63),
                        Reason.FRAGMENT_MALFORMED),
                Arguments.of("echo", Frame.echo(A, "10.1.0.1", 56), Reason.ECHO_ANSWERED),
                Arguments.of(
                        "echo with wrong checksum",
                        Frame.with(Frame.echo(A, "10.1.0.1", 56), m -> Bytes.put8(m, 60, 0)),
                        Reason.LOCAL_MALFORMED),
                Arguments.of(
                        "ARP request for us",
                        Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, "10.1.0.1"),
                        Reason.ARP_ANSWERED),
                Arguments.of(
                        "ARP request for our other port",
                        Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, "10.2.0.1"),
                        Reason.ARP_NOT_FOR_US),
                Arguments.of(
                        "ARP reply to us",
                        Frame.arp(Arp.REPLY, TestRouter.HOST0, A, "10.1.0.1"),
                        Reason.ARP_HEARD),
                Arguments.of(
                        "ARP reply to us from beyond the link", // the table knows what was asked
                        Frame.arp(Arp.REPLY, TestRouter.HOST0, "192.0.2.9", "10.1.0.1"),
                        Reason.ARP_HEARD),
                Arguments.of(
                        "gratuitous ARP from beyond the link",
                        Frame.arp(Arp.REPLY, TestRouter.HOST0, "192.0.2.9", "192.0.2.9"),
                        Reason.ARP_NOT_FOR_US),
                Arguments.of(
                        "ARP reply between others",
                        Frame.arp(Arp.REPLY, TestRouter.HOST0, A, "10.1.0.77"),
                        Reason.ARP_NOT_FOR_US),
                Arguments.of(
                        "gratuitous ARP",
                        Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, A),
                        Reason.ARP_HEARD),
                Arguments.of(
                        "RFC 5227 conflict",
                        Frame.arp(Arp.REQUEST, TestRouter.HOST0, "10.1.0.1", "10.1.0.1"),
                        Reason.ARP_CONFLICT),
                Arguments.of(
                        "ARP of another kind",
                        Frame.with(
                                Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, "10.1.0.1"),
                                m -> Bytes.put8(m, 18, 8)),
                        Reason.ARP_MALFORMED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    void everyPacketEndsForItsReason(String rule, byte[] frame, Reason reason) {
        router.receive(0, frame);
        router.sent(0);
        router.sent(1);

        assertEquals(Map.of(reason, 1L), router.endings(0));
        assertEquals(router.pool.size(), router.pool.available(), "packets came back");
    }

    /// Start and offset of a checksum that the sender left to the device: within the IP header,
    /// where it would change what was checked, and in the padding.
    @ParameterizedTest
    @CsvSource({"14, 16", "33, 1", "34, 107"})
    void checksumToBeDoneOutsideThePayloadIsRefused(int start, int offset) {
        Packet packet = router.packet(0, Arrays.copyOf(GOOD, GOOD.length + 20));
        packet.needsChecksum = true;
        packet.checksumStart = start;
        packet.checksumOffset = offset;
        Burst burst = new Burst(1);
        burst.add(packet);
        router.receive(burst);

        assertEquals(Map.of(Reason.OFFLOAD_METADATA, 1L), router.endings(0));
    }

    @Test
    void forwardedPacketHasNewMacsAndOneLessTtl() {
        router.receive(0, GOOD);

        byte[] expected =
                Frame.withByte(
                        Frame.with(
                                GOOD,
                                m -> Ethernet.rewrite(m, 0, TestRouter.HOST1, TestRouter.MAC1)),
                        22,
                        63);
        assertThat(router.sent(1)).containsExactly(expected);
        assertEquals(1, router.counters[1].get(PortCounters.TRANSMITTED));
        assertEquals(GOOD.length, router.counters[1].get(PortCounters.TRANSMITTED_BYTES));
    }

    @Test
    void paddingIsNotForwarded() {
        router.receive(0, Arrays.copyOf(Frame.udp(A, B, 64, 0), 60));

        assertThat(router.sent(1)).singleElement().satisfies(f -> assertEquals(42, f.length));
    }

    @Test
    void ttlExpiryTellsTheSenderAndQuotesThePacketAsItCame() {
        byte[] probe = Frame.udp(A, B, 1, 1000);
        router.receive(0, probe);

        assertIcmpError(probe, Icmp4.TIME_EXCEEDED, 0, 0, 548);
    }

    @Test
    void noRouteTellsNetUnreachable() {
        byte[] probe = Frame.udp(A, "192.0.2.1", 9, 10);
        router.receive(0, probe);

        assertIcmpError(probe, Icmp4.UNREACHABLE, Icmp4.NET_UNREACHABLE, 0, 38);
    }

    @Test
    void udpToUsTellsPortUnreachable() {
        byte[] probe = Frame.udp(A, "10.1.0.1", 9, 10);
        router.receive(0, probe);

        assertIcmpError(probe, Icmp4.UNREACHABLE, Icmp4.PORT_UNREACHABLE, 0, 38);
    }

    @Test
    void tooLongWithDfTellsTheMtuOfTheEgress() {
        TestRouter narrow = new TestRouter(1000);
        byte[] fits = Frame.udp(A, B, 64, 1000 - 28);
        byte[] probe = Frame.udp(A, B, 64, 1001 - 28);
        narrow.receive(0, fits, probe);

        assertThat(narrow.sent(1)).hasSize(1);
        assertThat(narrow.endings(0))
                .containsEntry(Reason.MTU_EXCEEDED, 1L)
                .containsEntry(Reason.FORWARDED, 1L);
        assertIcmpError(narrow, probe, Icmp4.UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, 1000, 548);
    }

    @Test
    void superFrameIsJudgedByItsSegments() {
        Packet packet = router.packet(0, Frame.ipv4(A, B, 64, Ipv4.TCP, Ipv4.DF, 20 + 3000));
        packet.gsoType = Packet.GSO_TCP4;
        packet.gsoHeaderLength = 54;
        packet.gsoSize = 1460;
        Burst burst = new Burst(1);
        burst.add(packet);
        router.receive(burst);

        assertThat(router.sent(1)).singleElement().satisfies(f -> assertEquals(3054, f.length));

        packet = router.packet(0, Frame.ipv4(A, B, 64, Ipv4.TCP, Ipv4.DF, 20 + 3000));
        packet.gsoType = Packet.GSO_TCP4;
        packet.gsoHeaderLength = 54;
        packet.gsoSize = 1461;
        burst.clear();
        burst.add(packet);
        router.receive(burst);

        assertThat(router.sent(1)).isEmpty();
        assertThat(router.endings(0)).containsEntry(Reason.MTU_EXCEEDED, 1L);
    }

    /// RFC 1812 section 4.3.2.7.
    static Stream<Arguments> untold() {
        byte[] icmpError =
                Frame.with(
                        Frame.ipv4(A, B, 1, Ipv4.ICMP, 0, 28 + 8),
                        m -> Icmp4.write(m, 34, Icmp4.TIME_EXCEEDED, 0, 0, 36));
        return Stream.of(
                Arguments.of("an ICMP error", icmpError),
                Arguments.of("a later fragment", Frame.ipv4(A, B, 1, Ipv4.UDP, 5, 64)),
                Arguments.of("a broadcast", Frame.udp(A, "10.1.0.255", 1, 8)),
                Arguments.of("a multicast", Frame.udp(A, "224.0.0.5", 1, 8)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("untold")
    void noErrorIsSentAbout(String what, byte[] frame) {
        router.receive(0, frame);

        assertThat(router.sent(0)).isEmpty();
        assertThat(router.endings(0)).hasSize(1);
    }

    @Test
    void blackholeIsSilentAndOthersTell() {
        router.route("198.51.100.0/24", Adjacency.BLACKHOLE);
        router.route("198.51.101.0/24", Adjacency.UNREACHABLE);
        router.route("198.51.102.0/24", Adjacency.PROHIBIT);
        router.receive(0, Frame.udp(A, "198.51.100.1", 9, 1));
        assertThat(router.sent(0)).isEmpty();

        byte[] unreachable = Frame.udp(A, "198.51.101.1", 9, 1);
        router.receive(0, unreachable);
        assertIcmpError(unreachable, Icmp4.UNREACHABLE, Icmp4.HOST_UNREACHABLE, 0, 29);

        byte[] prohibited = Frame.udp(A, "198.51.102.1", 9, 1);
        router.receive(0, prohibited);
        assertIcmpError(prohibited, Icmp4.UNREACHABLE, Icmp4.PROHIBITED, 0, 29);
        assertThat(router.endings(0))
                .containsOnlyKeys(Reason.BLACKHOLE, Reason.UNREACHABLE, Reason.PROHIBITED);
    }

    @Test
    void echoIsAnsweredFromTheAddressThatWasAsked() {
        byte[] request = Frame.echo(A, "10.2.0.1", 56);
        router.receive(0, request);

        byte[] reply = router.sent(0).getFirst();
        MemorySegment m = MemorySegment.ofArray(reply);
        assertEquals(request.length, reply.length);
        assertEquals(Ip4Address.parse("10.2.0.1").bits(), Ipv4.source(m, 14));
        assertEquals(Ip4Address.parse(A).bits(), Ipv4.destination(m, 14));
        assertEquals(Icmp4.ECHO_REPLY, Icmp4.type(m, 34));
        assertEquals(0, Checksum.of(m, 34, reply.length - 34));
        assertThat(Ipv4.validate(m, 14, reply.length - 14)).isNull();
        assertEquals(
                MemorySegment.ofArray(request).asSlice(38).mismatch(m.asSlice(38)), -1L, "payload");
    }

    @Test
    void packetsWaitForTheirNeighborInOrderAndTheOldestMakesRoom() {
        for (int payload = 1; payload <= 4; payload++) {
            router.receive(0, Frame.udp(A, "10.2.0.77", 64, payload));
        }
        assertThat(router.events)
                .containsExactly(
                        new WorkerEvent.NeighborWanted(0, 1, Ip4Address.parse("10.2.0.77")));
        assertEquals(3, router.slow.held());
        assertThat(router.endings(0)).containsExactly(Map.entry(Reason.HOLD_QUEUE_FULL, 1L));

        Adjacency late = Adjacency.neighbor(1, Ip4Address.parse("10.2.0.77"));
        late.resolve(new Rewrite(0x0299L, TestRouter.MAC1));
        router.slow.resolved(late);

        assertThat(router.sent(1).stream().map(f -> f.length)).containsExactly(44, 45, 46);
        assertEquals(0, router.slow.held());
        assertEquals(3, router.endings(0).get(Reason.FORWARDED));
    }

    @Test
    void silentNeighborMeansHostUnreachable() {
        byte[] probe = Frame.udp(A, "10.2.0.77", 64, 5);
        router.receive(0, probe);
        router.slow.failed(1, Ip4Address.parse("10.2.0.77"), Reason.NEIGHBOR_UNRESOLVED);

        assertIcmpError(probe, Icmp4.UNREACHABLE, Icmp4.HOST_UNREACHABLE, 0, 33);
        assertEquals(Map.of(Reason.NEIGHBOR_UNRESOLVED, 1L), router.endings(0));
    }

    /// Four neighbors may be waited for: of a scan on one port the last three, beside one on the
    /// other port. Every question is asked.
    @Test
    void scanOfOneLinkTakesNoPlaceFromTheOthers() {
        byte[] other = Frame.udp(B, "10.1.0.77", 64, 5);
        router.receive(1, Frame.with(other, m -> Bytes.put48(m, 0, TestRouter.MAC1)));
        for (int host = 10; host < 110; host++) {
            router.receive(0, Frame.udp(A, "10.2.0." + host, 64, 5));
        }
        assertEquals(Map.of(Reason.NEIGHBOR_TABLE_FULL, 97L), router.endings(0));
        assertThat(router.events).hasSize(101);
        assertEquals(4, router.slow.held());

        Adjacency late = Adjacency.neighbor(0, Ip4Address.parse("10.1.0.77"));
        late.resolve(new Rewrite(0x0299L, TestRouter.MAC0));
        router.slow.resolved(late);
        router.slow.failed(1, Ip4Address.parse("10.2.0.106"), Reason.NEIGHBOR_TABLE_FULL);
        assertThat(router.sent(0)).hasSize(1);
        assertEquals(3, router.slow.held(), "the oldest had gone");
    }

    /// More than a port is listened to: the rest is neither noted nor in the way of other ports.
    /// Requests are answered all the same.
    @Test
    void floodOfArpOnOneLinkIsNotListenedTo() {
        byte[] announcement = Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, A);
        for (int i = 0; i < 1500; i++) {
            router.receive(0, announcement);
        }
        assertEquals(
                Map.of(Reason.ARP_HEARD, 1000L, Reason.NEIGHBOR_FLOOD, 500L), router.endings(0));
        assertThat(router.events).hasSize(1000);
        router.receive(0, Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, "10.1.0.1"));
        assertThat(router.sent(0)).hasSize(1);
        router.receive(1, Frame.arp(Arp.REPLY, TestRouter.HOST1, B, "10.2.0.1"));
        assertEquals(Map.of(Reason.ARP_HEARD, 1L), router.endings(1));
    }

    @Test
    void downPortTellsHostUnreachable() {
        PortState[] ports = router.state.ports().clone();
        ports[1] = ports[1].withUp(false);
        router.state.publishPorts(ports);
        router.receive(0, GOOD);

        assertIcmpError(GOOD, Icmp4.UNREACHABLE, Icmp4.HOST_UNREACHABLE, 0, 128);
        assertEquals(Map.of(Reason.PORT_DOWN, 1L), router.endings(0));
    }

    @Test
    void hooksSeeThePacketAtBothPointsAndMayDropIt() {
        Pfil pfil = router.state.pfil;
        pfil.register("count", new CountingHook());
        pfil.register(
                "no-udp",
                packet -> {
                    packet.ending = Reason.PROHIBITED;
                    return Verdict.DROP;
                });
        CountingHook count = new CountingHook();
        pfil.register("counter", count);
        pfil.link(pfil.input4(), "counter", Pfil.Place.ROUTER);
        pfil.link(pfil.output4(), "counter", Pfil.Place.ROUTER);
        router.receive(0, GOOD);
        assertEquals(2, count.seen);
        assertEquals(1, router.sent(1).size());

        pfil.link(pfil.output4(), "no-udp", Pfil.Place.WIRE);
        router.receive(0, GOOD);
        assertEquals(4, count.seen);
        assertThat(router.sent(1)).isEmpty();
        assertThat(router.endings(0)).containsEntry(Reason.PROHIBITED, 1L);

        pfil.unregister("no-udp");
        router.receive(0, GOOD);
        assertEquals(1, router.sent(1).size());
    }

    private static final class CountingHook implements Hook {
        int seen;

        @Override
        public Verdict check(Packet packet) {
            seen++;
            return Verdict.PASS;
        }
    }

    @Test
    void forwardingAllocatesNothing() {
        Burst burst = new Burst(Burst.SIZE);
        long allocated = -1;
        // Until the compilers are done: code that they throw away is interpreted for a moment, and
        // that allocates.
        for (int round = 0; round < 50 && allocated != 0; round++) {
            allocated = allocatedBy(burst, 1_000_000);
        }

        assertEquals(0, allocated);
    }

    private long allocatedBy(Burst burst, int packets) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().threadId();
        long before = threads.getThreadAllocatedBytes(id);
        long forwarded = router.counters[0].endings(Reason.FORWARDED);
        forwardMany(burst, packets);
        assertEquals(packets, router.counters[0].endings(Reason.FORWARDED) - forwarded);
        return threads.getThreadAllocatedBytes(id) - before;
    }

    private void forwardMany(Burst burst, int packets) {
        for (int sent = 0; sent < packets; ) {
            burst.clear();
            for (; burst.count < Burst.SIZE && sent < packets; sent++) {
                Packet packet = Objects.requireNonNull(router.pool.take());
                MemorySegment.copy(GOOD_SEGMENT, 0, packet.memory, packet.start, GOOD.length);
                packet.length = GOOD.length;
                packet.inPort = 0;
                burst.add(packet);
            }
            router.forwarder.forward(burst);
            Burst queue = router.output.queue(1);
            for (int i = 0; i < queue.count; i++) {
                router.output.transmitted(queue.packets[i], Reason.FORWARDED);
            }
            queue.clear();
        }
    }

    private void assertIcmpError(byte[] cause, int type, int code, int word, int quoted) {
        assertIcmpError(router, cause, type, code, word, quoted);
    }

    private static void assertIcmpError(
            TestRouter router, byte[] cause, int type, int code, int word, int quoted) {
        List<byte[]> sent = router.sent(0);
        assertThat(sent).hasSize(1);
        byte[] error = sent.getFirst();
        MemorySegment m = MemorySegment.ofArray(error);
        assertEquals(TestRouter.HOST0, Ethernet.destination(m, 0));
        assertEquals(TestRouter.MAC0, Ethernet.source(m, 0));
        assertThat(Ipv4.validate(m, 14, error.length - 14)).isNull();
        assertEquals(Ip4Address.parse("10.1.0.1").bits(), Ipv4.source(m, 14));
        assertEquals(Ip4Address.parse(A).bits(), Ipv4.destination(m, 14));
        assertEquals(type, Icmp4.type(m, 34));
        assertEquals(code, Bytes.u8(m, 35));
        assertEquals(word, Bytes.i32(m, 38));
        assertEquals(0, Checksum.of(m, 34, error.length - 34));
        assertThat(Arrays.copyOfRange(error, 42, error.length))
                .isEqualTo(Arrays.copyOfRange(cause, 14, 14 + quoted));
    }

    private void set(int port, PortPolicy policy) {
        PortState[] ports = router.state.ports().clone();
        ports[port] = ports[port].withPolicy(policy);
        router.state.publishPorts(ports);
    }

    /// RFC 3704 sections 2.2 and 2.4: source, endings with `loose` and `strict`.
    static Stream<Arguments> reversePaths() {
        return Stream.of(
                Arguments.of(A, Reason.FORWARDED, Reason.FORWARDED),
                Arguments.of("10.1.0.77", Reason.FORWARDED, Reason.FORWARDED),
                Arguments.of("10.2.0.9", Reason.FORWARDED, Reason.REVERSE_PATH),
                Arguments.of("192.0.2.1", Reason.REVERSE_PATH, Reason.REVERSE_PATH),
                Arguments.of("203.0.113.1", Reason.REVERSE_PATH, Reason.REVERSE_PATH));
    }

    @ParameterizedTest
    @MethodSource
    void reversePaths(String source, Reason loose, Reason strict) {
        router.route("203.0.113.0/24", Adjacency.BLACKHOLE);
        byte[] frame = Frame.udp(source, B, 64, 9);
        set(0, PortPolicy.NONE.with(ReversePath.LOOSE));
        router.receive(0, frame);
        router.sent(1);
        assertEquals(Map.of(loose, 1L), router.endings(0));

        set(0, PortPolicy.NONE.with(ReversePath.STRICT));
        router.receive(0, frame);
        router.sent(1);
        assertEquals(loose == strict ? 2L : 1L, router.endings(0).get(strict));
    }

    private void own(PortState.Address... addresses) {
        PortState[] ports = router.state.ports().clone();
        ports[0] = ports[0].withAddresses4(List.of(addresses));
        router.state.publishPorts(ports);
    }

    private static PortState.Address own(String address, int length, AddressState state) {
        return new PortState.Address(Ip4Address.parse(address).bits(), length, state);
    }

    /// RFC 5227 section 2.1.1: neither answered nor used, and whoever has or wants it is heard.
    @Test
    void tentativeAddressIsNotUsed() {
        own(own("10.1.0.1", 24, AddressState.TENTATIVE));
        router.receive(
                0,
                Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, "10.1.0.1"),
                Frame.arp(Arp.REQUEST, TestRouter.HOST0, "0.0.0.0", "10.1.0.1"),
                Frame.arp(Arp.REPLY, TestRouter.HOST0, "10.1.0.1", "10.1.0.9"),
                Frame.arp(Arp.REQUEST, TestRouter.MAC0, "0.0.0.0", "10.1.0.1"), // our own
                Frame.echo(A, "10.1.0.1", 56));
        assertThat(router.sent(0)).isEmpty();
        assertThat(router.endings(0))
                .isEqualTo(Map.of(Reason.ARP_NOT_FOR_US, 2L, Reason.ARP_CONFLICT, 2L));
        WorkerEvent conflict =
                new WorkerEvent.AddressConflict(0, Ip4Address.parse("10.1.0.1"), TestRouter.HOST0);
        assertThat(router.events)
                .containsExactly(
                        conflict,
                        conflict,
                        new WorkerEvent.NeighborWanted(0, 0, Ip4Address.parse("10.1.0.1")));
    }

    /// Whoever has it is a neighbor like others.
    @Test
    void duplicateAddressIsItsOwners() {
        own(own("10.1.0.1", 24, AddressState.DUPLICATE), own("10.1.0.3", 24, AddressState.VALID));
        router.receive(0, Frame.arp(Arp.REPLY, TestRouter.HOST0, "10.1.0.1", "10.1.0.3"));
        assertThat(router.events)
                .containsExactly(
                        new WorkerEvent.NeighborHeard(
                                0,
                                Ip4Address.parse("10.1.0.1"),
                                TestRouter.HOST0,
                                Evidence.CONFIRMATION));
    }

    /// RFC 1812 section 4.3.2.4, and whom a host believes: somebody of its own prefix.
    @Test
    void errorsComeFromTheAddressThatSharesTheSendersPrefix() {
        own(
                own("10.1.0.1", 16, AddressState.VALID),
                own("10.7.0.1", 24, AddressState.VALID),
                own("10.7.0.9", 28, AddressState.VALID),
                own("10.7.0.5", 30, AddressState.DUPLICATE));
        assertEquals(Ip4Address.parse("10.1.0.1").bits(), errorTo("10.1.0.2"));
        assertEquals(Ip4Address.parse("10.7.0.1").bits(), errorTo("10.7.0.200"));
        assertEquals(Ip4Address.parse("10.7.0.9").bits(), errorTo("10.7.0.6"), "the longest");
        assertEquals(Ip4Address.parse("10.1.0.1").bits(), errorTo("192.0.2.1"), "the preferred");
        own();
        assertEquals(PortState.NO_ADDRESS, errorTo("10.1.0.2"));
    }

    /// Where an error about a packet from `source` comes from.
    private int errorTo(String source) {
        router.route("192.0.2.0/24", router.host0);
        router.route(source + "/32", router.host0);
        router.receive(0, Frame.udp(source, B, 1, 5));
        byte[] error = router.sent(0).getFirst();
        return Ipv4.source(MemorySegment.ofArray(error), 14);
    }

    @Test
    void proxyArpAnswersForStationsBehindOtherPorts() {
        byte[] there = Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, B);
        byte[] here = Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, "10.1.0.77");
        byte[] nowhere = Frame.arp(Arp.REQUEST, TestRouter.HOST0, A, "192.0.2.1");
        router.receive(0, there);
        assertThat(router.sent(0)).isEmpty();

        set(0, PortPolicy.NONE.with(PortPolicy.Allowed.PROXY_ARP));
        router.receive(0, there, here, nowhere);
        List<byte[]> answers = router.sent(0);
        assertThat(answers).hasSize(1);
        MemorySegment m = MemorySegment.ofArray(answers.getFirst());
        assertEquals(TestRouter.MAC0, Arp.senderMac(m, 14));
        assertEquals(Ip4Address.parse(B).bits(), Arp.senderAddress(m, 14));
    }

    private static byte[] tcp(int flags, int payload) {
        return Frame.tcp(A, "10.2.0.1", flags, payload);
    }

    /// RFC 9293 section 3.10.7.1: flags and payload of the segment; sequence and acknowledgment
    /// number and flags of the reset.
    static Stream<Arguments> resets() {
        return Stream.of(
                Arguments.of(Tcp.SYN, 0, 0, 1001, Tcp.RST | Tcp.ACK),
                Arguments.of(Tcp.FIN, 10, 0, 1011, Tcp.RST | Tcp.ACK),
                Arguments.of(Tcp.ACK, 10, 2000, 0, Tcp.RST),
                Arguments.of(Tcp.SYN | Tcp.ACK, 0, 2000, 0, Tcp.RST));
    }

    @ParameterizedTest
    @MethodSource
    void resets(int flags, int payload, int sequence, int acknowledged, int answer) {
        router.receive(0, tcp(flags, payload));

        List<byte[]> sent = router.sent(0);
        assertThat(sent).hasSize(1);
        MemorySegment m = MemorySegment.ofArray(sent.getFirst());
        assertEquals(54, m.byteSize());
        assertEquals(179 << 16 | 40000, Bytes.i32(m, 34));
        assertEquals(sequence, Bytes.i32(m, 38));
        assertEquals(acknowledged, Bytes.i32(m, 42));
        assertEquals(answer, Tcp.flags(m, 34));
        assertEquals(Ip4Address.parse("10.2.0.1").bits(), Ipv4.source(m, 14));
        long pseudo = Checksum.pseudo4(Ipv4.source(m, 14), Ipv4.destination(m, 14), Ipv4.TCP, 20);
        assertEquals(0, Checksum.finish(Checksum.add(pseudo, m, 34, 20)));
        assertEquals(Map.of(Reason.TCP_CLOSED, 1L), router.endings(0));
    }

    @Test
    void resetIsNotAnswered() {
        router.receive(0, tcp(Tcp.RST, 0));

        assertThat(router.sent(0)).isEmpty();
        assertEquals(Map.of(Reason.TCP_CLOSED, 1L), router.endings(0));
    }
}
