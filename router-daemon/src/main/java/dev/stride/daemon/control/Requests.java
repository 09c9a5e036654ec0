package dev.stride.daemon.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.MacAddress;
import dev.stride.daemon.control.Router.GatewayView;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.control.Router.RouteView;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Answers the requests of one connection, one after the other. See package-info for the protocol.
final class Requests extends SimpleChannelInboundHandler<String> {
    private static final System.Logger LOG = System.getLogger("api");

    /// Routes a part; each part is one look at the RIB, so that a long listing does not stop the
    /// control thread.
    private static final int PAGE = 1000;

    private final Router router;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("api").factory());

    Requests(Router router) {
        this.router = router;
    }

    /// Nothing more is read until this line and those that came with it are answered.
    @Override
    protected void channelRead0(ChannelHandlerContext context, String line) {
        context.channel().config().setAutoRead(false);
        thread.execute(
                () -> {
                    handle(context, line);
                    context.channel().config().setAutoRead(true);
                });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        thread.shutdown();
    }

    private void handle(ChannelHandlerContext context, String line) {
        JsonNode id = Json.MAPPER.nullNode();
        try {
            JsonNode request = Json.MAPPER.readTree(line);
            id = request.path("id");
            if (request.path("v").asInt() != Json.VERSION) {
                throw new RefusedException("\"v\" must be " + Json.VERSION);
            }
            Object result = answer(context, request);
            send(context, reply(id).put("ok", true).set("result", Json.MAPPER.valueToTree(result)));
        } catch (JsonProcessingException e) {
            fail(context, id, "malformed", "not a JSON text: " + e.getOriginalMessage());
        } catch (RefusedException | IllegalArgumentException e) {
            fail(context, id, "refused", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "internal error; please report it", e);
            fail(context, id, "internal", e.toString());
        }
    }

    private static ObjectNode reply(JsonNode id) {
        ObjectNode reply = Json.MAPPER.createObjectNode();
        reply.put("v", Json.VERSION);
        reply.set("id", id.isMissingNode() ? Json.MAPPER.nullNode() : id);
        return reply;
    }

    private static void fail(
            ChannelHandlerContext context, JsonNode id, String code, String message) {
        ObjectNode reply = reply(id).put("ok", false);
        reply.putObject("error").put("code", code).put("message", message);
        send(context, reply);
    }

    private static void send(ChannelHandlerContext context, JsonNode reply) {
        context.channel().writeAndFlush(reply + "\n").awaitUninterruptibly(); // slow readers wait
    }

    private @Nullable Object answer(ChannelHandlerContext context, JsonNode request) {
        String verb = text(request, "do");
        switch (verb) {
            case "show" -> {
                return show(context, request);
            }
            case "route" -> {
                return router.lookup(Ip4Address.parse(text(request, "address")));
            }
            case "route-add" ->
                    router.addRoute(
                            Ip4Prefix.parse(text(request, "prefix")),
                            gateways(request),
                            request.path("kind").asText());
            case "route-del" -> router.deleteRoute(Ip4Prefix.parse(text(request, "prefix")));
            case "neighbor-add" ->
                    router.addNeighbor(
                            text(request, "port"),
                            Ip4Address.parse(text(request, "address")),
                            MacAddress.parse(text(request, "mac")));
            case "neighbor-del" ->
                    router.deleteNeighbor(
                            text(request, "port"), Ip4Address.parse(text(request, "address")));
            case "neighbor-flush" ->
                    router.flushNeighbors(request.has("port") ? text(request, "port") : null);
            default -> throw new RefusedException("unknown \"do\": " + verb);
        }
        return null;
    }

    private @Nullable Object show(ChannelHandlerContext context, JsonNode request) {
        String what = text(request, "what");
        return switch (what) {
            case "status" -> router.status();
            case "ports" -> router.ports();
            case "neighbors" -> router.neighbors();
            case "routes" -> routes(context, request.path("id"));
            case "fib" -> router.fib();
            case "drops" -> router.drops();
            case "workers" -> router.workers();
            case "hooks" -> router.hooks();
            default -> throw new RefusedException("unknown \"what\": " + what);
        };
    }

    private @Nullable Object routes(ChannelHandlerContext context, JsonNode id) {
        Ip4Prefix from = new Ip4Prefix(0, 0);
        while (true) {
            List<RouteView> page = router.routes(from, PAGE);
            if (page.isEmpty() || !context.channel().isActive()) {
                return null;
            }
            send(context, reply(id).set("part", Json.MAPPER.valueToTree(page)));
            Ip4Prefix last = Ip4Prefix.parse(page.getLast().prefix());
            if (last.length() == 32 && last.bits() == -1) {
                return null;
            }
            from = after(last);
        }
    }

    /// The next prefix in the order of address, then length.
    private static Ip4Prefix after(Ip4Prefix prefix) {
        if (prefix.length() < 32) {
            return new Ip4Prefix(prefix.bits(), prefix.length() + 1);
        }
        int next = prefix.bits() + 1; // and the shortest prefix that begins there
        return new Ip4Prefix(next, 32 - Integer.numberOfTrailingZeros(next));
    }

    private static List<GatewayView> gateways(JsonNode request) {
        List<GatewayView> gateways = new ArrayList<>();
        for (JsonNode via : request.path("via")) {
            gateways.add(
                    new GatewayView(
                            text(via, "address"),
                            via.has("port") ? text(via, "port") : null,
                            via.path("weight").asInt(1)));
        }
        return gateways;
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isTextual()) {
            throw new RefusedException("\"" + key + "\" must be there and a string");
        }
        return value.asText();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // a client that went away, or a line that is too long
    }
}
