package dev.stride.daemon.control;

import static dev.stride.daemon.control.RequestFields.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.daemon.control.Router.FibView;
import dev.stride.daemon.control.Router.NewRoute;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.control.Router.RouteView;
import dev.stride.daemon.control.Router.SourcesView;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Answers requests of one connection, one after the other. See package-info for the protocol. One
/// thread at a time; it may have to wait for the control thread.
final class Requests {
    private static final System.Logger LOG = System.getLogger("api");

    /// Routes a part; each part is one look at the RIB, so that a long listing does not stop the
    /// control thread.
    private static final int PAGE = 1000;

    /// Where replies go.
    interface Replies {
        /// Takes one line without its end. Waits while the client is slow to read parts.
        ///
        /// @param part whether more follows for the same request
        /// @return false when the client is gone
        boolean send(String line, boolean part);
    }

    private final Router router;
    private final Replies replies;
    private final String client;
    private final Access access;
    private final ControlCounters counters;

    /// @param client who asks, for the log
    /// @param access what it may do
    Requests(
            Router router,
            Replies replies,
            String client,
            Access access,
            ControlCounters counters) {
        this.router = router;
        this.replies = replies;
        this.client = client;
        this.access = access;
        this.counters = counters;
    }

    /// Answers one line with one reply, and with parts before it where the request has them.
    void handle(String line) {
        JsonNode id = Json.MAPPER.nullNode();
        try {
            JsonNode request = Json.MAPPER.readTree(line);
            id = request.path("id");
            if (!request.path("v").isInt() || request.path("v").intValue() != Json.VERSION) {
                throw new RefusedException("\"v\" must be " + Json.VERSION);
            }
            if (access != Access.WRITE && changes(request)) {
                forbid(request, id);
                return;
            }
            Object result = answer(request, id);
            ObjectNode reply = reply(id).put("ok", true);
            reply.set("result", Json.MAPPER.valueToTree(result));
            replies.send(reply.toString(), false);
        } catch (JsonProcessingException e) {
            counters.malformed.incrementAndGet();
            fail(id, error("malformed", "not one JSON text: " + e.getOriginalMessage()));
        } catch (RefusedException e) {
            ObjectNode error = error("refused", String.valueOf(e.getMessage()));
            fail(id, e.index() < 0 ? error : error.put("index", e.index()));
        } catch (RejectedExecutionException e) {
            throw e; // nobody is there to answer
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "internal error; please report it", e);
            fail(id, error("internal", e.toString()));
        }
    }

    /// Whether a request is more than a look. A file that the client names is read with the
    /// daemon's rights, and errors quote it: that is more.
    private static boolean changes(JsonNode request) {
        return switch (text(request, "do")) {
            case "show", "route" -> false;
            case "diff" -> request.has("file");
            default -> true;
        };
    }

    private void forbid(JsonNode request, JsonNode id) {
        counters.forbidden.incrementAndGet();
        String what = text(request, "do").replaceAll("\\p{Cntrl}", " ");
        LOG.log(System.Logger.Level.WARNING, "{0}: may not {1}, but only look", client, what);
        fail(
                id,
                error(
                        "forbidden",
                        client
                                + " may only look; \""
                                + what
                                + "\" is for root and the group of the control socket"));
    }

    /// A reply that belongs to no request.
    static String failure(String code, String message) {
        ObjectNode reply = reply(Json.MAPPER.nullNode()).put("ok", false);
        return reply.set("error", error(code, message)).toString();
    }

    private static ObjectNode reply(JsonNode id) {
        ObjectNode reply = Json.MAPPER.createObjectNode();
        reply.put("v", Json.VERSION);
        reply.set("id", id.isMissingNode() ? Json.MAPPER.nullNode() : id);
        return reply;
    }

    private static ObjectNode error(String code, String message) {
        return Json.MAPPER.createObjectNode().put("code", code).put("message", message);
    }

    private void fail(JsonNode id, ObjectNode error) {
        replies.send(reply(id).put("ok", false).set("error", error).toString(), false);
    }

    private @Nullable Object answer(JsonNode request, JsonNode id) {
        String verb = text(request, "do");
        switch (verb) {
            case "show" -> {
                return show(request, id);
            }
            case "route" -> {
                return router.lookup(RequestFields.table(request), RequestFields.address(request));
            }
            case "route-add" -> addRoutes(RequestFields.routes(request));
            case "route-change" -> {
                List<NewRoute> add = RequestFields.routes(request, "add");
                List<IpPrefix> del = RequestFields.prefixes(request, "del");
                router.changeRoutes(add, RequestFields.table(request), del);
                changed(add.size() + " routes added, " + del.size() + " withdrawn");
            }
            case "route-del" -> {
                IpPrefix prefix = RequestFields.prefix(request);
                String table = RequestFields.table(request);
                router.deleteRoute(table, prefix);
                changed("route " + prefix + " of table " + table + " withdrawn");
            }
            case "neighbor-add", "neighbor-del" -> neighbor(verb, request);
            case "neighbor-flush" -> {
                String port = request.has("port") ? text(request, "port") : null;
                router.flushNeighbors(port);
                changed("neighbors flushed on " + (port == null ? "all ports" : port));
            }
            case "port" -> {
                String port = text(request, "port");
                boolean up = RequestFields.flag(request, "up");
                router.enablePort(port, up);
                changed("port " + port + " switched " + (up ? "on" : "off"));
            }
            case "fpm-sweep" -> {
                boolean all = request.has("all") && RequestFields.flag(request, "all");
                return Map.of("swept", router.sweepFpm(all));
            }
            case "diff" -> {
                return request.has("generation")
                        ? router.diff(RequestFields.generation(request))
                        : router.diff(RequestFields.file(request));
            }
            case "reload" -> {
                boolean keep = request.has("keep_live") && RequestFields.flag(request, "keep_live");
                return router.reload(
                        RequestFields.file(request), request.path("confirm").asInt(0), keep);
            }
            case "save" -> {
                return router.save();
            }
            case "confirm" -> router.confirm();
            case "rollback" -> {
                return router.rollback(
                        request.has("generation") ? RequestFields.generation(request) : 0);
            }
            default -> throw new RefusedException("unknown \"do\": " + verb);
        }
        return null;
    }

    private @Nullable Object show(JsonNode request, JsonNode id) {
        String what = text(request, "what");
        return switch (what) {
            case "status" -> router.status();
            case "ports" -> router.ports();
            case "neighbors" -> router.neighbors();
            case "routes" -> {
                routes(RequestFields.table(request), id);
                yield null;
            }
            case "sources" ->
                    new SourcesView(
                            router.sources(), router.fpm(), router.netlink(), router.audit());
            case "tables" -> router.tables();
            case "fib" -> fib(request);
            case "drops" -> router.drops();
            case "workers" -> router.workers();
            case "hooks" -> router.hooks();
            case "history" -> router.history();
            default -> throw new RefusedException("unknown \"what\": " + what);
        };
    }

    /// Those of one table where one is named.
    private List<FibView> fib(JsonNode request) {
        if (!request.has("table")) {
            return router.fib();
        }
        String table = RequestFields.table(request);
        List<FibView> fib =
                router.fib().stream().filter(each -> each.table().equals(table)).toList();
        if (fib.isEmpty()) {
            throw new RefusedException("no routing table is named " + table);
        }
        return fib;
    }

    private void routes(String table, JsonNode id) {
        if (routes(table, new Ip4Prefix(0, 0), id)) {
            routes(table, new Ip6Prefix(0, 0, 0), id);
        }
    }

    /// All routes of a family from a prefix on; returns whether the client is still there.
    private boolean routes(String table, IpPrefix first, JsonNode id) {
        IpPrefix from = first;
        while (from != null) {
            List<RouteView> page = router.routes(table, from, PAGE);
            if (page.isEmpty()) {
                return true;
            }
            ObjectNode reply = reply(id);
            reply.set("part", Json.MAPPER.valueToTree(page));
            if (!replies.send(reply.toString(), true)) {
                return false;
            }
            from = after(IpPrefix.parse(page.getLast().prefix()));
        }
        return true;
    }

    /// The next prefix in the order of address, then length; null behind the last.
    static @Nullable IpPrefix after(IpPrefix prefix) {
        return switch (prefix) {
            case Ip4Prefix four when four.length() < 32 ->
                    new Ip4Prefix(four.bits(), four.length() + 1);
            case Ip4Prefix four -> {
                int next = four.bits() + 1; // and the shortest prefix that begins there
                int shortest = 32 - Integer.numberOfTrailingZeros(next);
                yield next == 0 ? null : new Ip4Prefix(next, shortest);
            }
            case Ip6Prefix six when six.length() < 128 ->
                    new Ip6Prefix(six.high(), six.low(), six.length() + 1);
            case Ip6Prefix six -> {
                long low = six.low() + 1;
                long high = low == 0 ? six.high() + 1 : six.high();
                int zeros =
                        low == 0
                                ? 64 + Long.numberOfTrailingZeros(high)
                                : Long.numberOfTrailingZeros(low);
                yield low == 0 && high == 0 ? null : new Ip6Prefix(high, low, 128 - zeros);
            }
        };
    }

    private void addRoutes(List<NewRoute> routes) {
        router.addRoutes(routes);
        if (routes.size() == 1) {
            NewRoute route = routes.getFirst();
            changed("route " + route.prefix() + " added to table " + route.table());
        } else { // one of very many when a file is loaded
            LOG.log(System.Logger.Level.DEBUG, "{0}: {1} routes added", client, routes.size());
        }
    }

    private void neighbor(String verb, JsonNode request) {
        String port = text(request, "port");
        IpAddress address = RequestFields.address(request);
        if (verb.equals("neighbor-add")) {
            router.addNeighbor(port, address, RequestFields.mac(request));
            changed("neighbor " + address + " on " + port + " added");
        } else {
            router.deleteNeighbor(port, address);
            changed("neighbor " + address + " on " + port + " forgotten");
        }
    }

    private void changed(String what) {
        LOG.log(System.Logger.Level.INFO, "{0}: {1}", client, what);
    }
}
