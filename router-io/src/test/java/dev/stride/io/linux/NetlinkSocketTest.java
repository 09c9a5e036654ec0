package dev.stride.io.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Against the kernel that runs the test; asking for links takes no privilege.
class NetlinkSocketTest {
    private static final int LINKS = 18; // RTM_GETLINK

    private static byte[] request() {
        ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
        return bytes.putInt(32).putShort((short) LINKS).putShort((short) 0x301).array();
    }

    @Test
    void kernelAnswersWithItsLinks() {
        try (NetlinkSocket socket = NetlinkSocket.open(1 << 20)) {
            assertThat(socket.receive()).isEqualTo(NetlinkSocket.Received.NOTHING);
            socket.send(request());
            Poll poll = new Poll(1);
            poll.add(socket.descriptor());
            assertThat(poll.await(10_000)).isTrue();
            assertThat(socket.receive()).isEqualTo(NetlinkSocket.Received.DATAGRAM);
            byte[] bytes = new byte[socket.datagram().remaining()];
            socket.datagram().get(bytes);
            assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).contains("lo\0");
        }
    }

    @Test
    void groupThatIsNoneIsRefused() {
        try (NetlinkSocket socket = NetlinkSocket.open(1 << 16)) {
            socket.join(1);
            assertThatThrownBy(() -> socket.join(10_000))
                    .isInstanceOf(SyscallException.class)
                    .hasMessageContaining("NETLINK_ADD_MEMBERSHIP 10000");
        }
    }
}
