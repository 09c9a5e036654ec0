package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is for the router itself, by policy, and what it leaves alone in what it forwards.
class LocalPolicyTest {
    private static final String A = "10.1.0.2";
    private static final String OWN = "10.1.0.1";
    private static final String A6 = "2001:db8:1::2";
    private static final String OWN6 = "2001:db8:1::1";

    private final TestRouter router = new TestRouter(1500);

    private void set(PortPolicy policy) {
        Ip6Address own = Ip6Address.parse(OWN6);
        PortState[] ports = router.state.ports().clone();
        ports[0] =
                ports[0].withPolicy(policy)
                        .withAddresses6(
                                List.of(
                                        new PortState.Address6(
                                                own.high(), own.low(), 64, AddressState.VALID)));
        router.state.publishPorts(ports);
    }

    /// RFC 2644, RFC 1812 sections 5.3.5.2 and 4.3.2.7: what leaves for all stations of a link, and
    /// errors about nothing of it.
    static Stream<Arguments> directedBroadcasts() {
        byte[] toAll = Frame.udp(A, "10.2.0.255", 9, 9);
        byte[] linkBroadcast = Frame.with(toAll.clone(), m -> Bytes.put32(m, 0, -1));
        return Stream.of(
                Arguments.of("to another link", toAll, true, Reason.FORWARDED),
                Arguments.of("not set so", toAll, false, Reason.BROADCAST),
                Arguments.of("itself a broadcast", linkBroadcast, true, Reason.BROADCAST),
                Arguments.of(
                        "its old form", Frame.udp(A, "10.2.0.0", 9, 9), true, Reason.BROADCAST),
                Arguments.of(
                        "to its own link",
                        Frame.udp(A, "10.1.0.255", 9, 9),
                        true,
                        Reason.BROADCAST),
                Arguments.of(
                        "at its last hop",
                        Frame.udp(A, "10.2.0.255", 1, 9),
                        true,
                        Reason.TTL_EXPIRED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void directedBroadcasts(String what, byte[] frame, boolean on, Reason reason) {
        PortPolicy policy =
                on ? PortPolicy.NONE.with(PortPolicy.Allowed.DIRECTED_BROADCASTS) : PortPolicy.NONE;
        PortState[] ports = router.state.ports().clone();
        for (int i = 0; i < 2; i++) {
            ports[i] = ports[i].withPolicy(policy);
        }
        router.state.publishPorts(ports);
        router.receive(0, frame);

        List<byte[]> sent = router.sent(1);
        assertThat(sent).hasSize(reason == Reason.FORWARDED ? 1 : 0);
        for (byte[] each : sent) {
            MemorySegment m = MemorySegment.ofArray(each);
            assertThat(Ethernet.destination(m, 0)).isEqualTo(MacAddress.BROADCAST);
            assertThat(Ethernet.source(m, 0)).isEqualTo(TestRouter.MAC1);
            assertThat(Ipv4.ttl(m, 14)).isEqualTo(8);
        }
        assertThat(router.sent(0)).isEmpty();
        assertThat(router.endings(0)).isEqualTo(Map.of(reason, 1L));
    }

    /// RFC 5082 section 3 with a trust radius of one router.
    static Stream<Arguments> ttlSecurity() {
        return Stream.of(
                Arguments.of("from the link", Frame.udp(A, OWN, 255, 9), Reason.PORT_UNREACHABLE),
                Arguments.of(
                        "as near as asked", Frame.udp(A, OWN, 254, 9), Reason.PORT_UNREACHABLE),
                Arguments.of("too far", Frame.udp(A, OWN, 253, 9), Reason.TTL_SECURITY),
                Arguments.of(
                        "a fragment too far",
                        Frame.ipv4(A, OWN, 253, Ipv4.UDP, Ipv4.MF, 64),
                        Reason.TTL_SECURITY),
                Arguments.of("ICMP", Frame.echo(A, OWN, 9), Reason.ECHO_ANSWERED),
                Arguments.of("transit", Frame.udp(A, "10.2.0.2", 9, 9), Reason.FORWARDED),
                Arguments.of(
                        "IPv6, as near as asked",
                        Frame6.udp(A6, OWN6, 254, 9),
                        Reason.PORT_UNREACHABLE),
                Arguments.of("IPv6, too far", Frame6.udp(A6, OWN6, 253, 9), Reason.TTL_SECURITY),
                Arguments.of(
                        "IPv6, a later fragment too far",
                        Frame6.behind(
                                Frame6.udp(A6, OWN6, 253, 56),
                                Ipv6.FRAGMENT,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0,
                                (byte) 8,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0,
                                (byte) 1),
                        Reason.TTL_SECURITY),
                Arguments.of("ICMPv6", Frame6.echo("fe80::2", OWN6, 9), Reason.ECHO_ANSWERED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void ttlSecurity(String what, byte[] frame, Reason reason) {
        set(PortPolicy.NONE.withTtlSecurity(254));
        router.receive(0, frame);
        router.sent(0);
        router.sent(1);

        assertThat(router.endings(0)).isEqualTo(Map.of(reason, 1L));
    }

    /// RFC 5082 section 3: what is said leaves with 255, for who asks for that.
    @Test
    void answersAreAsNearAsCanBe() {
        router.receive(0, Frame.udp(A, OWN, 64, 9));

        assertThat(Ipv4.ttl(MemorySegment.ofArray(router.sent(0).getFirst()), 14)).isEqualTo(255);
    }

    /// RFC 792 types that RFC 1812 section 4.3.3.8 leaves to us or RFC 6918 has deprecated.
    @ParameterizedTest
    @ValueSource(ints = {13, 15, 17})
    void oldRequestsAreNotAnswered(int type) {
        byte[] frame =
                Frame.with(
                        Frame.ipv4(A, OWN, 64, Ipv4.ICMP, 0, 20),
                        m -> Icmp4.write(m, 34, type, 0, 0x12340001, 20));
        router.receive(0, frame);

        assertThat(router.sent(0)).isEmpty();
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.ICMP_UNANSWERED, 1L));
    }

    /// RFC 2474 section 3, RFC 3168 section 5: every value of the byte.
    @Test
    void dscpAndEcnGoOnUntouched() {
        for (int tos = 0; tos < 256; tos++) {
            router.receive(0, Frame.withByte(Frame.udp(A, "10.2.0.2", 64, 9), 15, tos));
            MemorySegment m = MemorySegment.ofArray(router.sent(1).getFirst());
            assertThat(Ipv4.tos(m, 14)).isEqualTo(tos);
            assertThat(Ipv4.validate(m, 14, (int) m.byteSize() - 14)).isNull();
        }
    }

    /// One port that asks for too much leaves the other its answers (RFC 1812 section 4.3.2.8).
    @Test
    void limitsAreOfEachPort() {
        PortBuckets buckets = new PortBuckets(1, 2);
        assertThat(buckets.take(0, 0)).isTrue();
        assertThat(buckets.take(0, 0)).isTrue();
        assertThat(buckets.take(0, 0)).isFalse();
        assertThat(buckets.take(1, 0)).isTrue();
        assertThat(buckets.take(0, 1_000_000_000)).isTrue();
        assertThat(buckets.take(0, 1_000_000_000)).isFalse();
    }

    /// RFC 7600 section 4.8.
    @Test
    void errorsOfPortsWithoutAnAddressHaveTheDummyAddress() {
        PortState[] ports = router.state.ports().clone();
        ports[0] =
                new PortState(0, "p0", router.state.main, TestRouter.MAC0, 1500, true, List.of());
        router.state.publishPorts(ports);
        router.receive(0, Frame.udp(A, "10.2.0.2", 1, 9));

        MemorySegment m = MemorySegment.ofArray(router.sent(0).getFirst());
        assertThat(Ipv4.source(m, 14)).isEqualTo(0xc0000008);
        assertThat(Bytes.u8(m, 34)).isEqualTo(Icmp4.TIME_EXCEEDED);
    }
}
