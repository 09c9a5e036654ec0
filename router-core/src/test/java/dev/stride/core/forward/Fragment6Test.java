package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.forward.PortState.Address6;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// IPv6 fragments to the router and from it (RFC 8200 section 4.5).
class Fragment6Test {
    private static final String A = "2001:db8:1::2";
    private static final String US = "2001:db8:1::1";
    private static final String NEAR = "fe80::2";
    private static final String NEAR_US = "fe80::1";
    private static final int FRAGMENT = 44;
    private static final int DATA = Frame6.UPPER + 8;

    private final TestRouter router = new TestRouter(1400);

    @BeforeEach
    void speakIpv6() {
        PortState[] ports = router.state.ports().clone();
        ports[0] = ports[0].withAddresses6(List.of(own(US), own(NEAR_US)));
        ports[1] = ports[1].withAddresses6(List.of(own(NEAR_US)));
        router.state.publishPorts(ports);
        Adjacency host = Adjacency.neighbor(0, Ip6Address.parse(A));
        host.resolve(new Rewrite(TestRouter.HOST0, TestRouter.MAC0));
        Ip6Address a = Ip6Address.parse(A);
        router.state.nextHops.set(100, new NextHop(host));
        router.state.main.fib6.set(a.high(), a.low(), 128, 100);
    }

    private static Address6 own(String address) {
        Ip6Address a = Ip6Address.parse(address);
        return new Address6(a.high(), a.low(), 64, AddressState.VALID);
    }

    /// The bytes `[from, to)` of the payload of `whole` as a fragment with identification 7.
    private static byte[] fragment(byte[] whole, int from, int to, boolean more) {
        byte[] part = Arrays.copyOf(whole, Frame6.UPPER + to - from);
        System.arraycopy(whole, Frame6.UPPER + from, part, Frame6.UPPER, to - from);
        byte[] header = {
            0, 0, (byte) (from >> 8), (byte) (from & 0xf8 | (more ? 1 : 0)), 0, 0, 0, 7
        };
        return Frame6.behind(part, FRAGMENT, header);
    }

    private static List<byte[]> cut(byte[] whole) {
        int payload = whole.length - Frame6.UPPER;
        List<byte[]> fragments = new ArrayList<>();
        for (int at = 0; at < payload; at += 1448) {
            int end = Math.min(at + 1448, payload);
            fragments.add(fragment(whole, at, end, end < payload));
        }
        return fragments;
    }

    /// The payload of the fragments, in their order.
    private static byte[] join(List<byte[]> fragments) {
        byte[] joined = {};
        for (int i = 0; i < fragments.size(); i++) {
            byte[] frame = fragments.get(i);
            MemorySegment m = MemorySegment.ofArray(frame);
            assertThat(Ipv6.validate(m, 14, frame.length - 14)).isNull();
            assertThat(frame.length).isLessThanOrEqualTo(14 + Ipv6.MIN_MTU);
            assertEquals(FRAGMENT, Ipv6.nextHeader(m, 14));
            assertEquals(Ipv6.ICMP, Bytes.u8(m, Frame6.UPPER));
            assertEquals(
                    joined.length | (i < fragments.size() - 1 ? 1 : 0),
                    Bytes.u16(m, Frame6.UPPER + 2));
            assertEquals(
                    Bytes.i32(MemorySegment.ofArray(fragments.getFirst()), Frame6.UPPER + 4),
                    Bytes.i32(m, Frame6.UPPER + 4));
            int at = joined.length;
            joined = Arrays.copyOf(joined, at + frame.length - DATA);
            System.arraycopy(frame, DATA, joined, at, frame.length - DATA);
        }
        return joined;
    }

    private void assertNothingLeft() {
        assertEquals(router.pool.size(), router.pool.available(), "packets came back");
        for (PortCounters counters : router.counters) {
            long ended = 0;
            for (Reason reason : Reason.values()) {
                ended += counters.endings(reason);
            }
            assertEquals(counters.get(PortCounters.RECEIVED), ended, "each ended once");
        }
    }

    private void receiveAll(List<byte[]> frames) {
        frames.forEach(frame -> router.receive(0, frame));
    }

    private static byte[] counting(byte[] echo) {
        for (int i = Frame6.UPPER + 4; i < echo.length; i++) {
            echo[i] = (byte) (i * 31 + (i >> 8));
        }
        MemorySegment m = MemorySegment.ofArray(echo);
        Icmp6.writeChecksum(m, Frame6.IP, Frame6.UPPER, echo.length - Frame6.UPPER);
        return echo;
    }

    @ParameterizedTest
    @ValueSource(ints = {1453, 20_000, 65_527})
    void longEchoIsAnsweredInFragments(int payload) {
        byte[] request = counting(Frame6.echo(A, US, payload));
        List<byte[]> fragments = cut(request);
        Collections.shuffle(fragments, new Random(payload));
        receiveAll(fragments);

        List<byte[]> sent = router.sent(0);
        byte[] reply = join(sent);
        assertEquals(8 + payload, reply.length);
        assertEquals((byte) Icmp6.ECHO_REPLY, reply[0]);
        assertThat(Arrays.copyOfRange(reply, 4, reply.length))
                .isEqualTo(Arrays.copyOfRange(request, Frame6.UPPER + 4, request.length));
        byte[] whole = Frame6.ipv6(US, A, 64, Ipv6.ICMP, Math.min(reply.length, 65_535));
        System.arraycopy(reply, 0, whole, Frame6.UPPER, reply.length);
        assertThat(
                        Icmp6.isIntact(
                                MemorySegment.ofArray(whole),
                                Frame6.IP,
                                Frame6.UPPER,
                                reply.length))
                .isTrue();
        assertEquals(
                Map.of(
                        Reason.ECHO_ANSWERED,
                        1L,
                        Reason.FRAGMENT_REASSEMBLED,
                        fragments.size() - 1L),
                router.endings(0));
        assertEquals(sent.size(), router.counters[0].get(PortCounters.FRAGMENTS));
        assertNothingLeft();
    }

    @Test
    void answersOnTheLinkAreCutToo() {
        receiveAll(cut(counting(Frame6.echo(NEAR, NEAR_US, 3000))));

        assertEquals(3008, join(router.sent(0)).length);
        assertNothingLeft();
    }

    /// Headers before the fragment header are each fragment's own; those of the first one count.
    @Test
    void headersBeforeAndBehindTheFragmentHeaderStay() {
        byte[] pad = {0, 0, 1, 4, 0, 0, 0, 0};
        byte[] echo = Frame6.behind(counting(Frame6.echo(A, US, 2000)), 60, pad);
        for (byte[] fragment : cut(echo)) {
            router.receive(0, Frame6.behind(fragment, 60, pad));
        }
        assertEquals(2008, join(router.sent(0)).length);
        assertNothingLeft();
    }

    @Test
    void overlapIsSilent() {
        byte[] echo = Frame6.echo(A, US, 100);
        receiveAll(
                List.of(
                        fragment(echo, 0, 48, true),
                        fragment(counting(echo), 40, 80, true),
                        fragment(echo, 80, 108, false),
                        fragment(echo, 48, 80, true)));

        assertThat(router.sent(0)).isEmpty();
        assertEquals(Map.of(Reason.FRAGMENT_OVERLAP, 4L), router.endings(0));
        assertNothingLeft();
    }

    @Test
    void halfAUnitIsToldWithTheFieldThatIsWrong() {
        router.receive(0, fragment(Frame6.echo(A, US, 100), 0, 47, true));

        assertProblem(4);
        assertEquals(Map.of(Reason.FRAGMENT_MALFORMED, 1L), router.endings(0));
    }

    @Test
    void tooLongIsToldWithTheFieldThatIsWrong() {
        byte[] last = fragment(Frame6.echo(A, US, 100), 0, 8, false);
        Bytes.put16(MemorySegment.ofArray(last), Frame6.UPPER + 2, 65_528);
        router.receive(0, last);

        assertProblem(42);
        assertEquals(Map.of(Reason.FRAGMENT_TOO_LONG, 1L), router.endings(0));
    }

    private void assertProblem(int pointer) {
        assertThat(router.sent(0))
                .singleElement()
                .satisfies(
                        f -> {
                            MemorySegment m = MemorySegment.ofArray(f);
                            assertEquals(Icmp6.PARAMETER_PROBLEM, Icmp6.type(m, Frame6.UPPER));
                            assertEquals(Icmp6.ERRONEOUS_FIELD, Icmp6.code(m, Frame6.UPPER));
                            assertEquals(pointer, Bytes.i32(m, Frame6.UPPER + 4));
                        });
        assertNothingLeft();
    }

    @Test
    void lateDatagramIsTimeExceededAndQuotedAsItCame() {
        byte[] first = fragment(Frame6.echo(A, US, 100), 0, 48, true);
        router.receive(0, first);
        assertEquals(1, router.slow.tick(Reassembly.TIMEOUT_NANOS));

        assertThat(router.sent(0))
                .singleElement()
                .satisfies(
                        f -> {
                            MemorySegment m = MemorySegment.ofArray(f);
                            assertEquals(Icmp6.TIME_EXCEEDED, Icmp6.type(m, Frame6.UPPER));
                            assertEquals(Icmp6.REASSEMBLY_TIME, Icmp6.code(m, Frame6.UPPER));
                            assertThat(Arrays.copyOfRange(f, Frame6.UPPER + 8, f.length))
                                    .isEqualTo(Arrays.copyOfRange(first, 14, first.length));
                        });
        assertEquals(Map.of(Reason.FRAGMENT_TIMEOUT, 1L), router.endings(0));
        assertNothingLeft();
    }

    /// RFC 7112: the first fragment has all headers.
    @Test
    void headersThatGoOnInTheNextFragmentAreRefused() {
        byte[] long64 = new byte[64];
        long64[1] = 7;
        byte[] echo = Frame6.behind(counting(Frame6.echo(A, US, 100)), 60, long64);
        router.receive(0, fragment(echo, 0, 32, true));

        assertEquals(Map.of(Reason.IPV6_EXTENSION, 1L), router.endings(0));
        assertNothingLeft();
    }

    @Test
    void moreHeadersThanThereIsRoomForAreRefused() {
        byte[] long272 = new byte[272];
        long272[1] = 33;
        byte[] first = fragment(Frame6.echo(A, US, 100), 0, 48, true);
        router.receive(0, Frame6.behind(first, 60, long272));

        assertEquals(Map.of(Reason.IPV6_EXTENSION, 1L), router.endings(0));
        assertNothingLeft();
    }

    /// RFC 8200 section 5: only sources may cut.
    @Test
    void forwardedPacketsAreNotCut() {
        Adjacency host = Adjacency.neighbor(1, Ip6Address.parse("2001:db8:2::2"));
        host.resolve(new Rewrite(TestRouter.HOST1, TestRouter.MAC1));
        router.state.nextHops.set(101, new NextHop(host));
        router.state.main.fib6.set(0x20010db8_00020000L, 2, 128, 101);
        router.receive(0, Frame6.echo(A, "2001:db8:2::2", 1400));

        assertThat(router.sent(1)).isEmpty();
        assertEquals(Map.of(Reason.MTU_EXCEEDED, 1L), router.endings(0));
    }

    /// The same link-local address on two links is two hosts.
    @Test
    void linksAreKeptApart() {
        byte[] echo = counting(Frame6.echo(NEAR, NEAR_US, 100));
        byte[] byOther = fragment(echo, 48, 108, false);
        MemorySegment m = MemorySegment.ofArray(byOther);
        Ethernet.rewrite(m, 0, TestRouter.MAC1, TestRouter.HOST1);
        router.receive(0, fragment(echo, 0, 48, true));
        router.receive(1, byOther);

        assertThat(router.sent(0)).isEmpty();
        router.receive(0, fragment(echo, 48, 108, false));
        assertThat(router.sent(0)).hasSize(1);
    }
}
