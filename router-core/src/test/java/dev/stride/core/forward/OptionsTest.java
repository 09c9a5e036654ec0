package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Checksum;
import dev.stride.core.wire.Icmp4;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv4Options;
import dev.stride.core.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Options of IPv4 headers, written as hexadecimal bytes. The router is 0a010001 and 0a020001, and
/// forwards to 0a020002; what goes on is byte for byte as a row says.
class OptionsTest {
    private static final String A = "10.1.0.2";
    private static final String B = "10.2.0.2";
    private static final long MILLIS = 0x01234567; // since midnight

    private final TestRouter router = new TestRouter(1500);

    private OptionsTest() {
        router.slow.setUtc((1000 * 86_400_000L + MILLIS) * 1_000_000);
    }

    /// The frame with options behind its header, padded to words.
    private static byte[] withOptions(byte[] frame, String hex) {
        byte[] options = HexFormat.of().parseHex(hex.replace(" ", ""));
        int length = options.length + 3 & -4;
        byte[] longer = new byte[frame.length + length];
        System.arraycopy(frame, 0, longer, 0, 34);
        System.arraycopy(options, 0, longer, 34, options.length);
        System.arraycopy(frame, 34, longer, 34 + length, frame.length - 34);
        return Frame.with(
                longer,
                m -> {
                    Bytes.put8(m, 14, 4 << 4 | (20 + length) / 4);
                    Bytes.put16(m, 16, longer.length - 14);
                    Ipv4.writeChecksum(m, 14);
                });
    }

    private static String options(byte[] frame) {
        MemorySegment m = MemorySegment.ofArray(frame);
        assertThat(Ipv4.validate(m, 14, frame.length - 14)).isNull();
        return HexFormat.of().formatHex(frame, 34, 14 + Ipv4.headerLength(m, 14));
    }

    private static String destination(byte[] frame) {
        return new Ip4Address(Ipv4.destination(MemorySegment.ofArray(frame), 14)).toString();
    }

    private void allowSourceRoutes() {
        PortState[] ports = router.state.ports().clone();
        ports[0] = ports[0].withPolicy(PortPolicy.NONE.with(PortPolicy.Allowed.SOURCE_ROUTES));
        router.state.publishPorts(ports);
    }

    /// One row a rule: name, options of a packet to be forwarded, and with which it goes on.
    static Stream<Arguments> forwarded() {
        return Stream.of(
                Arguments.of(
                        "RFC 791 record route",
                        "07 0b 04 00000000 00000000 00",
                        "07 0b 08 0a020001 00000000 00"),
                Arguments.of(
                        "RFC 791 record route behind others",
                        "01 82 03 00 07 0b 08 c0000201 00000000 00",
                        "01 82 03 00 07 0b 0c c0000201 0a020001 00"),
                Arguments.of(
                        "RFC 791 record route, full",
                        "07 07 08 c0000201 00",
                        "07 07 08 c0000201 00"),
                Arguments.of(
                        "RFC 791 timestamps",
                        "44 0c 05 00 00000000 00000000",
                        "44 0c 09 00 01234567 00000000"),
                Arguments.of(
                        "RFC 791 timestamps, full: counted",
                        "44 08 09 20 89abcdef",
                        "44 08 09 30 89abcdef"),
                Arguments.of(
                        "RFC 791 timestamps with addresses",
                        "44 14 0d 01 c0000201 00000001 00000000 00000000",
                        "44 14 15 01 c0000201 00000001 0a020001 01234567"),
                Arguments.of(
                        "RFC 1812 5.3.13.6 timestamps of stations: any of our addresses",
                        "44 0c 05 03 0a010001 00000000",
                        "44 0c 0d 03 0a010001 01234567"),
                Arguments.of(
                        "RFC 791 timestamps of stations: not us",
                        "44 0c 05 03 c0000201 00000000",
                        "44 0c 05 03 c0000201 00000000"),
                Arguments.of(
                        "RFC 791 timestamps of stations, all told",
                        "44 0c 0d f3 c0000201 00000000",
                        "44 0c 0d f3 c0000201 00000000"),
                Arguments.of(
                        "RFC 791 timestamps of a kind unknown",
                        "44 08 05 02 00000000",
                        "44 08 05 02 00000000"),
                Arguments.of("RFC 2113 router alert", "94 04 00 00", "94 04 00 00"),
                Arguments.of("RFC 2113 router alert, value unknown", "94 04 12 34", "94 04 12 34"),
                Arguments.of(
                        "RFC 1812 5.3.13.1 unknown", "5e 06 01020304 0101", "5e 06 01020304 0101"),
                Arguments.of(
                        "RFC 1812 5.3.13.2 security",
                        "82 0b 0000000000000000 00 00",
                        "82 0b 0000000000000000 00 00"),
                Arguments.of("what follows the end", "00 07 01 00", "00 07 01 00"),
                Arguments.of("no operation", "01 01 01 01", "01 01 01 01"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void forwarded(String rule, String before, String after) {
        byte[] frame = withOptions(Frame.udp(A, B, 64, 9), before);
        router.receive(0, frame);

        List<byte[]> sent = router.sent(1);
        assertThat(sent).hasSize(1);
        assertThat(options(sent.getFirst())).isEqualTo(after.replace(" ", ""));
        assertThat(tail(sent.getFirst())).isEqualTo(tail(frame));
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.FORWARDED, 1L));
    }

    /// What is behind the header.
    private static byte[] tail(byte[] frame) {
        int header = Ipv4.headerLength(MemorySegment.ofArray(frame), 14);
        return Arrays.copyOfRange(frame, 14 + header, frame.length);
    }

    /// One row a rule: name, options, and the offset of what is wrong (RFC 792).
    static Stream<Arguments> broken() {
        return Stream.of(
                Arguments.of("RFC 791 beyond the header", "94 05 00 00", 21),
                Arguments.of("RFC 791 without a length", "01 01 01 07", 23),
                Arguments.of("RFC 791 length 0", "94 00 00 00", 21),
                Arguments.of("RFC 791 length 1", "94 01 00 00", 21),
                Arguments.of("RFC 791 route without a pointer", "07 02 00 00", 21),
                Arguments.of("RFC 791 pointer before the route", "07 07 03 00000000 00", 22),
                Arguments.of(
                        "RFC 791 pointer within an entry", "07 0b 05 00000000 00000000 00", 22),
                Arguments.of("RFC 791 part of an entry left", "07 06 04 000000 0000", 22),
                Arguments.of("RFC 791 record route twice", "07 07 04 00000000 07 03 04 0000", 27),
                Arguments.of("RFC 791 stamps without a pointer", "44 03 05 00", 21),
                Arguments.of("RFC 791 pointer before the stamps", "44 08 04 00 00000000", 22),
                Arguments.of("RFC 791 part of a stamp left", "44 08 06 00 00000000", 22),
                Arguments.of("RFC 791 no room for the address", "44 08 05 01 00000000", 22),
                Arguments.of("RFC 791 overflow overflows", "44 08 09 f0 00000000", 23),
                Arguments.of("RFC 791 stamps twice", "44 04 05 00 44 04 05 00", 24),
                Arguments.of(
                        "RFC 1812 5.3.13.4 two source routes",
                        "83 07 04 0a020002 89 03 04 0000",
                        27));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void broken(String rule, String options, int pointer) {
        byte[] frame = withOptions(Frame.udp(A, B, 64, 9), options);
        router.receive(0, frame);

        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.IPV4_OPTIONS, 1L));
        assertError(frame, Icmp4.PARAMETER_PROBLEM, 0, pointer << 24);
    }

    private void assertError(byte[] cause, int type, int code, int word) {
        assertThat(router.sent(1)).isEmpty();
        List<byte[]> sent = router.sent(0);
        assertThat(sent).hasSize(1);
        MemorySegment m = MemorySegment.ofArray(sent.getFirst());
        assertThat(Ipv4.validate(m, 14, sent.getFirst().length - 14)).isNull();
        assertThat(destination(sent.getFirst())).isEqualTo(A);
        assertThat(Bytes.u16(m, 34)).isEqualTo(type << 8 | code);
        assertThat(Bytes.i32(m, 38)).isEqualTo(word);
        assertThat(Checksum.of(m, 34, sent.getFirst().length - 34)).isZero();
        assertThat(sent.getFirst()).endsWith(Arrays.copyOfRange(cause, 14, cause.length));
    }

    @Test
    void nothingIsWrittenIntoWhatIsRefused() {
        byte[] frame = withOptions(Frame.udp(A, B, 1, 9), "07 0b 04 00000000 00000000 00");
        router.receive(0, frame);

        assertError(frame, Icmp4.TIME_EXCEEDED, 0, 0);
    }

    @Test
    void writtenOnceWhereThePacketWaitsForItsNeighbor() {
        router.receive(0, withOptions(Frame.udp(A, "10.2.0.77", 9, 9), "07 07 04 00000000 00"));
        Adjacency late = Adjacency.neighbor(1, Ip4Address.parse("10.2.0.77"));
        late.resolve(new Rewrite(0x0299L, TestRouter.MAC1));
        router.slow.resolved(late);

        assertThat(options(router.sent(1).getFirst())).isEqualTo("0707080a02000100");
    }

    @Test
    void theAddressThatTheNextHopKnowsIsRecorded() {
        PortState[] ports = router.state.ports().clone();
        PortState.Address second = new PortState.Address(Ip4Address.parse("10.3.0.1").bits(), 24);
        ports[1] =
                new PortState(
                        1,
                        "p1",
                        router.state.main,
                        TestRouter.MAC1,
                        1500,
                        true,
                        List.of(ports[1].addresses().getFirst(), second));
        router.state.publishPorts(ports);
        Adjacency there = Adjacency.neighbor(1, Ip4Address.parse("10.3.0.2"));
        there.resolve(new Rewrite(0x0299L, TestRouter.MAC1));
        router.route("198.51.100.0/24", there);
        router.receive(0, withOptions(Frame.udp(A, "198.51.100.1", 9, 9), "07 07 04 00000000 00"));

        assertThat(options(router.sent(1).getFirst())).isEqualTo("0707080a03000100");
    }

    /// RFC 1812 section 5.3.13.4, and RFC 7126 section 4.3 for the default.
    @ParameterizedTest
    @MethodSource
    void sourceRoutesAreRefusedUnlessAllowed(String destination, String options) {
        byte[] frame = withOptions(Frame.udp(A, destination, 64, 9), options);
        router.receive(0, frame);

        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.SOURCE_ROUTE, 1L));
        assertError(frame, Icmp4.UNREACHABLE, Icmp4.SOURCE_ROUTE_FAILED, 0);
    }

    static Stream<Arguments> sourceRoutesAreRefusedUnlessAllowed() {
        return Stream.of(
                Arguments.of("10.1.0.1", "83 07 04 0a020002 00"),
                Arguments.of("10.1.0.1", "89 07 04 0a020002 00"),
                Arguments.of("10.1.0.1", "83 07 08 0a020002 00"),
                Arguments.of(B, "83 07 04 c0000201 00"));
    }

    /// One row a rule: name, destination and options before, and after.
    static Stream<Arguments> sourceRoutes() {
        return Stream.of(
                Arguments.of(
                        "RFC 791 loose",
                        "10.1.0.1",
                        "83 0b 04 0a020002 c0000201 00",
                        B,
                        "83 0b 08 0a020001 c0000201 00"),
                Arguments.of(
                        "RFC 791 strict, on our link",
                        "10.1.0.1",
                        "89 0b 04 0a020002 c0000201 00",
                        B,
                        "89 0b 08 0a020001 c0000201 00"),
                Arguments.of(
                        "RFC 791 loose, to another station on the way",
                        B,
                        "83 07 04 c0000201 00",
                        B,
                        "83 07 04 c0000201 00"),
                Arguments.of(
                        "RFC 791 loose, at its end",
                        B,
                        "83 07 08 c0000201 00",
                        B,
                        "83 07 08 c0000201 00"),
                Arguments.of(
                        "RFC 791 loose, two of our addresses in turn",
                        "10.1.0.1",
                        "83 0b 04 0a020001 0a020002 00",
                        B,
                        "83 0b 0c 0a010001 0a020001 00"),
                Arguments.of(
                        "RFC 791 loose, and a record route",
                        "10.1.0.1",
                        "83 07 04 0a020002 07 07 04 00000000 0000",
                        B,
                        "83 07 08 0a020001 07 07 08 0a020001 0000"),
                Arguments.of(
                        "RFC 791 loose, through a router",
                        "10.1.0.1",
                        "83 07 04 c6336401 00",
                        "198.51.100.1",
                        "83 07 08 0a020001 00"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void sourceRoutes(String rule, String to, String options, String then, String after) {
        allowSourceRoutes();
        router.route("198.51.100.0/24", router.host1);
        byte[] frame = withOptions(Frame.udp(A, to, 64, 9), options);
        router.receive(0, frame);

        List<byte[]> sent = router.sent(1);
        assertThat(sent).hasSize(1);
        assertThat(destination(sent.getFirst())).isEqualTo(then);
        assertThat(options(sent.getFirst())).isEqualTo(after.replace(" ", ""));
        assertThat(tail(sent.getFirst())).isEqualTo(tail(frame));
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.FORWARDED, 1L));
    }

    /// One row a rule: name, destination, options, ending.
    static Stream<Arguments> sourceRoutesThatEnd() {
        String none = "83 07 04 c0000201 00";
        return Stream.of(
                Arguments.of("no route", "10.1.0.1", none, Reason.NO_ROUTE),
                Arguments.of(
                        "RFC 791 strict, not on our links",
                        "10.1.0.1",
                        "89 07 04 c6336401 00",
                        Reason.SOURCE_ROUTE_FAILED),
                Arguments.of(
                        "RFC 791 strict, no route",
                        "10.1.0.1",
                        "89 07 04 c0000201 00",
                        Reason.SOURCE_ROUTE_FAILED),
                Arguments.of(
                        "RFC 791 strict, not through us",
                        B,
                        "89 07 04 c0000201 00",
                        Reason.SOURCE_ROUTE_FAILED),
                Arguments.of(
                        "to the router itself",
                        "10.1.0.1",
                        "83 07 08 c0000201 00",
                        Reason.PORT_UNREACHABLE),
                Arguments.of("to a group", "10.1.0.1", "83 07 04 e0000005 00", Reason.MULTICAST),
                Arguments.of(
                        "to a broadcast address",
                        "10.1.0.1",
                        "83 07 04 0a0200ff 00",
                        Reason.BROADCAST),
                Arguments.of(
                        "RFC 1812 5.3.7 to no station",
                        "10.1.0.1",
                        "83 07 04 7f000001 00",
                        Reason.MARTIAN_DESTINATION));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void sourceRoutesThatEnd(String rule, String to, String options, Reason reason) {
        allowSourceRoutes();
        router.route("198.51.100.0/24", router.host1);
        router.receive(0, withOptions(Frame.udp(A, to, 64, 9), options));
        router.sent(0);

        assertThat(router.sent(1)).isEmpty();
        assertThat(router.endings(0)).isEqualTo(Map.of(reason, 1L));
        assertThat(router.pool.available()).isEqualTo(router.pool.size());
    }

    /// One row a rule: name, options of an echo request to the router, of its reply, and where that
    /// goes.
    static Stream<Arguments> echoes() {
        return Stream.of(
                Arguments.of(
                        "RFC 1122 3.2.2.6 the route there and back",
                        "07 0b 04 00000000 00000000 00",
                        "07 0b 08 0a010001 00000000 00",
                        A),
                Arguments.of(
                        "RFC 1122 3.2.2.6 the stamps there and back",
                        "44 0c 05 00 00000000 00000000",
                        "44 0c 09 00 01234567 00000000",
                        A),
                Arguments.of(
                        "RFC 1122 3.2.2.6 back by the same stations",
                        "83 0f 10 0a020003 0a020004 0a010003 00",
                        "83 0f 04 0a020004 0a020003 0a010002 00",
                        "10.1.0.3"),
                Arguments.of(
                        "RFC 1122 3.2.2.6 back by one station",
                        "83 07 08 0a010003 00",
                        "83 07 04 0a010002 00",
                        "10.1.0.3"),
                Arguments.of("RFC 1122 3.2.2.6 back by none", "83 03 04 00", "83 03 04 00", A));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void echoes(String rule, String options, String answered, String to) {
        allowSourceRoutes();
        router.route("10.1.0.3/32", router.host0);
        byte[] request = withOptions(Frame.echo(A, "10.1.0.1", 9), options);
        router.receive(0, request);

        byte[] reply = router.sent(0).getFirst();
        assertThat(options(reply)).isEqualTo(answered.replace(" ", ""));
        assertThat(destination(reply)).isEqualTo(to);
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.ECHO_ANSWERED, 1L));
    }

    /// RFC 2113: where a host listens behind the port, and the port is set so.
    @Test
    void routerAlertsGoUpWhereTheyMay() {
        byte[] alert = withOptions(Frame.udp(A, B, 64, 9), "94 04 00 00");
        PortState[] ports = router.state.ports().clone();
        ports[0] = ports[0].withPolicy(PortPolicy.NONE.with(PortPolicy.Allowed.ROUTER_ALERTS));
        router.state.publishPorts(ports);
        router.receive(0, alert);
        assertThat(router.sent(1)).hasSize(1); // no host

        router.slow.pair(0, 1, new CompanionRates(false, Map.of()));
        router.receive(0, alert);
        assertThat(router.sent(1).getFirst()).isEqualTo(alert); // as it came
        router.receive(0, withOptions(Frame.udp(A, B, 64, 9), "07 07 04 00000000 00"));
        assertThat(router.sent(1).getFirst()).isNotEqualTo(alert);
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.FORWARDED, 2L, Reason.PUNTED, 1L));
    }

    @Test
    void resetsGoBackByTheSourceRoute() { // RFC 1122 section 4.2.3.8
        allowSourceRoutes();
        router.route("10.1.0.3/32", router.host0);
        byte[] segment = Frame.tcp(A, "10.1.0.1", Tcp.SYN, 0);
        router.receive(0, withOptions(segment, "83 07 08 0a010003 00"));

        byte[] reset = router.sent(0).getFirst();
        assertThat(options(reset)).isEqualTo("8307040a01000200");
        assertThat(destination(reset)).isEqualTo("10.1.0.3");
        MemorySegment m = MemorySegment.ofArray(reset);
        assertThat(m.byteSize()).isEqualTo(14 + 28 + 20);
        assertThat(Tcp.flags(m, 42)).isEqualTo(Tcp.RST | Tcp.ACK);
        int asker = Ip4Address.parse(A).bits(); // the last destination
        long pseudo = Checksum.pseudo4(Ipv4.source(m, 14), asker, Ipv4.TCP, 20);
        assertThat(Checksum.finish(Checksum.add(pseudo, m, 42, 20))).isZero();
        assertThat(router.endings(0)).isEqualTo(Map.of(Reason.TCP_CLOSED, 1L));
    }

    /// One row a rule: name, destination and options of a packet that expires or has no way here,
    /// options of the error about it, and where that goes.
    static Stream<Arguments> errorsGoBack() {
        String none = "192.0.2.1";
        return Stream.of(
                Arguments.of(
                        "RFC 1812 4.3.2.6 loose, by the same stations",
                        none,
                        "83 0f 0c 0a020003 0a010003 c6336401 00",
                        "83 0b 04 0a020003 0a010002 00",
                        "10.1.0.3"),
                Arguments.of(
                        "RFC 1812 4.3.2.6 strict, by one station",
                        "10.1.0.1",
                        "89 0b 08 0a010003 0a020002 00",
                        "89 07 04 0a010002 00",
                        "10.1.0.3"),
                Arguments.of(
                        "RFC 1812 4.3.2.6 other options stay behind",
                        none,
                        "94 04 0000 83 07 08 0a010003 00",
                        "83 07 04 0a010002 00",
                        "10.1.0.3"),
                Arguments.of(
                        "RFC 1812 4.3.2.6 the router is no station of its own way",
                        "10.1.0.1",
                        "83 0f 08 0a010003 0a020001 c0000201 00",
                        "83 07 04 0a010002 00",
                        "10.1.0.3"),
                Arguments.of("no station so far", none, "83 07 04 c6336401 00", "", A),
                Arguments.of(
                        "no station but the router", "10.1.0.1", "83 07 04 c0000201 00", "", A),
                Arguments.of("RFC 1122 3.2.2 not to a group", none, "83 07 08 e0000005 00", "", A),
                Arguments.of("not to a broadcast", none, "83 07 08 0a0100ff 00", "", A),
                Arguments.of("not to no station", none, "83 07 08 7f000001 00", "", A));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void errorsGoBack(String rule, String to, String options, String back, String first) {
        allowSourceRoutes();
        router.route("10.1.0.3/32", router.host0);
        byte[] frame = withOptions(Frame.udp(A, to, 1, 600), options);
        router.receive(0, frame);

        byte[] error = router.sent(0).getFirst();
        MemorySegment m = MemorySegment.ofArray(error);
        int icmp = 14 + Ipv4.headerLength(m, 14);
        assertThat(options(error)).isEqualTo(back.replace(" ", ""));
        assertThat(destination(error)).isEqualTo(first);
        assertThat(Ipv4.totalLength(m, 14)).isEqualTo(error.length - 14).isEqualTo(576);
        assertThat(Icmp4.isError(Icmp4.type(m, icmp))).isTrue();
        assertThat(Checksum.of(m, icmp, error.length - icmp)).isZero();
        assertThat(Ipv4.source(m, icmp + 8)).isEqualTo(Ip4Address.parse(A).bits());
        assertThat(router.pool.available()).isEqualTo(router.pool.size());
    }

    @Test
    void errorsGoStraightWhereSourceRoutesAreNotAllowed() {
        router.route("10.1.0.3/32", router.host0);
        byte[] frame = withOptions(Frame.udp(A, B, 64, 9), "83 07 08 0a010003 00");
        router.receive(0, frame);

        assertError(frame, Icmp4.UNREACHABLE, Icmp4.SOURCE_ROUTE_FAILED, 0);
    }

    /// Options of any bytes: nothing outside of the packet is touched, each comes to one end, and
    /// what goes on is a valid datagram with the same bytes behind its header.
    @Test
    void anyOptionsComeToAnEnd() {
        allowSourceRoutes();
        int[] types = {0, 1, 7, 0x44, 0x83, 0x89, 0x94, 0x82};
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] options = new byte[4 * (1 + random.nextInt(10))];
            random.nextBytes(options);
            for (int i = 0; i < options.length; i += 1 + random.nextInt(8)) {
                options[i] = (byte) types[random.nextInt(types.length)];
                if (i + 3 < options.length) {
                    options[i + 1] = (byte) random.nextInt(16);
                    options[i + 2] = (byte) (4 + random.nextInt(9));
                    options[i + 3] = (byte) (random.nextInt(16) << 4 | random.nextInt(4));
                }
            }
            String to = random.nextBoolean() ? B : "10.1.0.1";
            byte[] frame =
                    withOptions(
                            random.nextBoolean() ? Frame.udp(A, to, 9, 9) : Frame.echo(A, to, 9),
                            HexFormat.of().formatHex(options));
            router.receive(0, frame);
            for (int port = 0; port < 2; port++) {
                for (byte[] sent : router.sent(port)) {
                    MemorySegment m = MemorySegment.ofArray(sent);
                    assertThat(Ipv4.validate(m, 14, sent.length - 14)).as("seed " + seed).isNull();
                    if (port == 1) {
                        assertThat(tail(sent)).as("seed " + seed).isEqualTo(tail(frame));
                    }
                }
            }
            router.slow.failed(1, Ip4Address.parse(B), Reason.NEIGHBOR_UNRESOLVED);
        }
        long ended = router.endings(0).values().stream().mapToLong(Long::longValue).sum();
        assertThat(ended + router.slow.held()).isEqualTo(20_000);
        assertThat(router.endings(0)).doesNotContainKey(Reason.INTERNAL);
        assertThat(router.endings(0))
                .containsKeys(
                        Reason.FORWARDED,
                        Reason.ECHO_ANSWERED,
                        Reason.IPV4_OPTIONS,
                        Reason.SOURCE_ROUTE_FAILED);
    }

    @Test
    void walkNeverLeavesTheHeader() {
        Ipv4Options options = new Ipv4Options();
        for (int seed = 0; seed < 100_000; seed++) {
            Random random = new Random(seed);
            int length = 4 * (1 + random.nextInt(10));
            byte[] header = new byte[20 + length]; // reading beyond fails
            for (int i = 20; i < header.length; i++) {
                header[i] = (byte) random.nextInt(random.nextBoolean() ? 12 : 256);
            }
            header[0] = (byte) (4 << 4 | header.length / 4);
            MemorySegment m = MemorySegment.ofArray(header);
            int wrong = options.walk(m, 0);
            assertThat(wrong == Ipv4Options.FINE || wrong >= 20 && wrong < header.length)
                    .as("seed " + seed)
                    .isTrue();
            if (wrong == Ipv4Options.FINE) {
                byte[] before = m.toArray(ValueLayout.JAVA_BYTE);
                options.record(m, 0, 1);
                options.stamp(m, 0, 1, 2);
                assertThat(Arrays.copyOf(header, 20)).isEqualTo(Arrays.copyOf(before, 20));
                if (options.leadsOn(m, 0)) {
                    options.goOn(m, 0);
                    options.recordSourceRoute(m, 0, 3);
                }
            }
        }
    }
}
