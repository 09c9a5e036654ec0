package dev.stride.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FragmentationTest {
    /// Copied flag set: loose source route, router alert. Not set: record route, no-operation.
    private static final String SOURCE_ROUTE = "8307040a090909";

    private static final String ROUTER_ALERT = "94040000";
    private static final String RECORD_ROUTE = "07070400000000";
    private static final String NOP = "01";

    /// Name, options, flags and offset, payload, MTU, and each fragment as
    /// `headerLength+data@offset` with a `+` behind it where more follow.
    static Stream<Arguments> rules() {
        return Stream.of(
                Arguments.of("RFC 791 A.2", "", 0, 452, 280, "20+256@0+ 20+196@256"),
                Arguments.of("one byte too long", "", 0, 1481, 1500, "20+1480@0+ 20+1@1480"),
                Arguments.of(
                        "RFC 1812 4.2.2.7 as few as can be: the last one ends at no unit",
                        "",
                        0,
                        976 + 980,
                        1000,
                        "20+976@0+ 20+980@976"),
                Arguments.of(
                        "one byte more than that",
                        "",
                        0,
                        976 + 981,
                        1000,
                        "20+976@0+ 20+976@976+ 20+5@1952"),
                Arguments.of(
                        "smallest MTU of RFC 791", "", 0, 100, 68, "20+48@0+ 20+48@48+ 20+4@96"),
                Arguments.of(
                        "fragment of a first fragment: MF stays",
                        "",
                        Ipv4.MF,
                        1480,
                        1000,
                        "20+976@0+ 20+504@976+"),
                Arguments.of(
                        "fragment of a middle fragment: offsets go on",
                        "",
                        Ipv4.MF | 185,
                        1480,
                        1000,
                        "20+976@1480+ 20+504@2456+"),
                Arguments.of(
                        "fragment of a last fragment: only the last one ends it",
                        "",
                        370,
                        1001,
                        1000,
                        "20+976@2960+ 20+25@3936"),
                Arguments.of(
                        "last offset that there is",
                        "",
                        8191 - 6,
                        55,
                        68,
                        "20+48@65480+ 20+7@65528"),
                Arguments.of(
                        "RFC 791 3.1 options with the copied flag are in all",
                        SOURCE_ROUTE + NOP,
                        0,
                        300,
                        200,
                        "28+168@0+ 28+132@168"),
                Arguments.of(
                        "RFC 791 3.1 options without are in the first",
                        RECORD_ROUTE + NOP,
                        0,
                        300,
                        200,
                        "28+168@0+ 20+132@168"),
                Arguments.of(
                        "RFC 791 3.1 options are kept apart",
                        RECORD_ROUTE + SOURCE_ROUTE + NOP + NOP + ROUTER_ALERT,
                        0,
                        400,
                        200,
                        "40+160@0+ 32+168@160+ 32+72@328"),
                Arguments.of(
                        "longest header, shortest data",
                        "8227" + "00".repeat(37) + NOP,
                        0,
                        20,
                        68,
                        "60+8@0+ 60+8@8+ 60+4@16"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void cutsBy(String rule, String options, int flags, int payload, int mtu, String expected) {
        Packet whole = Datagrams.datagram(options, flags, payload);
        byte[] before = Datagrams.bytes(whole);
        assertThat(Fragmentation.mayCut(whole, mtu)).isTrue();

        List<Packet> fragments = Datagrams.cut(whole, mtu);

        assertEquals(
                expected,
                String.join(" ", fragments.stream().map(FragmentationTest::describe).toList()));
        assertThat(Datagrams.bytes(whole)).as("the whole").isEqualTo(before);
        for (Packet fragment : fragments) {
            int ip = fragment.start + Ethernet.HEADER;
            assertThat(Ipv4.validate(fragment.memory, ip, fragment.length - Ethernet.HEADER))
                    .isNull();
            assertThat(fragment.length - Ethernet.HEADER).isLessThanOrEqualTo(mtu);
            assertEquals(0x1234, Ipv4.identification(fragment.memory, ip));
            assertEquals(0xb8, Ipv4.tos(fragment.memory, ip));
            assertEquals(64, Ipv4.ttl(fragment.memory, ip));
            assertThat(payload(fragment)).isEqualTo(payloadOf(whole, fragment));
        }
    }

    private static String describe(Packet fragment) {
        MemorySegment m = fragment.memory;
        int ip = fragment.start + Ethernet.HEADER;
        int header = Ipv4.headerLength(m, ip);
        boolean more = (Bytes.u16(m, ip + 6) & Ipv4.MF) != 0;
        return header
                + "+"
                + (Ipv4.totalLength(m, ip) - header)
                + "@"
                + Ipv4.fragmentOffset(m, ip)
                + (more ? "+" : "");
    }

    private static byte[] payload(Packet packet) {
        int header =
                Ethernet.HEADER + Ipv4.headerLength(packet.memory, packet.start + Ethernet.HEADER);
        return packet.memory
                .asSlice(packet.start + header, packet.length - header)
                .toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] payloadOf(Packet whole, Packet fragment) {
        int at =
                Ipv4.fragmentOffset(fragment.memory, fragment.start + Ethernet.HEADER)
                        - Ipv4.fragmentOffset(whole.memory, whole.start + Ethernet.HEADER);
        return Arrays.copyOfRange(payload(whole), at, at + payload(fragment).length);
    }

    @Test
    void laterHeadersHoldTheCopiedOptionsAndPadding() {
        Packet whole =
                Datagrams.datagram(RECORD_ROUTE + SOURCE_ROUTE + NOP + NOP + ROUTER_ALERT, 0, 400);
        Packet later = Datagrams.cut(whole, 200).get(1);

        assertEquals(
                SOURCE_ROUTE + ROUTER_ALERT + "00",
                HexFormat.of().formatHex(Datagrams.bytes(later), 34, 46));
    }

    static Stream<Arguments> refusals() {
        Packet six = Datagrams.datagram("", 0, 2000);
        Bytes.put16(six.memory, six.start + 12, Ethernet.IPV6);
        Packet segmented = Datagrams.datagram("", Ipv4.MF, 2000);
        segmented.gsoType = Packet.GSO_TCP4;
        return Stream.of(
                Arguments.of("RFC 791 3.1 DF", Datagrams.datagram("", Ipv4.DF, 2000), 1000),
                Arguments.of("IPv6", six, 1000),
                Arguments.of("no room for eight bytes", Datagrams.datagram("", 0, 100), 27),
                Arguments.of(
                        "option longer than the header",
                        Datagrams.datagram("83080400", 0, 2000),
                        1000),
                Arguments.of(
                        "option without its length", Datagrams.datagram("01010183", 0, 2000), 1000),
                Arguments.of(
                        "option shorter than its length",
                        Datagrams.datagram("83010000", 0, 2000),
                        1000),
                Arguments.of("ping of death", Datagrams.datagram("", 8189, 1480), 1000),
                Arguments.of("super-frame that is a fragment", segmented, 1000));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void doesNotCut(String what, Packet packet, int mtu) {
        assertThat(Fragmentation.mayCut(packet, mtu)).isFalse();
    }
}
