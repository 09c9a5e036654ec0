package dev.stride.daemon.fpm;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteOrder;
import java.util.List;

/// What zebra is told of its routes once they are in the FIB: each one back as RTM_NEWROUTE with
/// RTM_F_OFFLOAD, or with RTM_F_OFFLOAD_FAILED where it was not taken. FRR 8.5 and later wait for
/// it with `--asic-offload=notify_on_offload`; 8.4 reads and discards it, and 10.3 finds no route,
/// as it takes the number of the table for that of a VRF.
///
/// zebra looks at the first message of a frame alone, and at none that is not a request (fpm_read
/// in its dplane_fpm_nl.c).
final class OffloadReplies {
    private static final int HEADER = 4;
    private static final int LONGEST =
            HEADER + 16 + 12 + 20 + 8 + 8 + 8; // netlink, route, attributes
    private static final short NEWROUTE = 24;
    private static final int REQUEST = 1; // NLM_F_REQUEST
    private static final int OFFLOAD = 0x4000;
    private static final int OFFLOAD_FAILED = 0x2000_0000;
    private static final int RTA_DST = 1;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_TABLE = 15;
    private static final int RTA_NH_ID = 30;

    /// A route as zebra said it.
    ///
    /// @param taken whether it is in the RIB and, unless a better one is, in the FIB
    record Reply(RouteMessage route, boolean taken) {}

    private OffloadReplies() {}

    /// A frame for each of them.
    static ByteBuf frames(List<Reply> replies, ByteBufAllocator memory) {
        ByteBuf out = memory.buffer(LONGEST * replies.size());
        for (Reply reply : replies) {
            int start = out.writerIndex();
            out.writeByte(1).writeByte(1).writeShort(0);
            message(out, reply);
            out.setShort(start + 2, out.writerIndex() - start);
        }
        return out;
    }

    private static void message(ByteBuf out, Reply reply) {
        RouteMessage route = reply.route();
        int start = out.writerIndex();
        number(out, 0); // the length, once it is known
        half(out, NEWROUTE);
        half(out, REQUEST);
        number(out, 0);
        number(out, 0);
        int table = route.table();
        boolean small = table > 0 && table < 256;
        out.writeByte(route.prefix().width() == 32 ? 2 : 10).writeByte(route.prefix().length());
        out.writeByte(0).writeByte(0).writeByte(small ? table : 0).writeByte(route.protocol());
        out.writeByte(0).writeByte(route.kind());
        number(out, reply.taken() ? OFFLOAD : OFFLOAD_FAILED);
        destination(out, route.prefix().first());
        attribute(out, RTA_PRIORITY, route.priority());
        attribute(out, RTA_TABLE, table);
        if (route.nextHopId() != 0) {
            attribute(out, RTA_NH_ID, route.nextHopId());
        }
        int length = out.writerIndex() - start;
        out.setInt(start, native4(length));
    }

    private static void destination(ByteBuf out, IpAddress address) {
        switch (address) {
            case Ip4Address four -> {
                half(out, 8);
                half(out, RTA_DST);
                out.writeInt(four.bits());
            }
            case Ip6Address six -> {
                half(out, 20);
                half(out, RTA_DST);
                out.writeLong(six.high()).writeLong(six.low());
            }
        }
    }

    private static void attribute(ByteBuf out, int type, int value) {
        half(out, 8);
        half(out, type);
        number(out, value);
    }

    /// A number in this machine's byte order.
    private static void number(ByteBuf out, int value) {
        out.writeInt(native4(value));
    }

    private static void half(ByteBuf out, int value) {
        boolean big = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
        out.writeShort(big ? value : Short.reverseBytes((short) value));
    }

    private static int native4(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                ? value
                : Integer.reverseBytes(value);
    }
}
