package dev.stride.daemon.netlink;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Walks the attributes of a message: `{length16, type16, value}` each, padded to four bytes
/// (netlink(7)). Lengths and numbers are in the sender's byte order, addresses in network order.
final class AttributeReader {
    private static final int HEADER = 4;
    private static final int TYPE_MASK = 0x3fff; // less NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private final ByteBuffer buffer;
    private final int end;
    private int next;
    private int value; // where it starts
    private int length; // of the value
    private int type;

    /// @param from the first attribute's place in `buffer`, `end` that behind the last
    AttributeReader(ByteBuffer buffer, int from, int end) {
        this.buffer = buffer;
        this.next = from;
        this.end = end;
    }

    /// Goes to the next attribute; returns whether there is one.
    boolean next() throws MalformedException {
        if (end - next < HEADER) {
            return false; // the padding of the last
        }
        int whole = buffer.getShort(next) & 0xffff;
        if (whole < HEADER || whole > end - next) {
            throw new MalformedException(Problem.ATTRIBUTE);
        }
        type = buffer.getShort(next + 2) & TYPE_MASK;
        value = next + HEADER;
        length = whole - HEADER;
        next += aligned(whole);
        return true;
    }

    static int aligned(int length) {
        return (length + 3) & ~3;
    }

    int type() {
        return type;
    }

    int start() {
        return value;
    }

    int length() {
        return length;
    }

    /// The value as a 32-bit number.
    int number() throws MalformedException {
        if (length != Integer.BYTES) {
            throw new MalformedException(Problem.VALUE);
        }
        return buffer.getInt(value);
    }

    /// The value as a MAC address in the lower 48 bits; -1 where it is as long as none.
    long mac() {
        if (length != 6) {
            return -1;
        }
        long mac = 0;
        for (int i = 0; i < length; i++) {
            mac = mac << 8 | buffer.get(value + i) & 0xff;
        }
        return mac;
    }

    /// The value as text, up to the zero that ends it.
    String text() {
        byte[] bytes = new byte[length];
        buffer.get(value, bytes);
        int end = 0;
        while (end < length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /// The value as an address of either family, by its length.
    IpAddress address() throws MalformedException {
        return address(value, length);
    }

    /// The value of RTA_VIA: a family, then an address of it.
    IpAddress via() throws MalformedException {
        if (length < Short.BYTES) {
            throw new MalformedException(Problem.VALUE);
        }
        return address(value + Short.BYTES, length - Short.BYTES);
    }

    private IpAddress address(int at, int bytes) throws MalformedException {
        return switch (bytes) {
            case 4 -> new Ip4Address(word(at));
            case 16 ->
                    new Ip6Address(
                            (long) word(at) << 32 | word(at + 4) & 0xffff_ffffL,
                            (long) word(at + 8) << 32 | word(at + 12) & 0xffff_ffffL);
            default -> throw new MalformedException(Problem.VALUE);
        };
    }

    private int word(int at) {
        int word = buffer.getInt(at);
        return buffer.order() == ByteOrder.BIG_ENDIAN ? word : Integer.reverseBytes(word);
    }
}
