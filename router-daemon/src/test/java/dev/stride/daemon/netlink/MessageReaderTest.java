package dev.stride.daemon.netlink;

import static dev.stride.daemon.netlink.Messages.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import dev.stride.daemon.netlink.NetlinkMessage.MalformedMessage;
import dev.stride.daemon.netlink.NetlinkMessage.Member;
import dev.stride.daemon.netlink.NetlinkMessage.NextHopMessage;
import dev.stride.daemon.netlink.NetlinkMessage.OtherMessage;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MessageReaderTest {
    private static List<NetlinkMessage> read(ByteBuffer bytes) {
        List<NetlinkMessage> messages = new ArrayList<>();
        MessageReader reader = new MessageReader(bytes);
        for (NetlinkMessage next = reader.next(); next != null; next = reader.next()) {
            messages.add(next);
        }
        return messages;
    }

    private static NetlinkMessage one(Messages messages) {
        List<NetlinkMessage> all = read(messages.buffer());
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private static Hop hop(String gateway, int device, int weight) {
        return new Hop(IpAddress.parse(gateway), device, weight);
    }

    private static RouteMessage route(String to, int table, int kind, int id, Hop... hops) {
        return new RouteMessage(
                false, IpPrefix.parse(to), 0, 0, table, 196, kind, 0, id, List.of(hops), false);
    }

    @Test
    void routesHaveTheirNextHopsInSeveralForms() {
        Messages messages =
                new Messages()
                        .via("10.1.0.0/16", "192.0.2.2")
                        .via("2001:db8::/32", "2001:db8:1::2")
                        .via("10.2.0.0/16", 77)
                        .route(false, "10.3.0.0/16", 254, 1)
                        .multipath("192.0.2.2", 1, "192.0.2.3", 256)
                        .route(false, "0.0.0.0/0", 70_000, 1)
                        .route(false, "10.4.0.0/16", 254, 6);
        assertThat(read(messages.buffer()))
                .containsExactly(
                        route("10.1.0.0/16", 254, 1, 0, hop("192.0.2.2", 3, 1)),
                        route("2001:db8::/32", 254, 1, 0, hop("2001:db8:1::2", 3, 1)),
                        route("10.2.0.0/16", 254, 1, 77),
                        route(
                                "10.3.0.0/16",
                                254,
                                1,
                                0,
                                hop("192.0.2.2", 3, 1),
                                hop("192.0.2.3", 3, 256)),
                        route("0.0.0.0/0", 70_000, 1, 0),
                        route("10.4.0.0/16", 254, 6, 0));
    }

    @Test
    void nextHopOfAnotherFamilyIsRead() {
        byte[] via = new byte[18];
        via[0] = 10;
        via[2] = 0x20;
        via[17] = 1;
        assertThat(one(new Messages().route(false, "10.0.0.0/8", 254, 1).attribute(18, via)))
                .isEqualTo(route("10.0.0.0/8", 254, 1, 0, hop("2000::1", 0, 1)));
    }

    @Test
    void encapsulationIsNoticed() {
        Messages messages = new Messages().via("10.0.0.0/8", "192.0.2.2").attribute(21, (byte) 1);
        assertThat(((RouteMessage) one(messages)).encapsulated()).isTrue();
    }

    @Test
    void bitsBeyondThePrefixAreCutOff() {
        Messages messages = new Messages().route(false, "10.1.2.3/32", 254, 6);
        ByteBuffer bytes = messages.buffer();
        bytes.put(17, (byte) 8); // rtm_dst_len
        assertThat(read(bytes)).containsExactly(route("10.0.0.0/8", 254, 6, 0));
    }

    @Test
    void nextHopsAreSingleOrGroups() {
        Messages messages =
                new Messages().nextHop(5, "192.0.2.2").group(6, 5, 7).blackhole(8).nextHopGone(5);
        assertThat(read(messages.buffer()))
                .containsExactly(
                        new NextHopMessage(
                                false, 5, false, hop("192.0.2.2", 3, 1), List.of(), false),
                        new NextHopMessage(
                                false,
                                6,
                                false,
                                null,
                                List.of(new Member(5, 1), new Member(7, 1)),
                                false),
                        new NextHopMessage(false, 8, true, null, List.of(), false),
                        new NextHopMessage(true, 5, false, null, List.of(), false));
    }

    @Test
    void whatIsOfNoInterestIsPassedOver() {
        Messages messages = new Messages().other(68, new byte[40]).gone("10.0.0.0/8").other(80);
        assertThat(read(messages.buffer()))
                .hasSize(3)
                .startsWith(new OtherMessage(68))
                .endsWith(new OtherMessage(80));
    }

    static Stream<Arguments> malformed() {
        Messages route = new Messages().route(false, "10.0.0.0/8", 254, 1);
        ByteBuffer longPrefix = new Messages().route(false, "10.0.0.0/8", 254, 1).buffer();
        longPrefix.put(17, (byte) 33);
        ByteBuffer tooLong = new Messages().gone("10.0.0.0/8").buffer();
        tooLong.putInt(0, tooLong.limit() + 1);
        ByteBuffer negative = new Messages().gone("10.0.0.0/8").buffer();
        negative.putInt(0, -1);
        ByteBuffer attribute = new Messages().gone("10.0.0.0/8").buffer();
        attribute.putShort(28, (short) 3);
        ByteBuffer longAttribute = new Messages().gone("10.0.0.0/8").buffer();
        longAttribute.putShort(28, (short) 9);
        byte[] hop = {9, 0, 0, 0, 3, 0, 0, 0};
        return Stream.of(
                argumentSet("half a header", Problem.HEADER, ByteBuffer.allocate(15)),
                argumentSet("length 0", Problem.LENGTH, ByteBuffer.allocate(16)),
                argumentSet("length beyond the input", Problem.LENGTH, tooLong),
                argumentSet("negative length", Problem.LENGTH, negative),
                argumentSet("half a body", Problem.BODY, new Messages().other(24, new byte[11])),
                argumentSet("half a next hop", Problem.BODY, new Messages().other(104, (byte) 2)),
                argumentSet("attribute of 3 bytes", Problem.ATTRIBUTE, attribute),
                argumentSet("attribute too long", Problem.ATTRIBUTE, longAttribute),
                argumentSet("table of 2 bytes", Problem.VALUE, route.attribute(15, new byte[2])),
                argumentSet(
                        "gateway of 5 bytes",
                        Problem.VALUE,
                        new Messages().gone("10.0.0.0/8").attribute(5, new byte[5])),
                argumentSet(
                        "via of one byte",
                        Problem.VALUE,
                        new Messages().gone("10.0.0.0/8").attribute(18, new byte[1])),
                argumentSet("length 33", Problem.PREFIX, longPrefix),
                argumentSet(
                        "no destination",
                        Problem.PREFIX,
                        new Messages()
                                .other(
                                        24, (byte) 2, (byte) 8, (byte) 0, (byte) 0, (byte) 0,
                                        (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0,
                                        (byte) 0)),
                argumentSet(
                        "hop longer than its attribute",
                        Problem.NEXT_HOPS,
                        new Messages().gone("10.0.0.0/8").attribute(9, hop)),
                argumentSet("no id", Problem.ID, new Messages().other(104, new byte[8])),
                argumentSet(
                        "half a member",
                        Problem.VALUE,
                        new Messages().nextHopGone(3).attribute(2, number(4))));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void whatCannotBeReadIsNamed(Problem problem, Object input) {
        ByteBuffer bytes =
                input instanceof Messages messages ? messages.buffer() : (ByteBuffer) input;
        List<NetlinkMessage> read = read(bytes);
        assertThat(read).last().isEqualTo(new MalformedMessage(problem));
        assertThat(read).filteredOn(MalformedMessage.class::isInstance).hasSize(1);
    }
}
