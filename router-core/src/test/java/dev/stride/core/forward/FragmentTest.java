package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Fragments through the router and to the router.
class FragmentTest {
    private static final String A = "10.1.0.2";
    private static final String B = "10.2.0.2";
    private static final String US = "10.1.0.1";
    private static final long SECOND = 1_000_000_000L;

    private final TestRouter router = new TestRouter(1000);

    /// One fragment to us: `length` bytes of zeros at `offset`.
    private static byte[] fragment(int identification, int offset, int length, boolean more) {
        byte[] frame = Frame.ipv4(A, US, 64, Ipv4.UDP, (more ? Ipv4.MF : 0) | offset / 8, length);
        Arrays.fill(frame, 34, frame.length, (byte) 0);
        return Frame.with(
                frame,
                m -> {
                    Bytes.put16(m, 18, identification);
                    Ipv4.writeChecksum(m, 14);
                });
    }

    /// The fragments that a link with this MTU lets through.
    private static List<byte[]> cut(byte[] frame, int mtu) {
        TestRouter narrow = new TestRouter(mtu);
        MemorySegment m = MemorySegment.ofArray(frame);
        int destination = Ipv4.destination(m, 14);
        Bytes.put32(m, 30, Ip4Address.parse(B).bits());
        Bytes.put8(m, 22, 65);
        Ipv4.writeChecksum(m, 14);
        narrow.receive(0, frame);
        List<byte[]> fragments = narrow.sent(1);
        for (byte[] fragment : fragments) {
            MemorySegment f = MemorySegment.ofArray(fragment);
            Ethernet.rewrite(f, 0, TestRouter.MAC0, TestRouter.HOST0);
            Bytes.put32(f, 30, destination);
            Ipv4.writeChecksum(f, 14);
        }
        return fragments;
    }

    private void receiveAll(List<byte[]> frames) {
        for (byte[] frame : frames) {
            router.receive(0, frame);
        }
    }

    private void assertNothingLeft() {
        assertEquals(router.pool.size(), router.pool.available(), "packets came back");
        assertEquals(
                router.counters[0].get(PortCounters.RECEIVED),
                router.endings(0).values().stream().mapToLong(Long::longValue).sum(),
                "each ended once");
    }

    @Test
    void longPacketWithoutDfGoesOnInFragments() {
        byte[] datagram = Frame.ipv4(A, B, 64, Ipv4.UDP, 0, 1480);
        router.receive(0, datagram);

        List<byte[]> sent = router.sent(1);
        assertThat(sent.stream().map(f -> f.length)).containsExactly(14 + 20 + 976, 14 + 20 + 504);
        byte[] payload = new byte[1480];
        for (byte[] frame : sent) {
            MemorySegment m = MemorySegment.ofArray(frame);
            assertEquals(TestRouter.HOST1, Ethernet.destination(m, 0));
            assertEquals(TestRouter.MAC1, Ethernet.source(m, 0));
            assertThat(Ipv4.validate(m, 14, frame.length - 14)).isNull();
            assertEquals(63, Ipv4.ttl(m, 14));
            System.arraycopy(frame, 34, payload, Ipv4.fragmentOffset(m, 14), frame.length - 34);
        }
        assertThat(payload).isEqualTo(Arrays.copyOfRange(datagram, 34, 34 + 1480));
        assertEquals(Map.of(Reason.FORWARDED, 1L), router.endings(0));
        assertEquals(2, router.counters[1].get(PortCounters.TRANSMITTED));
        assertEquals(2, router.counters[1].get(PortCounters.FRAGMENTS));
        assertNothingLeft();
    }

    @Test
    void packetThatFitsIsNotCut() {
        router.receive(0, Frame.ipv4(A, B, 64, Ipv4.UDP, 0, 980));

        assertThat(router.sent(1)).hasSize(1);
        assertEquals(0, router.counters[1].get(PortCounters.FRAGMENTS));
    }

    /// It is cut by the MTU of the port by which it leaves, after it has waited whole.
    @Test
    void whatWaitsForItsNeighborWaitsWhole() {
        router.receive(0, Frame.ipv4(A, "10.2.0.77", 64, Ipv4.UDP, 0, 1480));
        assertEquals(1, router.slow.held());
        assertThat(router.sent(1)).isEmpty();
    }

    @Test
    void whatCannotBeCutIsNotFragmentable() {
        // Its end is beyond what an offset can say.
        router.receive(0, Frame.ipv4(A, B, 64, Ipv4.UDP, 0x1fff, 1480));

        assertThat(router.sent(1)).isEmpty();
        assertEquals(Map.of(Reason.NOT_FRAGMENTABLE, 1L), router.endings(0));
        assertNothingLeft();
    }

    /// RFC 1812 section 4.2.2.8; RFC 1122 section 3.2.2.6: echo of any size.
    @ParameterizedTest
    @ValueSource(ints = {1473, 20_000, 65_507})
    void longEchoIsAnswered(int payload) {
        byte[] request = Frame.echo(A, US, payload);
        List<byte[]> fragments = cut(request.clone(), 1500);
        Collections.shuffle(fragments, new Random(payload));
        receiveAll(fragments);

        List<byte[]> sent = router.sent(0);
        assertEquals(fragments.size(), sent.size());
        byte[] icmp = new byte[8 + payload];
        for (byte[] frame : sent) {
            MemorySegment m = MemorySegment.ofArray(frame);
            assertThat(Ipv4.validate(m, 14, frame.length - 14)).isNull();
            assertEquals(Ip4Address.parse(US).bits(), Ipv4.source(m, 14));
            System.arraycopy(frame, 34, icmp, Ipv4.fragmentOffset(m, 14), frame.length - 34);
        }
        assertEquals(Icmp4.ECHO_REPLY, icmp[0]);
        assertEquals(0, Checksum.of(MemorySegment.ofArray(icmp), 0, icmp.length));
        assertThat(Arrays.copyOfRange(icmp, 4, icmp.length))
                .isEqualTo(Arrays.copyOfRange(request, 38, request.length));
        assertEquals(
                Map.of(
                        Reason.ECHO_ANSWERED,
                        1L,
                        Reason.FRAGMENT_REASSEMBLED,
                        fragments.size() - 1L),
                router.endings(0));
        assertNothingLeft();
    }

    /// Name, fragments to us, endings.
    static Stream<Arguments> hostile() {
        List<byte[]> pingOfDeath = new ArrayList<>();
        for (int at = 0; at < 65_120; at += 1480) {
            pingOfDeath.add(fragment(1, at, 1480, true));
        }
        pingOfDeath.add(fragment(1, 65_120, 1000, false));
        return Stream.of(
                Arguments.of(
                        "teardrop: the second one within the first",
                        List.of(fragment(1, 0, 40, true), fragment(1, 24, 4, false)),
                        Map.of(Reason.FRAGMENT_OVERLAP, 2L)),
                Arguments.of(
                        "overlap",
                        List.of(
                                fragment(1, 0, 40, true),
                                fragment(1, 80, 40, false),
                                fragment(1, 32, 48, true)),
                        Map.of(Reason.FRAGMENT_OVERLAP, 3L)),
                Arguments.of(
                        "RFC 5722 what still comes of it goes, too",
                        List.of(
                                fragment(1, 0, 40, true),
                                fragment(1, 32, 48, true),
                                fragment(1, 80, 8, false),
                                fragment(1, 40, 40, true)),
                        Map.of(Reason.FRAGMENT_OVERLAP, 4L)),
                Arguments.of(
                        "two last fragments",
                        List.of(fragment(1, 80, 8, false), fragment(1, 160, 8, false)),
                        Map.of(Reason.FRAGMENT_OVERLAP, 2L)),
                Arguments.of(
                        "data behind the last fragment",
                        List.of(fragment(1, 80, 8, false), fragment(1, 160, 8, true)),
                        Map.of(Reason.FRAGMENT_OVERLAP, 2L)),
                Arguments.of("ping of death", pingOfDeath, Map.of(Reason.FRAGMENT_TOO_LONG, 45L)),
                Arguments.of(
                        "half a unit in the middle of a datagram",
                        List.of(fragment(1, 0, 40, true), fragment(1, 40, 41, true)),
                        Map.of(Reason.FRAGMENT_MALFORMED, 2L)),
                Arguments.of(
                        "no data",
                        List.of(fragment(1, 0, 0, true), fragment(1, 40, 0, false)),
                        Map.of(Reason.FRAGMENT_MALFORMED, 2L)),
                Arguments.of(
                        "tiny ones, one repeated",
                        IntStream.of(0, 8, 16, 8, 24)
                                .mapToObj(at -> fragment(1, at, 8, at < 24))
                                .toList(),
                        Map.of(
                                Reason.FRAGMENT_DUPLICATE,
                                1L,
                                Reason.FRAGMENT_REASSEMBLED,
                                3L,
                                Reason.PORT_UNREACHABLE,
                                1L)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void endsForItsReason(String what, List<byte[]> fragments, Map<Reason, Long> endings) {
        receiveAll(fragments);
        router.sent(0);

        assertEquals(endings, router.endings(0));
        assertNothingLeft();
    }

    private FragmentHandover handover(List<byte[]> taken, int most) {
        return new FragmentHandover() {
            @Override
            public int workers() {
                return 2;
            }

            @Override
            public boolean hand(int worker, int port, byte[] frame) {
                assertEquals(1, worker);
                assertEquals(0, port);
                return taken.size() < most && taken.add(frame);
            }
        };
    }

    @Test
    void fragmentsOfADatagramMeetAtOneWorker() {
        List<byte[]> taken = new ArrayList<>();
        router.slow.share(handover(taken, Integer.MAX_VALUE));
        for (int offset : List.of(8, 0)) {
            for (int i = 0; i < 100; i++) {
                router.receive(0, fragment(i, offset, 8, offset == 0));
            }
        }
        TestRouter other = new TestRouter(1500);
        taken.forEach(frame -> other.slow.fragment(0, frame));

        int there = taken.size() / 2;
        assertThat(there).isBetween(20, 80);
        Map<Reason, Long> ends =
                Map.of(Reason.FRAGMENT_REASSEMBLED, 1L, Reason.PORT_UNREACHABLE, 1L);
        ends.forEach(
                (reason, each) -> {
                    assertEquals(there * each, other.endings(0).get(reason));
                    assertEquals((100 - there) * each, router.endings(0).get(reason));
                });
        router.sent(0);
        assertEquals(router.pool.size(), router.pool.available(), "packets came back");
    }

    @Test
    void fragmentsThatTheOtherWorkerDoesNotTakeAreCounted() {
        List<byte[]> taken = new ArrayList<>();
        router.slow.share(handover(taken, 3));
        for (int i = 0; i < 40; i++) {
            router.receive(0, fragment(i, 0, 8, true));
        }

        assertEquals(3, taken.size());
        long refused = router.endings(0).getOrDefault(Reason.FRAGMENT_TABLE_FULL, 0L);
        assertThat(refused).isPositive();
        assertEquals(40, 3 + refused + (router.pool.size() - router.pool.available()));
    }

    @Test
    void tenThousandIncompleteDatagramsUseNoMoreThanTheTable() {
        for (int i = 0; i < 10_000; i++) {
            router.receive(0, fragment(i, 0, 8, true));
            assertThat(router.pool.available())
                    .isGreaterThanOrEqualTo(router.pool.size() - Reassembly.DATAGRAMS);
        }
        assertEquals(
                Map.of(Reason.FRAGMENT_TABLE_FULL, 10_000L - Reassembly.DATAGRAMS),
                router.endings(0));

        List<byte[]> echo = cut(Frame.echo(A, US, 3000), 1500);
        receiveAll(echo);
        router.sent(0);
        assertThat(router.endings(0)).containsEntry(Reason.ECHO_ANSWERED, 1L);

        router.slow.tick(Reassembly.TIMEOUT_NANOS);
        router.sent(0);
        assertThat(router.endings(0))
                .containsEntry(Reason.FRAGMENT_TIMEOUT, Reassembly.DATAGRAMS - 1L);
        assertNothingLeft();
    }

    /// Even when all came at the same time.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 100})
    void theOldestMakesRoom(int tooMany) {
        int count = Reassembly.DATAGRAMS + tooMany;
        for (int i = 0; i < count; i++) {
            router.receive(0, fragment(i, 0, 8, true));
        }
        for (int i = count - 1; i >= tooMany; i--) { // from the newest to the oldest that is left
            router.receive(0, fragment(i, 8, 8, false));
        }
        router.sent(0);

        assertEquals((long) Reassembly.DATAGRAMS, router.endings(0).get(Reason.PORT_UNREACHABLE));
        assertEquals(
                (long) tooMany, router.endings(0).getOrDefault(Reason.FRAGMENT_TABLE_FULL, 0L));
        assertNothingLeft();
    }

    /// Places of refused datagrams are taken again, too.
    @Test
    void refusedDatagramsDoNotFillTheTable() {
        for (int i = 0; i < 1000; i++) {
            router.receive(0, fragment(i, 0, 16, true), fragment(i, 8, 16, true));
        }
        receiveAll(cut(Frame.echo(A, US, 3000), 1500));
        router.sent(0);

        assertThat(router.endings(0))
                .containsEntry(Reason.FRAGMENT_OVERLAP, 2000L)
                .containsEntry(Reason.ECHO_ANSWERED, 1L);
        assertNothingLeft();
    }

    /// RFC 792: the error quotes the first fragment as it came.
    @Test
    void lateDatagramIsTimeExceeded() {
        byte[] first = fragment(1, 0, 40, true);
        router.slow.tick(5 * SECOND);
        router.receive(0, first, fragment(1, 80, 8, false));

        assertEquals(0, router.slow.tick(64 * SECOND));
        assertThat(router.endings(0)).isEmpty();
        assertEquals(1, router.slow.tick(65 * SECOND));

        List<byte[]> sent = router.sent(0);
        assertThat(sent).hasSize(1);
        byte[] error = sent.getFirst();
        MemorySegment m = MemorySegment.ofArray(error);
        assertEquals(Ip4Address.parse(A).bits(), Ipv4.destination(m, 14));
        assertEquals(Icmp4.TIME_EXCEEDED, Icmp4.type(m, 34));
        assertEquals(Icmp4.REASSEMBLY_TIME, Bytes.u8(m, 35));
        assertEquals(0, Checksum.of(m, 34, error.length - 34));
        assertThat(Arrays.copyOfRange(error, 42, error.length))
                .isEqualTo(Arrays.copyOfRange(first, 14, first.length));
        assertEquals(Map.of(Reason.FRAGMENT_TIMEOUT, 2L), router.endings(0));
        assertNothingLeft();
    }

    /// RFC 792: "if fragment zero is not available then no time exceeded need be sent at all".
    @Test
    void lateDatagramWithoutItsFirstFragmentEndsInSilence() {
        router.receive(0, fragment(1, 80, 8, false));
        router.slow.tick(Reassembly.TIMEOUT_NANOS);

        assertThat(router.sent(0)).isEmpty();
        assertEquals(Map.of(Reason.FRAGMENT_TIMEOUT, 1L), router.endings(0));
        assertNothingLeft();
    }

    @Test
    void eachDatagramHasItsOwnTime() {
        router.receive(0, fragment(1, 8, 8, false));
        router.slow.tick(30 * SECOND);
        router.receive(0, fragment(2, 8, 8, false));

        assertEquals(1, router.slow.tick(60 * SECOND));
        assertEquals(0, router.slow.tick(89 * SECOND));
        assertEquals(1, router.slow.tick(90 * SECOND));
        assertNothingLeft();
    }

    @Test
    void fragmentsCountForThePortsTheyCameBy() {
        byte[] byOther =
                Frame.with(
                        fragment(1, 8, 8, false),
                        m -> Ethernet.rewrite(m, 0, TestRouter.MAC1, TestRouter.HOST1));
        router.receive(1, byOther);
        router.receive(0, fragment(1, 0, 8, true));

        assertEquals(Map.of(Reason.FRAGMENT_REASSEMBLED, 1L), router.endings(1));
        assertEquals(Map.of(Reason.PORT_UNREACHABLE, 1L), router.endings(0));
    }

    @Test
    void portThatGoesTakesItsFragmentsAlong() {
        router.receive(0, fragment(1, 8, 8, false));
        router.slow.detached(1);
        assertThat(router.endings(0)).isEmpty();
        router.slow.detached(0);

        assertEquals(Map.of(Reason.PORT_DOWN, 1L), router.endings(0));
        assertNothingLeft();
    }

    @Test
    void withoutMemoryFragmentsAreDropped() {
        List<Packet> all =
                Stream.generate((Supplier<Packet>) () -> router.pool.take())
                        .limit(router.pool.size() - 1)
                        .toList();
        router.receive(0, fragment(1, 8, 8, false));

        assertEquals(Map.of(Reason.NO_MEMORY, 1L), router.endings(0));
        all.forEach(router.pool::release);
        assertNothingLeft();
    }

    /// Only for own addresses: others' fragments go on as they are.
    @Test
    void fragmentsForOthersAreNotPutTogether() {
        router.receive(0, Frame.ipv4(A, B, 64, Ipv4.UDP, Ipv4.MF, 64));

        assertThat(router.sent(1)).hasSize(1);
        assertNothingLeft();
    }

    @Test
    void puttingTogetherAllocatesNothing() {
        byte[][] echo = cut(Frame.echo(A, US, 3000), 1500).toArray(byte[][]::new);
        byte[][] teardrop = {fragment(1, 0, 40, true), fragment(1, 24, 4, false)};
        Burst burst = new Burst(1);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().threadId();
        long allocated = -1;
        for (int round = 0; round < 50 && allocated != 0; round++) { // until the compilers are done
            long before = threads.getThreadAllocatedBytes(id);
            for (int i = 0; i < 20_000; i++) {
                forward(burst, echo);
                forward(burst, teardrop);
            }
            allocated = threads.getThreadAllocatedBytes(id) - before;
        }
        assertEquals(0, allocated);
    }

    private void forward(Burst burst, byte[][] frames) {
        for (byte[] frame : frames) {
            Packet packet = Objects.requireNonNull(router.pool.take());
            for (int i = 0; i < frame.length; i++) {
                Bytes.put8(packet.memory, packet.start + i, frame[i]);
            }
            packet.length = frame.length;
            packet.inPort = 0;
            burst.clear();
            burst.add(packet);
            router.forwarder.forward(burst);
        }
        Burst queue = router.output.queue(0);
        for (int i = 0; i < queue.count; i++) {
            router.output.partsTransmitted(queue.packets[i], Reason.FORWARDED);
        }
        queue.clear();
    }
}
