package dev.stride.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.daemon.config.ControlConfig;
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
import java.time.Duration;
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
    private final ControlCounters counters = new ControlCounters();
    private volatile Access access = Access.WRITE;
    private ControlServer server;

    @BeforeEach
    void start() {
        path = directory.resolve("run/control.sock");
        server = server(path);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private ControlServer server(Path at) {
        return server(ControlConfig.of(at));
    }

    private ControlServer server(ControlConfig config) {
        return ControlServer.start(config, router, (uid, gid, socket) -> access, counters);
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

    /// It asks for what it never takes: much more than buffers hold.
    @Test
    void clientThatTakesNothingIsDisconnected() throws IOException {
        for (int i = 0; i < 20_000; i++) {
            Ip4Prefix prefix = new Ip4Prefix(10 << 24 | i << 8, 24);
            router.routes.put(
                    prefix, new Router.NewRoute("main", prefix, List.of(), "blackhole", null));
        }
        Path impatient = directory.resolve("impatient.sock");
        ControlConfig config =
                new ControlConfig(impatient, null, null, null, Duration.ofMillis(200));
        for (String what : List.of("routes", "neighbors")) {
            counters.slow.set(0);
            try (ControlServer _ = server(config);
                    SocketChannel deaf = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                deaf.connect(UnixDomainSocketAddress.of(impatient));
                deaf.configureBlocking(false);
                ByteBuffer ask =
                        StandardCharsets.UTF_8.encode(ASK.formatted(1, what).repeat(50_000));
                await().pollDelay(Duration.ZERO)
                        .until(
                                () -> {
                                    try {
                                        deaf.write(ask); // until the daemon reads no more
                                    } catch (IOException e) {
                                        return true;
                                    }
                                    return counters.counts().slow() == 1;
                                });
                assertThat(counters.counts().slow()).isOne();
            }
        }
    }

    @Test
    void readersMayLookAndChangeNothing() throws IOException {
        access = Access.READ;
        try (SocketChannel channel = connect();
                BufferedReader lines = reader(channel)) {
            write(channel, ASK.formatted(1, "status"));
            assertThat(lines.readLine()).contains("\"ok\":true");
            for (String verb :
                    List.of("route-add", "port", "reload", "rollback", "save", "nonsense")) {
                write(channel, "{\"v\":1,\"id\":2,\"do\":\"" + verb + "\"}\n");
                assertThat(lines.readLine())
                        .contains("\"code\":\"forbidden\"")
                        .contains("may only look");
            }
            write(channel, "{\"v\":1,\"id\":3,\"do\":\"diff\"}\n");
            assertThat(lines.readLine()).contains("\"ok\":true");
            write(channel, "{\"v\":1,\"id\":3,\"do\":\"diff\",\"file\":\"/etc/shadow\"}\n");
            assertThat(lines.readLine()).contains("forbidden");
        }
        assertThat(router.calls).containsExactly("diff null");
        assertThat(counters.counts().forbidden()).isEqualTo(7);
    }

    @Test
    void whoMayNothingIsToldAndDisconnected() throws IOException {
        access = Access.NONE;
        try (SocketChannel channel = connect();
                BufferedReader lines = reader(channel)) {
            assertThat(lines.readLine()).contains("forbidden").contains("none of the groups");
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void modeIsThatOfTheConfiguration() throws IOException {
        Path open = directory.resolve("open.sock");
        try (ControlServer _ =
                server(new ControlConfig(open, null, null, "adm", Duration.ofSeconds(30)))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(open)))
                    .isEqualTo("rw-rw-rw-");
        }
        Path closed = directory.resolve("closed.sock");
        try (ControlServer _ =
                server(new ControlConfig(closed, "0600", null, null, Duration.ofSeconds(30)))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(closed)))
                    .isEqualTo("rw-------");
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
        assertThatThrownBy(() -> server(path))
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
        server(left).close();
        assertThat(left).doesNotExist();
    }

    @Test
    void fileOfAnotherKindIsNotReplaced() throws IOException {
        Path file = Files.writeString(directory.resolve("precious"), "text");
        assertThatThrownBy(() -> server(file)).hasMessageContaining("no socket");
        assertThat(file).hasContent("text");
    }
}
