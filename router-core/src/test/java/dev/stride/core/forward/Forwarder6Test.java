package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.Evidence;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.forward.PortState.Address6;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Nd;
import dev.stride.core.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class Forwarder6Test {
    private static final String A = "2001:db8:1::2";
    private static final String B = "2001:db8:2::2";
    private static final String OWN0 = "2001:db8:1::1";
    private static final String OWN1 = "2001:db8:2::1";
    private static final String NEAR = "fe80::2";
    private static final String OWN_NEAR = "fe80::1";
    private static final String GROUP = "ff02::1:ff00:1"; // of OWN0 and OWN_NEAR
    private static final byte[] GOOD = Frame6.udp(A, B, 64, 100);
    private static final byte[] PAD = {0, 0, 1, 4, 0, 0, 0, 0}; // options header with PadN

    private final TestRouter router = new TestRouter(1400);
    private int nextHops = 100;

    @BeforeEach
    void speakIpv6() {
        PortState[] ports = router.state.ports().clone();
        ports[0] = ports[0].withAddresses6(List.of(own(OWN0), own(OWN_NEAR)));
        ports[1] = ports[1].withAddresses6(List.of(own(OWN1), own("fe80::11")));
        router.state.publishPorts(ports);
        Adjacency host0 = Adjacency.neighbor(0, Ip6Address.parse(A));
        Adjacency host1 = Adjacency.neighbor(1, Ip6Address.parse(B));
        host0.resolve(new Rewrite(TestRouter.HOST0, TestRouter.MAC0));
        host1.resolve(new Rewrite(TestRouter.HOST1, TestRouter.MAC1));
        route("2001:db8:1::/64", Adjacency.link(0));
        route("2001:db8:2::/64", Adjacency.link(1));
        route(A + "/128", host0);
        route(B + "/128", host1);
        route("2001:db8:bad::/48", Adjacency.PROHIBIT);
    }

    private static Address6 own(String address) {
        Ip6Address a = Ip6Address.parse(address);
        return new Address6(a.high(), a.low(), 64, AddressState.VALID);
    }

    private void route(String prefix, Adjacency to) {
        Ip6Prefix p = Ip6Prefix.parse(prefix);
        router.state.nextHops.set(++nextHops, new NextHop(to));
        router.state.main.fib6.set(p.high(), p.low(), p.length(), nextHops);
    }

    private static byte[] change(byte[] frame, int at, int value) {
        return Frame.with(frame, m -> Bytes.put8(m, at, value));
    }

    private static byte[] solicit(String from, String to, String target) {
        return Frame6.neighbor(Icmp6.NEIGHBOR_SOLICITATION, from, to, 0, target, Nd.SOURCE_ADDRESS);
    }

    private static byte[] advertise(int flags, String target) {
        return Frame6.neighbor(
                Icmp6.NEIGHBOR_ADVERTISEMENT, target, OWN0, flags, target, Nd.TARGET_ADDRESS);
    }

    /// A SYN to the router.
    private static byte[] tcp() {
        return Frame.with(
                Frame6.ipv6(A, OWN1, 64, Ipv4.TCP, 20),
                m -> {
                    Bytes.put32(m, 66, 5 << 28 | Tcp.SYN << 16);
                    Bytes.put32(m, 70, 0);
                    long pseudo = Checksum.pseudo6(m, 14, Ipv4.TCP, 20);
                    Bytes.put16(m, 70, Checksum.finish(Checksum.add(pseudo, m, 54, 20)));
                });
    }

    @Test
    void tcpToTheRouterIsReset() {
        router.receive(0, tcp());

        MemorySegment m = only(router.sent(0));
        assertThat(Tcp.flags(m, 54)).isEqualTo(Tcp.RST | Tcp.ACK);
        assertThat(source(m)).isEqualTo(OWN1);
        assertThat(destination(m)).isEqualTo(A);
        long pseudo = Checksum.pseudo6(m, 14, Ipv4.TCP, 20);
        assertThat(Checksum.finish(Checksum.add(pseudo, m, 54, 20))).isZero();
    }

    /// One row a rule: name, frame, ending.
    static Stream<Arguments> endings() {
        byte[] echo = Frame6.echo(A, OWN0, 56);
        byte[] question = solicit(A, GROUP, OWN0);
        return Stream.of(
                Arguments.of("forwarded", GOOD, Reason.FORWARDED_IPV6),
                Arguments.of("RFC 8200 3 version", change(GOOD, 14, 0x45), Reason.IPV6_VERSION),
                Arguments.of(
                        "RFC 8200 3 header cut", Arrays.copyOf(GOOD, 53), Reason.IPV6_TRUNCATED),
                Arguments.of(
                        "RFC 8200 3 payload cut",
                        Arrays.copyOf(GOOD, GOOD.length - 1),
                        Reason.IPV6_TRUNCATED),
                Arguments.of("RFC 8200 3 hop limit 1", Frame6.udp(A, B, 1, 9), Reason.TTL_EXPIRED),
                Arguments.of("RFC 8200 3 hop limit 0", Frame6.udp(A, B, 0, 9), Reason.TTL_EXPIRED),
                Arguments.of(
                        "RFC 8200 4 extension headers are not looked at",
                        Frame6.behind(GOOD, 60, (byte) 0, (byte) 0, (byte) 0xc7, (byte) 99),
                        Reason.FORWARDED_IPV6),
                Arguments.of("RFC 8200 5 too big", Frame6.udp(A, B, 64, 1400), Reason.MTU_EXCEEDED),
                Arguments.of("no route", Frame6.udp(A, "2001:db9::1", 64, 9), Reason.NO_ROUTE),
                Arguments.of(
                        "prohibited", Frame6.udp(A, "2001:db8:bad::1", 64, 9), Reason.PROHIBITED),
                Arguments.of(
                        "RFC 4291 2.5.2 source unspecified",
                        Frame6.udp("::", B, 64, 9),
                        Reason.MARTIAN_SOURCE),
                Arguments.of(
                        "RFC 4291 2.5.2 destination unspecified",
                        Frame6.udp(A, "::", 64, 9),
                        Reason.MARTIAN_DESTINATION),
                Arguments.of(
                        "RFC 4291 2.5.3 source loopback",
                        Frame6.udp("::1", B, 64, 9),
                        Reason.MARTIAN_SOURCE),
                Arguments.of(
                        "RFC 4291 2.5.3 destination loopback",
                        Frame6.udp(A, "::1", 64, 9),
                        Reason.MARTIAN_DESTINATION),
                Arguments.of(
                        "RFC 4291 2.5.5.2 IPv4-mapped",
                        Frame6.udp(A, "::ffff:10.2.0.2", 64, 9),
                        Reason.MARTIAN_DESTINATION),
                Arguments.of(
                        "RFC 4291 2.5.5.1 IPv4-compatible",
                        Frame6.udp(A, "::10.2.0.2", 64, 9),
                        Reason.MARTIAN_DESTINATION),
                Arguments.of(
                        "RFC 4291 2.5.5.1 source IPv4-compatible",
                        Frame6.udp("::127.0.0.1", B, 64, 9),
                        Reason.MARTIAN_SOURCE),
                Arguments.of(
                        "RFC 4291 2.7 source multicast",
                        Frame6.udp("ff02::5", B, 64, 9),
                        Reason.MARTIAN_SOURCE),
                Arguments.of("source our own", Frame6.udp(OWN1, B, 64, 9), Reason.MARTIAN_SOURCE),
                Arguments.of(
                        "RFC 4291 2.5.6 link-local source",
                        Frame6.udp(NEAR, B, 64, 9),
                        Reason.IPV6_SCOPE),
                Arguments.of(
                        "RFC 4291 2.5.6 link-local destination",
                        Frame6.udp(A, "fe80::77", 64, 9),
                        Reason.IPV6_SCOPE),
                Arguments.of(
                        "link-local address of another port",
                        Frame6.echo(NEAR, "fe80::11", 8),
                        Reason.IPV6_SCOPE),
                Arguments.of("group", Frame6.udp(A, "ff0e::5", 64, 9), Reason.MULTICAST),
                Arguments.of(
                        "unicast in a link-layer multicast",
                        Frame.with(GOOD, m -> Bytes.put48(m, 0, Ipv6.multicastMac(1))),
                        Reason.LINK_BROADCAST),
                Arguments.of("RFC 4443 4.2 echo", echo, Reason.ECHO_ANSWERED),
                Arguments.of(
                        "RFC 4443 4.2 echo to all nodes",
                        Frame6.echo(NEAR, "ff02::1", 8),
                        Reason.ECHO_ANSWERED),
                Arguments.of(
                        "RFC 4291 2.6.1 subnet-router anycast",
                        Frame6.echo(A, "2001:db8:2::", 8),
                        Reason.ECHO_ANSWERED),
                Arguments.of(
                        "echo behind options",
                        Frame6.behind(Frame6.echo(A, OWN0, 9), 0, PAD),
                        Reason.ECHO_ANSWERED),
                Arguments.of(
                        "RFC 4443 2.3 checksum", change(echo, 60, 0x55), Reason.LOCAL_MALFORMED),
                Arguments.of("UDP to us", Frame6.udp(A, OWN1, 64, 9), Reason.PORT_UNREACHABLE),
                Arguments.of("TCP to us", tcp(), Reason.TCP_CLOSED),
                Arguments.of(
                        "TCP to us, wrong checksum",
                        Frame6.ipv6(A, OWN1, 64, Ipv4.TCP, 20),
                        Reason.LOCAL_MALFORMED),
                Arguments.of(
                        "RFC 8200 4 unknown next header",
                        Frame6.ipv6(A, OWN1, 64, 200, 20),
                        Reason.PROTOCOL_UNREACHABLE),
                Arguments.of(
                        "RFC 8200 4.2 option to know",
                        Frame6.behind(
                                echo,
                                60,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0x87,
                                (byte) 4,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0),
                        Reason.IPV6_EXTENSION),
                Arguments.of(
                        "RFC 5095 routing header",
                        Frame6.behind(
                                echo, 43, (byte) 0, (byte) 0, (byte) 0, (byte) 1, (byte) 0,
                                (byte) 0, (byte) 0, (byte) 0),
                        Reason.IPV6_EXTENSION),
                Arguments.of(
                        "extension header beyond the datagram",
                        Frame6.behind(
                                echo,
                                60,
                                (byte) 0,
                                (byte) 255,
                                (byte) 1,
                                (byte) 4,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0),
                        Reason.IPV6_EXTENSION),
                Arguments.of(
                        "RFC 8200 4.5 half a unit of a fragment to us",
                        Frame6.behind(
                                Frame6.udp(A, OWN0, 64, 11),
                                44,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0,
                                (byte) 1,
                                (byte) 0,
                                (byte) 0,
                                (byte) 0,
                                (byte) 7),
                        Reason.FRAGMENT_MALFORMED),
                Arguments.of("RFC 4861 7.2.3 solicitation", question, Reason.ND_ANSWERED),
                Arguments.of(
                        "RFC 4861 7.1.1 hop limit", change(question, 21, 254), Reason.ND_MALFORMED),
                Arguments.of(
                        "RFC 4861 7.1.1 target is a group",
                        solicit(A, GROUP, "ff02::1:ff00:1"),
                        Reason.ND_MALFORMED),
                Arguments.of(
                        "RFC 4861 7.1.1 option of length zero",
                        Frame6.icmp(A, OWN0, 255, Icmp6.NEIGHBOR_SOLICITATION, new byte[28]),
                        Reason.ND_MALFORMED),
                Arguments.of(
                        "RFC 4861 7.1.1 probe with a source address",
                        solicit("::", GROUP, OWN0),
                        Reason.ND_MALFORMED),
                Arguments.of(
                        "solicitation for somebody else",
                        solicit(A, GROUP, "2001:db8:1::ff:1"),
                        Reason.ND_NOT_FOR_US),
                Arguments.of(
                        "advertisement of our address",
                        advertise(Nd.OVERRIDE, OWN_NEAR),
                        Reason.ND_CONFLICT),
                Arguments.of(
                        "advertisement of a neighbor",
                        advertise(Nd.OVERRIDE, "2001:db8:1::99"),
                        Reason.ND_HEARD),
                Arguments.of(
                        "RFC 4861 8.2 a router follows no redirect",
                        Frame6.icmp(NEAR, OWN0, 255, Icmp6.REDIRECT, new byte[36]),
                        Reason.ND_NOT_FOR_US),
                Arguments.of(
                        "RFC 4861 6.2.6 router solicitation",
                        Frame6.icmp(NEAR, "ff02::2", 255, Icmp6.ROUTER_SOLICITATION, new byte[4]),
                        Reason.ND_HEARD),
                Arguments.of(
                        "RFC 3810 query",
                        Frame6.icmp(NEAR, "ff02::1", 1, Icmp6.LISTENER_QUERY, new byte[24]),
                        Reason.ND_HEARD));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void endings(String name, byte[] frame, Reason reason) {
        router.receive(0, frame);
        router.sent(0);
        router.sent(1);
        assertThat(router.endings(0)).isEqualTo(Map.of(reason, 1L));
    }

    private static MemorySegment only(List<byte[]> frames) {
        assertThat(frames).hasSize(1);
        return MemorySegment.ofArray(frames.getFirst());
    }

    private static String source(MemorySegment m) {
        return new Ip6Address(Ipv6.sourceHigh(m, 14), Ipv6.sourceLow(m, 14)).toString();
    }

    private static String destination(MemorySegment m) {
        return new Ip6Address(Ipv6.destinationHigh(m, 14), Ipv6.destinationLow(m, 14)).toString();
    }

    @Test
    void forwardedPacketDiffersInHopLimitAndMacOnly() {
        router.receive(0, GOOD);

        byte[] expected = change(GOOD, 21, 63);
        Ethernet.rewrite(MemorySegment.ofArray(expected), 0, TestRouter.HOST1, TestRouter.MAC1);
        assertThat(router.sent(1)).containsExactly(expected);
    }

    @Test
    void bothFamiliesShareABurst() {
        router.receive(0, GOOD, Frame.udp("10.1.0.2", "10.2.0.2", 64, 9), GOOD);

        assertThat(router.sent(1)).hasSize(3);
        assertThat(router.endings(0))
                .isEqualTo(Map.of(Reason.FORWARDED_IPV6, 2L, Reason.FORWARDED, 1L));
    }

    @Test
    void portWithoutAddressesSpeaksNoIpv6() {
        PortState[] ports = router.state.ports().clone();
        ports[0] = ports[0].withAddresses6(List.of());
        router.state.publishPorts(ports);
        router.receive(0, GOOD);

        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.IPV6_OFF, 1L));
    }

    /// RFC 4443 section 3: type, code, second word.
    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of(Frame6.udp(A, B, 1, 9), OWN0, 0x0300, 0),
                Arguments.of(Frame6.udp(A, B, 64, 1400), OWN0, 0x0200, 1400),
                Arguments.of(Frame6.udp(A, "2001:db9::1", 64, 9), OWN0, 0x0100, 0),
                Arguments.of(Frame6.udp(A, "2001:db8:bad::1", 64, 9), OWN0, 0x0101, 0),
                Arguments.of(Frame6.udp(NEAR, B, 64, 9), OWN_NEAR, 0x0102, 0),
                Arguments.of(Frame6.udp(A, OWN1, 64, 9), OWN1, 0x0104, 0),
                Arguments.of(Frame6.ipv6(A, OWN1, 64, 200, 20), OWN1, 0x0401, 6));
    }

    @ParameterizedTest
    @MethodSource
    void errors(byte[] cause, String from, int typeAndCode, int word) {
        router.receive(0, cause);

        MemorySegment m = only(router.sent(0));
        int length = Ipv6.payloadLength(m, 14);
        assertThat(Bytes.u16(m, 54)).isEqualTo(typeAndCode);
        assertThat(Bytes.i32(m, 58)).isEqualTo(word);
        assertThat(source(m)).isEqualTo(from);
        assertThat(destination(m)).isEqualTo(source(MemorySegment.ofArray(cause)));
        assertThat(Ethernet.destination(m, 0)).isEqualTo(TestRouter.HOST0);
        assertThat(Icmp6.isIntact(m, 14, 54, length)).isTrue();
        int quoted = Math.min(cause.length - 14, 1280 - 48);
        assertThat(m.byteSize()).isEqualTo(62 + quoted);
        assertThat(m.asSlice(62, quoted).mismatch(MemorySegment.ofArray(cause).asSlice(14, quoted)))
                .isEqualTo(-1);
    }

    /// RFC 4443 section 2.4 (e).
    static Stream<byte[]> silences() {
        return Stream.of(
                Frame6.icmp(A, B, 1, Icmp6.TIME_EXCEEDED, new byte[44]),
                Frame6.icmp(A, B, 1, Icmp6.REDIRECT, new byte[44]),
                Frame6.behind(Frame6.icmp(A, B, 1, 1, new byte[44]), 60, PAD),
                Frame6.udp(A, "ff02::1", 64, 9),
                Frame6.udp("::", OWN0, 64, 9));
    }

    @ParameterizedTest
    @MethodSource
    void silences(byte[] cause) {
        router.receive(0, cause);

        assertThat(router.sent(0)).isEmpty();
        assertThat(router.sent(1)).isEmpty();
    }

    @Test
    void echoIsAnsweredFromTheAddressThatWasAsked() {
        router.receive(0, Frame6.echo(A, OWN1, 1000));

        MemorySegment m = only(router.sent(0));
        assertThat(Icmp6.type(m, 54)).isEqualTo(Icmp6.ECHO_REPLY);
        assertThat(source(m)).isEqualTo(OWN1);
        assertThat(destination(m)).isEqualTo(A);
        assertThat(Icmp6.isIntact(m, 14, 54, Ipv6.payloadLength(m, 14))).isTrue();
    }

    @Test
    void echoOnTheLinkIsAnsweredOnTheLink() {
        router.receive(0, Frame6.echo(NEAR, "ff02::1", 8));

        MemorySegment m = only(router.sent(0));
        assertThat(source(m)).isEqualTo(OWN_NEAR);
        assertThat(Ethernet.destination(m, 0)).isEqualTo(TestRouter.HOST0);
    }

    @Test
    void solicitationIsAnsweredAndItsSenderLearned() {
        router.receive(0, solicit(NEAR, GROUP, OWN0));

        MemorySegment m = only(router.sent(0));
        assertThat(Icmp6.type(m, 54)).isEqualTo(Icmp6.NEIGHBOR_ADVERTISEMENT);
        assertThat(Nd.flags(m, 54)).isEqualTo(Nd.ROUTER | Nd.SOLICITED | Nd.OVERRIDE);
        assertThat(source(m)).isEqualTo(OWN0);
        assertThat(destination(m)).isEqualTo(NEAR);
        assertThat(Ipv6.hopLimit(m, 14)).isEqualTo(255);
        assertThat(Icmp6.isIntact(m, 14, 54, 32)).isTrue();
        assertThat(Nd.linkAddress(m, 78, 86, Nd.TARGET_ADDRESS)).isEqualTo(TestRouter.MAC0);
        assertThat(router.events)
                .containsExactly(
                        new WorkerEvent.NeighborHeard(
                                0, Ip6Address.parse(NEAR), TestRouter.HOST0, Evidence.QUESTION));
    }

    @Test
    void probeForOurAddressIsAnsweredToAll() {
        router.receive(0, Frame6.neighbor(Icmp6.NEIGHBOR_SOLICITATION, "::", GROUP, 0, OWN0, 0));

        MemorySegment m = only(router.sent(0));
        assertThat(destination(m)).isEqualTo("ff02::1");
        assertThat(Nd.flags(m, 54)).isEqualTo(Nd.ROUTER | Nd.OVERRIDE);
        assertThat(Ethernet.destination(m, 0)).isEqualTo(0x333300000001L);
        assertThat(router.events).isEmpty();
    }

    @Test
    void tentativeAddressIsNotUsedAndItsProbeIsAConflict() {
        PortState[] ports = router.state.ports().clone();
        Address6 tentative = own("2001:db8:1::1").in(AddressState.TENTATIVE);
        ports[0] = ports[0].withAddresses6(List.of(tentative, own(OWN_NEAR)));
        router.state.publishPorts(ports);
        router.receive(
                0,
                solicit(A, GROUP, OWN0),
                Frame6.neighbor(Icmp6.NEIGHBOR_SOLICITATION, "::", GROUP, 0, OWN0, 0));

        assertThat(router.sent(0)).isEmpty();
        assertThat(router.endings(0))
                .isEqualTo(Map.of(Reason.ND_NOT_FOR_US, 1L, Reason.ND_CONFLICT, 1L));
        assertThat(router.events)
                .containsExactly(
                        new WorkerEvent.AddressConflict(
                                0, Ip6Address.parse(OWN0), TestRouter.HOST0));
    }

    /// What another station says with an address that we use: one row a message.
    static Stream<Arguments> claims() {
        int announce = Icmp6.NEIGHBOR_ADVERTISEMENT;
        String all = "ff02::1";
        return Stream.of(
                Arguments.of(
                        "RFC 4861 7.2.6 announced to all",
                        OWN0,
                        Frame6.neighbor(announce, OWN0, all, Nd.OVERRIDE, OWN0, Nd.TARGET_ADDRESS)),
                Arguments.of(
                        "RFC 4861 7.2.6 without an option",
                        OWN0,
                        Frame6.neighbor(announce, OWN0, all, 0, OWN0, 0)),
                Arguments.of("RFC 4861 7.2.2 asks for another", OWN0, solicit(OWN0, GROUP, A)),
                Arguments.of(
                        "RFC 4861 7.2.2 asks in a group that we are not in",
                        OWN0,
                        solicit(OWN0, "ff02::1:ff00:2", A)),
                Arguments.of(
                        "RFC 4861 7.2.2 asks for our address", OWN0, solicit(OWN0, GROUP, OWN0)),
                Arguments.of(
                        "RFC 4861 7.2.2 asks with a link-local address",
                        OWN_NEAR,
                        solicit(OWN_NEAR, GROUP, OWN0)),
                Arguments.of(
                        "RFC 4861 7.2.6 announces a link-local address",
                        OWN_NEAR,
                        Frame6.neighbor(announce, OWN_NEAR, all, 0, OWN_NEAR, 0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void claims(String rule, String address, byte[] frame) {
        router.receive(0, frame);

        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.ND_CONFLICT, 1L));
        assertThat(router.events)
                .containsExactly(
                        new WorkerEvent.AddressConflict(
                                0, Ip6Address.parse(address), TestRouter.HOST0));
        assertThat(router.sent(0)).isEmpty();
    }

    /// From one of our addresses, but no claim: one row a rule.
    static Stream<Arguments> noClaims() {
        byte[] question = solicit(OWN0, GROUP, A);
        return Stream.of(
                Arguments.of("RFC 4861 7.1.1 from beyond the link", change(question, 21, 254)),
                Arguments.of("RFC 4861 7.1.1 code", change(question, 55, 1)),
                Arguments.of("RFC 4861 7.1.1 checksum", change(question, 56, question[56] ^ 1)),
                Arguments.of("RFC 4861 7.1.1 option of no length", change(question, 79, 0)),
                Arguments.of("RFC 4861 7.1.1 of a group", solicit(OWN0, GROUP, GROUP)),
                Arguments.of(
                        "RFC 4861 7.1.1 too short",
                        Frame6.icmp(OWN0, GROUP, 255, Icmp6.NEIGHBOR_SOLICITATION, new byte[19])),
                Arguments.of(
                        "our own came back",
                        Frame.with(question, m -> Bytes.put48(m, 6, TestRouter.MAC0))),
                Arguments.of("of another link", solicit(OWN1, GROUP, A)),
                Arguments.of("RFC 4291 2.6.1 anycast", solicit("2001:db8:1::", GROUP, A)),
                Arguments.of("no neighbor discovery", Frame6.echo(OWN0, OWN1, 56)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void noClaims(String rule, byte[] frame) {
        router.receive(0, frame);

        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.MARTIAN_SOURCE, 1L));
        assertThat(router.events).isEmpty();
        assertThat(router.sent(0)).isEmpty();
    }

    /// RFC 4861 section 7.2.5.
    static Stream<Arguments> evidence() {
        return Stream.of(
                Arguments.of(Nd.SOLICITED | Nd.OVERRIDE, Evidence.CONFIRMATION),
                Arguments.of(Nd.SOLICITED, Evidence.YIELDING_CONFIRMATION),
                Arguments.of(Nd.OVERRIDE, Evidence.ANNOUNCEMENT),
                Arguments.of(0, Evidence.HINT));
    }

    @ParameterizedTest
    @MethodSource
    void evidence(int flags, Evidence evidence) {
        router.receive(0, advertise(flags, A));

        assertThat(router.events)
                .containsExactly(
                        new WorkerEvent.NeighborHeard(
                                0, Ip6Address.parse(A), TestRouter.HOST0, evidence));
    }

    @Test
    void packetsWaitForTheirNeighbor() {
        Ip6Address late = Ip6Address.parse("2001:db8:2::77");
        router.receive(0, Frame6.udp(A, late.toString(), 64, 9));
        assertThat(router.events).containsExactly(new WorkerEvent.NeighborWanted(0, 1, late));
        assertThat(router.sent(1)).isEmpty();

        Adjacency found = Adjacency.neighbor(1, late);
        found.resolve(new Rewrite(TestRouter.HOST1, TestRouter.MAC1));
        router.slow.resolved(found);
        assertThat(router.sent(1)).hasSize(1);
    }

    @Test
    void neighborThatDoesNotAnswerIsAddressUnreachable() {
        router.receive(0, Frame6.udp(A, "2001:db8:2::77", 64, 9));
        router.slow.failed(1, Ip6Address.parse("2001:db8:2::77"), Reason.NEIGHBOR_UNRESOLVED);

        MemorySegment m = only(router.sent(0));
        assertThat(Bytes.u16(m, 54)).isEqualTo(0x0103);
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.NEIGHBOR_UNRESOLVED, 1L));
    }

    @Test
    void hooksOfIpv6SeeIpv6Alone() {
        List<String> seen = new ArrayList<>();
        for (String name : List.of("in", "out")) {
            router.state.pfil.register(
                    name,
                    packet -> {
                        seen.add(name);
                        return name.equals("out") ? Verdict.DROP : Verdict.PASS;
                    });
        }
        router.state.pfil.link(router.state.pfil.input6(), "in", Pfil.Place.WIRE);
        router.state.pfil.link(router.state.pfil.output6(), "out", Pfil.Place.WIRE);
        router.receive(0, GOOD, Frame.udp("10.1.0.2", "10.2.0.2", 64, 9));

        assertThat(router.sent(1)).hasSize(1);
        assertThat(seen).containsExactly("in", "out");
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.FILTERED, 1L, Reason.FORWARDED, 1L));
    }

    /// Whatever comes, each packet ends once and nothing is thrown.
    @Test
    void hostileFramesEnd() {
        Random random = new Random(6);
        List<byte[]> seeds = endings().map(row -> (byte[]) row.get()[1]).toList();
        long received = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] frame = seeds.get(random.nextInt(seeds.size())).clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt();
            }
            frame =
                    random.nextInt(4) == 0
                            ? Arrays.copyOf(frame, random.nextInt(frame.length))
                            : frame;
            router.receive(0, frame);
            router.sent(0);
            router.sent(1);
            router.events.clear();
            received++;
        }
        router.slow.detached(0);
        long ended = router.endings(0).values().stream().mapToLong(Long::longValue).sum();
        assertThat(ended).isEqualTo(received);
        assertThat(router.counters[0].get(PortCounters.RECEIVED)).isEqualTo(received);
    }

    @Test
    void strictReversePathKnowsIpv6() {
        PortState[] ports = router.state.ports().clone();
        ports[0] = ports[0].withPolicy(PortPolicy.NONE.with(PortPolicy.ReversePath.STRICT));
        router.state.publishPorts(ports);
        router.receive(
                0, GOOD, Frame6.udp("2001:db8:2::9", B, 64, 9), Frame6.echo(NEAR, "ff02::1", 8));
        router.sent(0);
        router.sent(1);

        assertThat(router.endings(0))
                .isEqualTo(
                        Map.of(
                                Reason.FORWARDED_IPV6, 1L,
                                Reason.REVERSE_PATH, 1L,
                                Reason.ECHO_ANSWERED, 1L));
    }
}
