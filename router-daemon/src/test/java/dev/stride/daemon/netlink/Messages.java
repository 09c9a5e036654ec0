package dev.stride.daemon.netlink;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Writes messages of rtnetlink, for tests.
public final class Messages {
    public static final int UNICAST = 1;

    private final ByteBuffer out = ByteBuffer.allocate(1 << 15).order(ByteOrder.nativeOrder());
    private int start;

    /// A route without attributes but its destination; [#attribute] adds more.
    public Messages route(boolean gone, String to, int table, int kind) {
        IpPrefix prefix = IpPrefix.parse(to);
        begin(gone ? 25 : 24);
        out.put((byte) (prefix.width() == 32 ? 2 : 10)).put((byte) prefix.length());
        out.put((byte) 0).put((byte) 0).put((byte) (table < 256 ? table : 0));
        out.put((byte) 196).put((byte) 0).put((byte) kind).putInt(0);
        attribute(1, bytes(prefix.first()));
        return table < 256 ? end() : end().attribute(15, number(table));
    }

    /// Packets to `to` go to one gateway.
    public Messages via(String to, String gateway) {
        return route(false, to, 254, UNICAST)
                .attribute(5, bytes(IpAddress.parse(gateway)))
                .attribute(4, number(3));
    }

    /// Packets to `to` go where a next-hop id leads.
    public Messages via(String to, int id) {
        return route(false, to, 254, UNICAST).attribute(30, number(id));
    }

    /// A withdrawal.
    public Messages gone(String to) {
        return route(true, to, 254, 0);
    }

    /// Next hops within a route: gateways with weights one after the other.
    public Messages multipath(Object... gatewaysAndWeights) {
        ByteBuffer hops = ByteBuffer.allocate(1 << 15).order(ByteOrder.nativeOrder());
        for (int i = 0; i < gatewaysAndWeights.length; i += 2) {
            byte[] gateway = bytes(IpAddress.parse((String) gatewaysAndWeights[i]));
            int weight = (Integer) gatewaysAndWeights[i + 1];
            hops.putShort((short) (12 + gateway.length)).put((byte) 0).put((byte) (weight - 1));
            hops.putInt(3).putShort((short) (4 + gateway.length)).putShort((short) 5).put(gateway);
        }
        byte[] value = new byte[hops.position()];
        hops.flip().get(value);
        return attribute(9, value);
    }

    /// What an id leads to.
    public Messages nextHop(int id, String gateway) {
        return begin(104, 2)
                .attribute(1, number(id))
                .attribute(6, bytes(IpAddress.parse(gateway)))
                .attribute(5, number(3));
    }

    public Messages blackhole(int id) {
        return begin(104, 2).attribute(1, number(id)).attribute(4, new byte[0]);
    }

    /// An id for other ids, of equal weights.
    public Messages group(int id, int... members) {
        ByteBuffer entries = ByteBuffer.allocate(8 * members.length).order(ByteOrder.nativeOrder());
        for (int member : members) {
            entries.putInt(member).putInt(0);
        }
        return begin(104, 0).attribute(1, number(id)).attribute(2, entries.array());
    }

    public Messages nextHopGone(int id) {
        return begin(105, 0).attribute(1, number(id));
    }

    /// Another type, or a body of any kind.
    public Messages other(int type, byte... body) {
        begin(type);
        out.put(body);
        return end();
    }

    /// Adds an attribute to the last message.
    public Messages attribute(int type, byte... value) {
        out.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        out.position(out.position() + 3 & ~3);
        return end();
    }

    private Messages begin(int type, int family) {
        begin(type);
        out.put((byte) family).put((byte) 0).put((byte) 11).put((byte) 0).putInt(0);
        return end();
    }

    private void begin(int type) {
        start = out.position();
        out.putInt(0).putShort((short) type).putShort((short) 0x501).putInt(0).putInt(0);
    }

    private Messages end() {
        out.putInt(start, out.position() - start);
        return this;
    }

    /// A number as an attribute's value.
    public static byte[] number(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
    }

    static byte[] bytes(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> ByteBuffer.allocate(4).putInt(four.bits()).array();
            case Ip6Address six ->
                    ByteBuffer.allocate(16).putLong(six.high()).putLong(six.low()).array();
        };
    }

    /// All messages so far.
    public ByteBuffer buffer() {
        return out.duplicate().flip().order(ByteOrder.nativeOrder());
    }

    /// All messages so far as a frame of FPM.
    public byte[] frame() {
        int length = out.position() + 4;
        byte[] frame = new byte[length];
        ByteBuffer.wrap(frame).put((byte) 1).put((byte) 1).putShort((short) length).put(buffer());
        return frame;
    }
}
