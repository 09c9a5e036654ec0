package dev.stride.daemon.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What is asked of the kernel, in this order: what others refer to comes first.
enum DumpRequest {
    LINKS(18, 0, 16), // RTM_GETLINK, struct ifinfomsg
    NEXT_HOPS(106, 0, 8), // RTM_GETNEXTHOP, struct nhmsg
    ROUTES4(26, 2, 12), // RTM_GETROUTE, struct rtmsg
    ROUTES6(26, 10, 12);

    private static final int HEADER = 16;
    private static final short FLAGS = 0x301; // NLM_F_REQUEST, NLM_F_DUMP
    private static final int TABLE_OFFSET = HEADER + 4; // rtm_table
    private static final short RTA_TABLE = 15;

    private final short type;
    private final byte family;
    private final int body;

    DumpRequest(int type, int family, int body) {
        this.type = (short) type;
        this.family = (byte) family;
        this.body = body;
    }

    /// The message.
    ///
    /// @param sequence that the answers have
    /// @param table number of the kernel's table
    byte[] message(int sequence, int table) {
        boolean routes = this == ROUTES4 || this == ROUTES6;
        ByteBuffer bytes =
                ByteBuffer.allocate(HEADER + body + (routes ? 8 : 0))
                        .order(ByteOrder.nativeOrder());
        bytes.putInt(bytes.capacity()).putShort(type).putShort(FLAGS).putInt(sequence).putInt(0);
        bytes.put(family).position(HEADER + body);
        if (routes) {
            bytes.putShort((short) 8).putShort(RTA_TABLE).putInt(table);
            bytes.put(TABLE_OFFSET, (byte) (Integer.compareUnsigned(table, 256) < 0 ? table : 0));
        }
        return bytes.array();
    }

    /// Names it for people.
    String what() {
        return switch (this) {
            case LINKS -> "interfaces";
            case NEXT_HOPS -> "next hops";
            case ROUTES4 -> "IPv4 routes";
            case ROUTES6 -> "IPv6 routes";
        };
    }
}
