package dev.stride.daemon.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.stride.daemon.netlink.NetlinkMessage.MalformedMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/// Any bytes are messages or malformed, which ends the reading; there are no more than fit.
class MessageReaderFuzz {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        new Messages().via("10.9.0.0/16", "192.0.2.2").gone("10.9.0.0/16"),
                        new Messages().via("2001:db8::/32", "fe80::2").via("10.0.0.0/8", 7),
                        new Messages()
                                .route(false, "10.1.0.0/16", 1000, Messages.UNICAST)
                                .multipath("192.0.2.2", 1, "192.0.2.3", 256),
                        new Messages().nextHop(7, "192.0.2.2").blackhole(8).group(9, 7, 8),
                        new Messages().nextHopGone(9).other(3, new byte[4]).other(2, new byte[20]),
                        new Messages()
                                .other(16, new byte[16]) // a link, an address and a neighbor
                                .attribute(3, "lan0\0".getBytes(StandardCharsets.US_ASCII))
                                .other(20, bytes("0218000003000000"))
                                .attribute(2, bytes("0a010001"))
                                .other(28, bytes("020000000300000002000000"))
                                .attribute(1, bytes("0a010002"))
                                .attribute(2, bytes("020000000102")))
                .map(
                        messages -> {
                            byte[] bytes = new byte[messages.buffer().remaining()];
                            messages.buffer().get(bytes);
                            return bytes;
                        });
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @Timeout(60) // for one input
    @MethodSource("seeds")
    @FuzzTest
    void messages(byte[] bytes) {
        MessageReader reader = new MessageReader(ByteBuffer.wrap(bytes));
        boolean malformed = false;
        int count = 0;
        for (NetlinkMessage next = reader.next(); next != null; next = reader.next()) {
            assertThat(malformed).isFalse();
            malformed = next instanceof MalformedMessage;
            assertThat(next.toString()).isNotEmpty();
            assertThat(++count).isLessThanOrEqualTo(1 + bytes.length / 16);
        }
    }
}
