package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.packet.Packet;
import dev.stride.core.pfil.Hook;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.PuntClass;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Arp;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Nd;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Port 0 of the router has a companion, whose index is 2; port 1 has none.
class PuntTest {
    private static final int COMPANION = 2;
    private static final String HOST = "10.1.0.2";
    private static final String OWN = "10.1.0.1";
    private static final String OTHER_PORT = "10.2.0.1";
    private static final String OWN6 = "2001:db8:1::1";
    private static final String OWN_LINK_LOCAL = "fe80::1";
    private static final String HOST6 = "2001:db8:1::2";
    private static final String HOST_LINK_LOCAL = "fe80::2";

    private final TestRouter router = new TestRouter(1500);
    private final PortCounters companion = new PortCounters();

    @BeforeEach
    void companion() {
        router.output.attach(COMPANION, companion);
        router.state.removePort(COMPANION);
        PortState port = router.state.ports()[0];
        router.state.publishPort(port.withAddresses6(List.of(own6(OWN6), own6(OWN_LINK_LOCAL))));
        pair(false, Map.of());
    }

    private static PortState.Address6 own6(String text) {
        Ip6Address address = Ip6Address.parse(text);
        return new PortState.Address6(address.high(), address.low(), 64, AddressState.VALID);
    }

    private void pair(boolean hostAnswers, Map<PuntClass, Double> rates) {
        router.slow.pair(0, COMPANION, new CompanionRates(hostAnswers, rates));
    }

    private static byte[] udp(String from, String to, int port) {
        return Frame.with(Frame.udp(from, to, 1, 30), m -> ports(m, 34, 40_000, port));
    }

    private static byte[] tcp(int from, int to) {
        byte[] frame = Frame.ipv4(HOST, OWN, 1, Ipv4.TCP, Ipv4.DF, 20);
        return Frame.with(frame, m -> ports(m, 34, from, to));
    }

    private static void ports(MemorySegment m, int at, int from, int to) {
        Bytes.put16(m, at, from);
        Bytes.put16(m, at + 2, to);
    }

    private static byte[] ip(String to, int protocol) {
        return Frame.ipv4(HOST, to, 1, protocol, 0, 40);
    }

    private static byte[] ip6(String from, String to, int protocol) {
        byte[] frame = new byte[Ethernet.HEADER + Ipv6.HEADER + 40];
        MemorySegment m = MemorySegment.ofArray(frame);
        Ip6Address source = Ip6Address.parse(from);
        Ip6Address destination = Ip6Address.parse(to);
        boolean group = Ipv6.isMulticast(destination.high());
        long mac = group ? Ipv6.multicastMac(destination.low()) : TestRouter.MAC0;
        Ethernet.write(m, 0, mac, TestRouter.HOST0, Ethernet.IPV6);
        Ipv6.write(m, 14, 0, 40, protocol, 1);
        Ipv6.writeSource(m, 14, source.high(), source.low());
        Ipv6.writeDestination(m, 14, destination.high(), destination.low());
        return frame;
    }

    private static byte[] udp6(String from, String to, int port) {
        return Frame.with(ip6(from, to, Ipv4.UDP), m -> ports(m, 54, 40_000, port));
    }

    private static byte[] icmp6(String from, String to, int type) {
        return Frame.with(
                ip6(from, to, Ipv6.ICMP),
                m -> {
                    Bytes.put8(m, 21, 255);
                    Bytes.put8(m, 54, type);
                    Icmp6.writeChecksum(m, 14, 54, 40);
                });
    }

    private static byte[] link(long destination, int type) {
        byte[] frame = new byte[60];
        Ethernet.write(MemorySegment.ofArray(frame), 0, destination, TestRouter.HOST0, type);
        return frame;
    }

    private static byte[] icmp(int type) {
        return Frame.with(
                Frame.ipv4(HOST, OWN, 64, Ipv4.ICMP, 0, 16),
                m -> Icmp4.write(m, 34, type, 0, 0, 16));
    }

    /// One row a rule: what goes up, as which class.
    static Stream<Arguments> classes() {
        return Stream.of(
                Arguments.of("BGP, we are connected to", tcp(40_000, 179), PuntClass.BGP),
                Arguments.of("BGP, we connected", tcp(179, 40_000), PuntClass.BGP),
                Arguments.of("LDP session", tcp(40_000, 646), PuntClass.IGP),
                Arguments.of("other TCP", tcp(40_000, 22), PuntClass.TCP),
                Arguments.of("OSPF, unicast", ip(OWN, 89), PuntClass.IGP),
                Arguments.of("OSPF, all routers", ip("224.0.0.5", 89), PuntClass.IGP),
                Arguments.of("OSPF, designated routers", ip("224.0.0.6", 89), PuntClass.IGP),
                Arguments.of("EIGRP", ip("224.0.0.10", 88), PuntClass.IGP),
                Arguments.of("RIP", udp(HOST, "224.0.0.9", 520), PuntClass.IGP),
                Arguments.of("Babel", udp(HOST, "224.0.0.111", 6696), PuntClass.IGP),
                Arguments.of("LDP hello", udp(HOST, "224.0.0.2", 646), PuntClass.IGP),
                Arguments.of("PIM", ip("224.0.0.13", 103), PuntClass.GROUP),
                Arguments.of("VRRP", ip("224.0.0.18", 112), PuntClass.GROUP),
                Arguments.of("IGMP query", ip("224.0.0.1", 2), PuntClass.GROUP),
                Arguments.of("IGMP 3 report", ip("224.0.0.22", 2), PuntClass.GROUP),
                Arguments.of("BFD", udp(HOST, OWN, 3784), PuntClass.BFD),
                Arguments.of("BFD echo", udp(HOST, OWN, 3785), PuntClass.BFD),
                Arguments.of("BFD, multihop", udp(HOST, OWN, 4784), PuntClass.BFD),
                Arguments.of("other UDP", udp(HOST, OWN, 161), PuntClass.OTHER),
                Arguments.of("other protocol", ip(OWN, 47), PuntClass.OTHER),
                Arguments.of("echo reply", icmp(Icmp4.ECHO_REPLY), PuntClass.ICMP),
                Arguments.of("ICMP error", icmp(Icmp4.UNREACHABLE), PuntClass.ICMP),
                Arguments.of("IS-IS level 1", link(0x0180c2000014L, 100), PuntClass.IGP),
                Arguments.of("IS-IS level 2", link(0x0180c2000015L, 100), PuntClass.IGP),
                Arguments.of("IS-IS, point to point", link(0x09002b000005L, 100), PuntClass.IGP),
                Arguments.of("LLDP", link(0x0180c200000eL, 0x88cc), PuntClass.LINK),
                Arguments.of("LACP", link(0x0180c2000002L, 0x8809), PuntClass.LINK),
                Arguments.of("OSPF 3", ip6(HOST_LINK_LOCAL, "ff02::5", 89), PuntClass.IGP),
                Arguments.of(
                        "OSPF 3, unicast", ip6(HOST_LINK_LOCAL, OWN_LINK_LOCAL, 89), PuntClass.IGP),
                Arguments.of("RIPng", udp6(HOST_LINK_LOCAL, "ff02::9", 521), PuntClass.IGP),
                Arguments.of("Babel 6", udp6(HOST_LINK_LOCAL, "ff02::1:6", 6696), PuntClass.IGP),
                Arguments.of("PIM 6", ip6(HOST_LINK_LOCAL, "ff02::d", 103), PuntClass.GROUP),
                Arguments.of("VRRP 6", ip6(HOST_LINK_LOCAL, "ff02::12", 112), PuntClass.GROUP),
                Arguments.of("BFD 6", udp6(HOST6, OWN6, 3784), PuntClass.BFD),
                Arguments.of("LDP hello 6", udp6(HOST_LINK_LOCAL, "ff02::2", 646), PuntClass.IGP),
                Arguments.of("echo reply 6", icmp6(HOST6, OWN6, Icmp6.ECHO_REPLY), PuntClass.ICMP),
                Arguments.of("ICMPv6 error", icmp6(HOST6, OWN6, Icmp6.TOO_BIG), PuntClass.ICMP));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("classes")
    void goesUpAsItIs(String rule, byte[] frame, PuntClass kind) {
        router.receive(0, frame);

        assertThat(router.sent(COMPANION)).containsExactly(frame);
        assertThat(router.endings(0)).containsExactly(Map.entry(Reason.PUNTED, 1L));
        for (PuntClass each : PuntClass.values()) {
            assertThat(router.counters[0].punts(each, false)).isEqualTo(each == kind ? 1 : 0);
        }
    }

    /// The same frames end as ever where no companion is.
    @ParameterizedTest(name = "{0}")
    @MethodSource("classes")
    void nothingGoesUpWithoutCompanion(String rule, byte[] frame, PuntClass kind) {
        router.slow.part(0);

        router.receive(0, frame);

        assertThat(router.sent(COMPANION)).isEmpty();
        assertThat(router.endings(0)).hasSize(1).doesNotContainKey(Reason.PUNTED);
    }

    /// What stays with the router, or belongs to nobody.
    static Stream<Arguments> others() {
        String host = HOST;
        return Stream.of(
                Arguments.of("echo", Frame.echo(host, OWN, 8), Reason.ECHO_ANSWERED),
                Arguments.of("mDNS", udp(host, "224.0.0.251", 5353), Reason.MULTICAST),
                Arguments.of("SSDP", udp(host, "239.255.255.250", 1900), Reason.MULTICAST),
                Arguments.of("mDNS 6", udp6(HOST6, "ff02::fb", 5353), Reason.MULTICAST),
                Arguments.of("TTL expired", udp(host, "10.2.0.2", 179), Reason.TTL_EXPIRED),
                Arguments.of(
                        "address of a port without companion",
                        udp(host, OTHER_PORT, 161),
                        Reason.PORT_UNREACHABLE),
                Arguments.of("EtherType", link(TestRouter.MAC0, 0x8847), Reason.ETHERTYPE),
                Arguments.of("Cisco's group", link(0x01000cccccccL, 100), Reason.ETHERTYPE),
                Arguments.of(
                        "ARP request",
                        Frame.arp(Arp.REQUEST, TestRouter.HOST0, host, OWN),
                        Reason.ARP_ANSWERED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("others")
    void restStays(String rule, byte[] frame, Reason ending) {
        router.receive(0, frame);

        assertThat(router.sent(COMPANION)).isEmpty();
        assertThat(router.sent(0)).hasSizeLessThanOrEqualTo(1);
        assertThat(router.endings(0)).containsExactly(Map.entry(ending, 1L));
    }

    @Test
    void classesShareNoRate() {
        pair(false, Map.of(PuntClass.OTHER, 1.0));
        for (int i = 0; i < 40; i++) {
            router.receive(0, udp(HOST, OWN, 161));
        }
        router.receive(0, tcp(40_000, 179));

        assertThat(router.sent(COMPANION)).hasSize(33);
        assertThat(router.endings(0))
                .containsOnly(Map.entry(Reason.PUNTED, 33L), Map.entry(Reason.PUNT_LIMIT, 8L));
        assertThat(router.counters[0].punts(PuntClass.OTHER, false)).isEqualTo(32);
        assertThat(router.counters[0].punts(PuntClass.OTHER, true)).isEqualTo(8);
        assertThat(router.counters[0].punts(PuntClass.BGP, false)).isOne();
    }

    @Test
    void hostHearsAnswersThatRouterTakesNoteOf() {
        byte[] reply =
                Frame.with(
                        Frame.arp(Arp.REPLY, TestRouter.HOST0, HOST, OWN),
                        m -> Bytes.put48(m, 0, TestRouter.MAC0));
        router.receive(0, reply);

        assertThat(router.sent(COMPANION)).containsExactly(reply);
        assertThat(router.endings(0)).containsExactly(Map.entry(Reason.ARP_HEARD, 1L));
        assertThat(router.events).hasSize(1);
        assertThat(companion.get(PortCounters.ORIGINATED)).isOne();

        byte[] advertisement =
                Frame.with(
                        ip6(HOST6, OWN6, Ipv6.ICMP),
                        m -> {
                            Ip6Address target = Ip6Address.parse(HOST6);
                            Ipv6.write(m, 14, 0, 32, Ipv6.ICMP, 255);
                            Nd.write(
                                    m,
                                    54,
                                    Icmp6.NEIGHBOR_ADVERTISEMENT,
                                    Nd.SOLICITED,
                                    target.high(),
                                    target.low(),
                                    Nd.TARGET_ADDRESS,
                                    TestRouter.HOST0);
                            Icmp6.writeChecksum(m, 14, 54, 32);
                        });
        router.receive(0, advertisement);
        assertThat(router.sent(COMPANION)).hasSize(1);
        assertThat(router.endings(0)).containsEntry(Reason.ND_HEARD, 1L);
    }

    @Test
    void hostAnswersNeighborsWhereItIsSetSo() {
        pair(true, Map.of());
        byte[] request = Frame.arp(Arp.REQUEST, TestRouter.HOST0, HOST, OWN);
        router.receive(0, request);

        assertThat(router.sent(0)).isEmpty();
        assertThat(router.sent(COMPANION)).containsExactly(request);
        assertThat(router.endings(0)).containsExactly(Map.entry(Reason.PUNTED, 1L));
        assertThat(router.events).as("the router learns all the same").hasSize(1);
    }

    private void fromHost(byte[] frame) {
        Packet packet = router.packet(COMPANION, frame);
        companion.add(PortCounters.RECEIVED, 1);
        router.slow.fromHost(packet, 0);
    }

    private @Nullable Reason fromHostEnding() {
        for (Reason reason : Reason.values()) {
            if (companion.endings(reason) > 0) {
                return reason;
            }
        }
        return null;
    }

    /// TTL 1 and all.
    @Test
    void hostSpeaksOnTheLink() {
        byte[] hello = Frame.ipv4(OWN, "224.0.0.5", 1, 89, 0, 44);
        fromHost(hello);

        assertThat(router.sent(0)).containsExactly(hello);
        assertThat(fromHostEnding()).isEqualTo(Reason.COMPANION_SENT);
        assertThat(router.counters[0].get(PortCounters.TRANSMITTED)).isOne();
    }

    @Test
    void hostDoesNotSpeakWhereNobodyCanHear() {
        router.state.publishPort(router.state.ports()[0].withUp(false));
        fromHost(Frame.ipv4(OWN, "224.0.0.5", 1, 89, 0, 44));

        assertThat(router.sent(0)).isEmpty();
        assertThat(fromHostEnding()).isEqualTo(Reason.PORT_DOWN);
    }

    @Test
    void hostKeepsToTheMtu() {
        fromHost(Frame.udp(OWN, HOST, 64, 1473));

        assertThat(router.sent(0)).isEmpty();
        assertThat(fromHostEnding()).isEqualTo(Reason.MTU_EXCEEDED);
    }

    @Test
    void outputHooksJudgeWhatHostSends() {
        Hook refusal = packet -> packet.outPort == 0 ? Verdict.DROP : Verdict.PASS;
        router.state.pfil.register("refusal", refusal);
        router.state.pfil.link(router.state.pfil.output4(), "refusal", Pfil.Place.WIRE);
        fromHost(Frame.udp(OWN, HOST, 64, 10));
        assertThat(fromHostEnding()).isEqualTo(Reason.FILTERED);

        byte[] arp = Frame.arp(Arp.REQUEST, TestRouter.MAC0, OWN, HOST);
        fromHost(arp);
        assertThat(router.sent(0)).containsExactly(arp);

        fromHost(Frame.with(Frame.udp(OWN, HOST, 64, 10), m -> Bytes.put16(m, 24, 0x1234)));
        assertThat(companion.endings(Reason.IPV4_CHECKSUM)).as("hooks may rely on it").isOne();
    }

    /// Nothing that arrives may break the path, whatever is in it.
    @Test
    void shortOnesOfEveryKind() {
        for (Arguments row : classes().toList()) {
            byte[] frame = Objects.requireNonNull((byte[]) row.get()[1]);
            for (int length = 0; length <= frame.length; length++) {
                router.receive(0, Arrays.copyOf(frame, length));
                router.sent(COMPANION);
                router.sent(0);
                fromHost(Arrays.copyOf(frame, length));
                router.sent(0);
            }
        }
        assertThat(router.endings(0)).doesNotContainKey(Reason.INTERNAL);
        long ended = router.endings(0).values().stream().mapToLong(Long::longValue).sum();
        assertThat(ended).isEqualTo(router.counters[0].get(PortCounters.RECEIVED));
    }
}
