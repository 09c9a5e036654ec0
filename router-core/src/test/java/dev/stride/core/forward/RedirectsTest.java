package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Another router, 10.1.0.9 and fe80::9, is on the link of port 0, where the host is, too.
class RedirectsTest {
    private static final String A = "10.1.0.2";
    private static final String A6 = "2001:db8:1::2";
    private static final long OTHER = 0x020000000109L;

    private final TestRouter router = new TestRouter(1500);
    private int nextHops = 100;

    @BeforeEach
    void anotherRouter() {
        PortState[] ports = router.state.ports().clone();
        ports[0] =
                ports[0].withPolicy(PortPolicy.NONE.with(PortPolicy.Allowed.REDIRECTS))
                        .withAddresses6(List.of(own("2001:db8:1::1"), own("fe80::1")));
        ports[1] = ports[1].withAddresses6(List.of(own("2001:db8:2::1"), own("fe80::11")));
        router.state.publishPorts(ports);
        router.route("198.51.100.0/24", neighbor("10.1.0.9"));
        router.route("10.1.0.7/32", neighbor("10.1.0.7"));
        router.route("203.0.113.0/24", neighbor("fe80::9"));
        route("2001:db8:9::/48", neighbor("fe80::9"));
        route("2001:db8:8::/48", neighbor("2001:db8:1::9"));
        route("2001:db8:1::7/128", neighbor("2001:db8:1::7"));
    }

    private static Adjacency neighbor(String address) {
        boolean six = address.contains(":");
        Adjacency there =
                Adjacency.neighbor(0, six ? Ip6Address.parse(address) : Ip4Address.parse(address));
        there.resolve(new Rewrite(OTHER, TestRouter.MAC0));
        return there;
    }

    private static PortState.Address6 own(String address) {
        Ip6Address a = Ip6Address.parse(address);
        return new PortState.Address6(a.high(), a.low(), 64, AddressState.VALID);
    }

    private void route(String prefix, Adjacency to) {
        Ip6Prefix p = Ip6Prefix.parse(prefix);
        router.state.nextHops.set(++nextHops, new NextHop(to));
        router.state.main.fib6.set(p.high(), p.low(), p.length(), nextHops);
    }

    /// The redirects among what leaves port 0, behind which the packet itself goes on.
    private List<byte[]> redirects(byte[] frame) {
        router.receive(0, frame);
        List<byte[]> sent = router.sent(0);
        assertThat(sent).isNotEmpty();
        byte[] last = sent.getLast();
        assertThat(Ethernet.destination(MemorySegment.ofArray(last), 0)).isEqualTo(OTHER);
        assertThat(tail(last)).isEqualTo(tail(frame));
        return sent.subList(0, sent.size() - 1);
    }

    private static byte[] tail(byte[] frame) {
        return Arrays.copyOfRange(frame, 26, frame.length);
    }

    /// RFC 1812 section 5.2.7.2, RFC 792: for the host alone, from our address on its network, with
    /// the packet as it came.
    @ParameterizedTest
    @CsvSource({"198.51.100.1, 10.1.0.9", "10.1.0.7, 10.1.0.7"})
    void hostIsToldOfTheBetterFirstHop(String destination, String gateway) {
        byte[] frame = Frame.udp(A, destination, 64, 9);
        List<byte[]> redirects = redirects(frame);

        assertThat(redirects).hasSize(1);
        byte[] redirect = redirects.getFirst();
        MemorySegment m = MemorySegment.ofArray(redirect);
        assertThat(Ethernet.destination(m, 0)).isEqualTo(TestRouter.HOST0);
        assertThat(Ipv4.validate(m, 14, redirect.length - 14)).isNull();
        assertThat(new Ip4Address(Ipv4.source(m, 14))).hasToString("10.1.0.1");
        assertThat(new Ip4Address(Ipv4.destination(m, 14))).hasToString(A);
        assertThat(Bytes.u16(m, 34)).isEqualTo(Icmp4.REDIRECT << 8 | Icmp4.REDIRECT_HOST);
        assertThat(new Ip4Address(Bytes.i32(m, 38))).hasToString(gateway);
        assertThat(Checksum.of(m, 34, redirect.length - 34)).isZero();
        assertThat(redirect).endsWith(Arrays.copyOfRange(frame, 14, frame.length));
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.FORWARDED, 1L));
    }

    @Test
    void nothingIsToldToThoseOfOtherNetworks() {
        assertThat(redirects(Frame.udp("172.16.0.1", "198.51.100.1", 64, 9))).isEmpty();
    }

    @Test
    void nothingIsToldOfTheHostItself() {
        assertThat(redirects(Frame.udp("10.1.0.7", "10.1.0.7", 64, 9))).isEmpty();
    }

    @Test
    void nothingIsToldOfANextHopOfTheOtherFamily() {
        assertThat(redirects(Frame.udp(A, "203.0.113.1", 64, 9))).isEmpty();
    }

    /// RFC 1812 section 4.3.2.7.
    @Test
    void nothingIsToldAboutLaterFragments() {
        assertThat(redirects(Frame.ipv4(A, "198.51.100.1", 64, Ipv4.UDP, 5, 64))).isEmpty();
    }

    @Test
    void nothingIsToldAboutSourceRoutes() {
        PortState[] ports = router.state.ports().clone();
        PortPolicy policy = ports[0].policy().with(PortPolicy.Allowed.SOURCE_ROUTES);
        ports[0] = ports[0].withPolicy(policy);
        router.state.publishPorts(ports);
        byte[] plain = Frame.udp(A, "198.51.100.1", 64, 12);
        byte[] frame =
                Frame.with(
                        plain,
                        m -> {
                            Bytes.put8(m, 14, 0x46);
                            Bytes.put32(m, 34, 0x83030400);
                            Ipv4.writeChecksum(m, 14);
                        });
        assertThat(redirects(frame)).isEmpty();
    }

    @Test
    void nothingIsToldUnlessThePortIsSetSo() {
        PortState[] ports = router.state.ports().clone();
        ports[0] = ports[0].withPolicy(PortPolicy.NONE);
        router.state.publishPorts(ports);

        assertThat(redirects(Frame.udp(A, "198.51.100.1", 64, 9))).isEmpty();
        assertThat(redirects(Frame6.udp(A6, "2001:db8:9::1", 64, 9))).isEmpty();
    }

    @Test
    void answersOfOurOwnAreNoReason() {
        router.receive(0, Frame.echo(A, "10.1.0.1", 9), Frame6.echo(A6, "2001:db8:1::1", 9));

        for (byte[] sent : router.sent(0)) {
            MemorySegment m = MemorySegment.ofArray(sent);
            assertThat(Bytes.u8(m, sent[14] >>> 4 == 4 ? 34 : 54)).isNotIn(5, Icmp6.REDIRECT);
        }
    }

    /// RFC 4861 sections 4.5 and 8.2.
    @ParameterizedTest
    @CsvSource({
        "2001:db8:9::1, fe80::9, 9",
        "2001:db8:1::7, 2001:db8:1::7, 9",
        "2001:db8:9::1, fe80::9, 1400"
    })
    void hostIsToldOverIpv6(String destination, String target, int payload) {
        byte[] frame = Frame6.udp(A6, destination, 64, payload);
        List<byte[]> redirects = redirects(frame);

        assertThat(redirects).hasSize(1);
        byte[] redirect = redirects.getFirst();
        MemorySegment m = MemorySegment.ofArray(redirect);
        assertThat(Ethernet.destination(m, 0)).isEqualTo(TestRouter.HOST0);
        assertThat(redirect.length - 14).isLessThanOrEqualTo(Ipv6.MIN_MTU);
        assertThat(Ipv6.payloadLength(m, 14)).isEqualTo(redirect.length - 54);
        assertThat(Ipv6.hopLimit(m, 14)).isEqualTo(255);
        assertThat(address(m, 22)).isEqualTo("fe80::1");
        assertThat(address(m, 38)).isEqualTo(A6);
        assertThat(Bytes.u16(m, 54)).isEqualTo(Icmp6.REDIRECT << 8);
        assertThat(Icmp6.isIntact(m, 14, 54, redirect.length - 54)).isTrue();
        assertThat(address(m, 62)).isEqualTo(target);
        assertThat(address(m, 78)).isEqualTo(destination);
        assertThat(Bytes.u16(m, 94)).isEqualTo(0x0201);
        assertThat(Bytes.u48(m, 96)).isEqualTo(OTHER);
        int quoted = redirect.length - 110;
        assertThat(Bytes.i64(m, 102)).isEqualTo((0x0400L | 1 + quoted / 8) << 48);
        assertThat(quoted).isEqualTo(Math.min(frame.length - 14, 1280 - 96) & -8);
        assertThat(redirect).endsWith(Arrays.copyOfRange(frame, 14, 14 + quoted));
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.FORWARDED_IPV6, 1L));
    }

    private static String address(MemorySegment m, int at) {
        return new Ip6Address(Bytes.i64(m, at), Bytes.i64(m, at + 8)).toString();
    }

    /// The router behind a global address cannot be named (RFC 4861 section 4.5).
    @ParameterizedTest
    @ValueSource(strings = {A6, "2001:db8:77::1"})
    void nothingIsToldOverIpv6(String source) {
        String to = source.equals(A6) ? "2001:db8:8::1" : "2001:db8:9::1";
        assertThat(redirects(Frame6.udp(source, to, 64, 9))).isEmpty();
    }
}
