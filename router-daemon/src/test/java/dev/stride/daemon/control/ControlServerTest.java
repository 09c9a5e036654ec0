package dev.stride.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stride.core.addr.Ip4Prefix;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ControlServerTest {
    private static final String ASK = "{\"v\":1,\"id\":%d,\"do\":\"show\",\"what\":\"%s\"}\n";

    @TempDir Path directory;
    private Path path;
    private final FakeRouter router = new FakeRouter();
    private ControlServer server;

    @BeforeEach
    void start() {
        path = directory.resolve("run/control.sock");
        server = ControlServer.start(path, router);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return channel;
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static BufferedReader reader(SocketChannel channel) {
        return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    @Test
    void onlyOwnerAndGroupMayConnect() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-rw----");
    }

    @Test
    void clientThatHasSaidAllGetsItsAnswers() throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, ASK.formatted(1, "status") + ASK.formatted(2, "ports"));
            channel.shutdownOutput();
            List<String> lines = reader(channel).lines().toList();
            assertThat(lines).hasSize(2);
            assertThat(lines.get(0)).startsWith("{\"v\":1,\"id\":1,\"ok\":true");
            assertThat(lines.get(1)).startsWith("{\"v\":1,\"id\":2,\"ok\":true");
        }
    }

    @Test
    void requestMayComeInPieces() throws IOException {
        try (SocketChannel channel = connect()) {
            String request = ASK.formatted(1, "fib");
            for (int i = 0; i < request.length(); i++) {
                write(channel, request.substring(i, i + 1));
            }
            assertThat(reader(channel).readLine()).contains("\"ok\":true");
        }
    }

    @Test
    void connectionGoesOnAfterAnAnswer() throws IOException {
        try (SocketChannel channel = connect();
                BufferedReader lines = reader(channel)) {
            for (int i = 0; i < 5; i++) {
                write(channel, ASK.formatted(i, "hooks"));
                assertThat(lines.readLine()).startsWith("{\"v\":1,\"id\":" + i + ",\"ok\":true");
            }
        }
    }

    @Test
    void manyRequestsAtOnceAreAnsweredInOrder() throws IOException {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            all.append(ASK.formatted(i, "hooks"));
        }
        try (SocketChannel channel = connect();
                BufferedReader lines = reader(channel)) {
            write(channel, all.toString());
            for (int i = 0; i < 1000; i++) {
                assertThat(lines.readLine()).startsWith("{\"v\":1,\"id\":" + i + ",\"ok\":true");
            }
        }
    }

    @Test
    void clientThatDoesNotReadHoldsUpNobodyElse() throws IOException {
        for (int i = 0; i < 20_000; i++) {
            Ip4Prefix prefix = new Ip4Prefix(10 << 24 | i << 8, 24);
            router.routes.put(
                    prefix, new Router.NewRoute("main", prefix, List.of(), "blackhole", null));
        }
        try (SocketChannel deaf = connect();
                SocketChannel other = connect()) {
            write(deaf, ASK.formatted(1, "routes").repeat(20));
            write(other, ASK.formatted(2, "fib"));
            assertThat(reader(other).readLine()).contains("\"ok\":true");
        }
    }

    @Test
    void lineThatIsTooLongIsToldAndEndsTheConnection() throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, "x".repeat(ControlServer.MAX_LINE + 1));
            BufferedReader lines = reader(channel);
            assertThat(lines.readLine()).contains("malformed", "at most 1048576 bytes");
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void longestLineIsRead() throws IOException {
        try (SocketChannel channel = connect()) {
            String request = ASK.formatted(1, "fib").strip();
            write(channel, request + " ".repeat(ControlServer.MAX_LINE - request.length()) + "\n");
            assertThat(reader(channel).readLine()).contains("\"ok\":true");
        }
    }

    @Test
    void socketOfALivingDaemonIsRefused() {
        assertThatThrownBy(() -> ControlServer.start(path, router))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("control.socket " + path)
                .hasMessageContaining("another daemon listens here");
        assertThat(path).exists();
    }

    @Test
    void socketOfADeadDaemonIsReplacedAndGoesWithTheServer() throws IOException {
        Path left = directory.resolve("left.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(left));
        }
        assertThat(left).exists();
        ControlServer.start(left, router).close();
        assertThat(left).doesNotExist();
    }

    @Test
    void fileOfAnotherKindIsNotReplaced() throws IOException {
        Path file = Files.writeString(directory.resolve("precious"), "text");
        assertThatThrownBy(() -> ControlServer.start(file, router))
                .hasMessageContaining("no socket");
        assertThat(file).hasContent("text");
    }
}
