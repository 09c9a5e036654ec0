package dev.stride.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stride.daemon.control.FakeRouter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpServerTest {
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final FakeRouter router = new FakeRouter();
    private final HttpServer server = HttpServer.start(ANY_PORT, router);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://" + server.address() + path));
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        return client.send(request, BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(to(path).build());
    }

    private static String type(HttpResponse<?> response) {
        return response.headers().firstValue("content-type").orElse("none");
    }

    @Test
    void indexNamesThePaths() throws Exception {
        assertThat(get("/").body()).contains("/metrics", "/health/live", "/health/ready");
    }

    @Test
    void metricsAreText004() throws Exception {
        HttpResponse<String> response = get("/metrics?debug=1");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(type(response)).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body())
                .contains("# TYPE stride_port_up gauge")
                .doesNotContain("# EOF")
                .endsWith("\n");
    }

    @Test
    void openMetricsWhereTheScraperTakesIt() throws Exception {
        String accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3";
        HttpResponse<String> response = send(to("/metrics").header("Accept", accept).build());
        assertThat(type(response))
                .isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
        assertThat(response.body()).endsWith("# EOF\n");
    }

    @Test
    void metricsAreCompressedWhereTheScraperTakesIt() throws Exception {
        HttpRequest request = to("/metrics").header("Accept-Encoding", "gzip").build();
        HttpResponse<java.io.InputStream> response =
                client.send(request, BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("content-encoding")).contains("gzip");
        try (GZIPInputStream text = new GZIPInputStream(response.body())) {
            assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("stride_port_up");
        }
    }

    @Test
    void scrapeOfABusyRouterIsUnavailable() throws Exception {
        router.busy = true;
        HttpResponse<String> response = get("/metrics");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("busy");
        router.busy = false;
        assertThat(get("/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    void healthFollowsTheRouter() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").body()).isEqualTo("ready\n");
        router.ready = false;
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        router.live = false;
        assertThat(get("/health/live").body()).isEqualTo("not live\n");
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        assertThat(get("/metrics/").statusCode()).isEqualTo(404);
        assertThat(get("/health").statusCode()).isEqualTo(404);
    }

    @Test
    void onlyGetAndHead() throws Exception {
        HttpResponse<String> refused =
                send(to("/metrics").POST(BodyPublishers.ofString("x")).build());
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("allow")).contains("GET, HEAD");
        HttpResponse<String> head = send(to("/").HEAD().build());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void whatIsNotHttpIsABadRequest() throws IOException {
        String[] at = server.address().split(":", 2);
        try (Socket socket = new Socket(at[0], Integer.parseInt(at[1]))) {
            socket.getOutputStream()
                    .write("\u0001\u0002 nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void addressInUseIsToldWithTheKeyAndTheNextStep() {
        String[] at = server.address().split(":", 2);
        InetSocketAddress taken = new InetSocketAddress(at[0], Integer.parseInt(at[1]));
        assertThatThrownBy(() -> HttpServer.start(taken, router))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("metrics.listen " + server.address() + ": ")
                .hasMessageContaining("choose another address");
    }
}
