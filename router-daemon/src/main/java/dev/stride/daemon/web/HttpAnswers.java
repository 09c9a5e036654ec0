package dev.stride.daemon.web;

import dev.stride.daemon.control.Router;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.metrics.RouterMetrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/// What each path answers.
final class HttpAnswers extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final System.Logger LOG = System.getLogger("http");
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS =
            "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final String INDEX =
            """
            Stride

            /metrics       for Prometheus
            /health/live   200 while the router answers
            /health/ready  200 while traffic can pass
            """;

    private final Router router;
    private final RouterMetrics metrics;
    private final Executor answers;

    /// @param answers the one thread that answers: it may have to wait for the control thread
    HttpAnswers(Router router, RouterMetrics metrics, Executor answers) {
        this.router = router;
        this.metrics = metrics;
        this.answers = answers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        request.retain();
        answers.execute(
                () -> {
                    try {
                        answer(context, request);
                    } catch (RuntimeException e) {
                        LOG.log(System.Logger.Level.ERROR, "internal error; please report it", e);
                        context.close();
                    } finally {
                        request.release();
                    }
                });
    }

    private void answer(ChannelHandlerContext context, FullHttpRequest request) {
        FullHttpResponse response;
        if (request.decoderResult().isFailure()) {
            response = answer(HttpResponseStatus.BAD_REQUEST, TEXT, "not HTTP\n");
            HttpUtil.setKeepAlive(request, false);
        } else if (!request.method().equals(HttpMethod.GET)
                && !request.method().equals(HttpMethod.HEAD)) {
            response = answer(HttpResponseStatus.METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n");
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        } else {
            response = get(request);
        }
        HttpUtil.setContentLength(response, response.content().readableBytes());
        boolean keep = HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(response, keep);
        var written = context.writeAndFlush(response);
        if (!keep) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private FullHttpResponse get(FullHttpRequest request) {
        return switch (new QueryStringDecoder(request.uri()).path()) {
            case "/" -> answer(HttpResponseStatus.OK, TEXT, INDEX);
            case "/metrics" -> scrape(request);
            case "/health/live" -> health(router.isLive(), "live");
            case "/health/ready" -> health(router.isReady(), "ready");
            default -> answer(HttpResponseStatus.NOT_FOUND, TEXT, "not found\n");
        };
    }

    private FullHttpResponse scrape(FullHttpRequest request) {
        String accept = request.headers().get(HttpHeaderNames.ACCEPT, "");
        String type = accept.contains("application/openmetrics-text") ? OPEN_METRICS : PROMETHEUS;
        try {
            return answer(HttpResponseStatus.OK, type, metrics.scrape(type));
        } catch (RefusedException e) {
            return answer(HttpResponseStatus.SERVICE_UNAVAILABLE, TEXT, e.getMessage() + "\n");
        }
    }

    private static FullHttpResponse health(boolean well, String word) {
        return well
                ? answer(HttpResponseStatus.OK, TEXT, word + "\n")
                : answer(HttpResponseStatus.SERVICE_UNAVAILABLE, TEXT, "not " + word + "\n");
    }

    private static FullHttpResponse answer(HttpResponseStatus status, String type, String body) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        status,
                        Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        return response;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // a client that went away or sent no HTTP
    }
}
