package dev.stride.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestsTest {
    private final FakeRouter router = new FakeRouter();
    private final List<String> sent = new ArrayList<>();
    private boolean gone;
    private final Requests requests =
            new Requests(
                    router,
                    (line, part) -> {
                        sent.add(line);
                        return !gone;
                    },
                    "a test",
                    Access.WRITE,
                    new ControlCounters());

    private JsonNode ask(String line) {
        sent.clear();
        requests.handle(line);
        return last();
    }

    private JsonNode last() {
        try {
            return Json.MAPPER.readTree(sent.getLast());
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /// Single quotes stand for double ones.
    private JsonNode askFor(String fields) {
        return ask("{'v':1,'id':7,".replace('\'', '"') + fields.replace('\'', '"') + "}");
    }

    private static String errorOf(JsonNode reply) {
        assertThat(reply.path("ok").asBoolean(true)).isFalse();
        return reply.path("error").path("code").asText();
    }

    @Test
    void answersHaveVersionAndId() {
        JsonNode reply = askFor("'do':'show','what':'status'");
        assertThat(reply.path("v").asInt()).isEqualTo(1);
        assertThat(reply.path("id").asInt()).isEqualTo(7);
        assertThat(reply.path("ok").asBoolean()).isTrue();
        assertThat(reply.path("result").path("uptime_seconds").asInt()).isEqualTo(3725);
    }

    @Test
    void idMayBeAnythingOrMissing() {
        assertThat(ask("{\"v\":1,\"id\":{\"a\":[1]},\"do\":\"show\",\"what\":\"fib\"}").path("id"))
                .hasToString("{\"a\":[1]}");
        assertThat(ask("{\"v\":1,\"do\":\"show\",\"what\":\"fib\"}").path("id").isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "ports",
                "neighbors",
                "tables",
                "fib",
                "drops",
                "workers",
                "hooks"
            })
    void everyTableHasAResult(String what) {
        assertThat(askFor("'do':'show','what':'" + what + "'").path("result").isContainerNode())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "hello",
                "{\"v\":1} {\"v\":1}",
                "{\"v\":1,\"v\":1}",
                "{\"v\":1,\"do\":\"\\x\"}"
            })
    void whatIsNotOneJsonTextIsMalformed(String line) {
        assertThat(errorOf(ask(line))).isEqualTo("malformed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "5",
                "[]",
                "{}",
                "{\"v\":2,\"do\":\"show\",\"what\":\"fib\"}",
                "{\"v\":\"1\",\"do\":\"show\",\"what\":\"fib\"}",
                "{\"v\":1}",
                "{\"v\":1,\"do\":\"dance\"}",
                "{\"v\":1,\"do\":\"show\"}",
                "{\"v\":1,\"do\":\"show\",\"what\":\"time\"}",
                "{\"v\":1,\"do\":\"route\",\"address\":\"10.0.0\"}"
            })
    void whatIsNotInTheProtocolIsRefused(String line) {
        assertThat(errorOf(ask(line))).isEqualTo("refused");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    'via':[{'address':'10.1.0.2'}]                       | "prefix" must be there
                    'prefix':'10.9.0.0/33','kind':'blackhole'            | "prefix":
                    'prefix':'10.9.0.1/16','kind':'blackhole'            | "prefix":
                    'prefix':'10.9.0.0/16','via':[{'address':'10.1'}]    | "address":
                    'prefix':'10.9.0.0/16','via':[{}]                    | "address" must be there
                    'prefix':'10.9.0.0/16','via':[{'address':'10.1.0.2','weight':0}]   | "weight"
                    'prefix':'10.9.0.0/16','via':[{'address':'10.1.0.2','weight':257}] | "weight"
                    'prefix':'10.9.0.0/16','via':[{'address':'10.1.0.2','weight':'2'}] | "weight"
                    'prefix':'10.9.0.0/16','via':[{'address':'10.1.0.2','port':3}]     | "port"
                    'prefix':'10.9.0.0/16','kind':'nowhere'              | no such kind
                    'routes':{}                                          | "routes" must be a list
                    """)
    void refusedRouteNamesItsField(String fields, String message) {
        JsonNode reply = askFor("'do':'route-add'," + fields);
        assertThat(errorOf(reply)).isEqualTo("refused");
        assertThat(reply.path("error").path("message").asText()).startsWith(message);
        assertThat(router.routes).isEmpty();
    }

    @Test
    void routeIsAddedAndWithdrawn() {
        String via =
                "'via':[{'address':'10.1.0.2','port':'lan','weight':3},{'address':'10.1.0.3'}]";
        askFor("'do':'route-add','prefix':'10.9.0.0/16'," + via);
        assertThat(router.routes.values())
                .flatExtracting(Router.NewRoute::via)
                .containsExactly(
                        new Router.GatewayView("10.1.0.2", "lan", 3),
                        new Router.GatewayView("10.1.0.3", null, 1));

        JsonNode found = askFor("'do':'route','address':'10.9.1.1'").path("result");
        assertThat(found.path("prefix").asText()).isEqualTo("10.9.0.0/16");

        assertThat(askFor("'do':'route-del','prefix':'10.9.0.0/16'").path("ok").asBoolean())
                .isTrue();
        assertThat(errorOf(askFor("'do':'route-del','prefix':'10.9.0.0/16'"))).isEqualTo("refused");
    }

    /// What is like the route before is not read again: each differs from it in one thing.
    @Test
    void eachRouteOfAListIsAsItSays() {
        List<String> said =
                List.of(
                        "'via':[{'address':'10.1.0.2'}]",
                        "'via':[{'address':'10.1.0.2'}]",
                        "'via':[{'address':'10.1.0.2','weight':2}]",
                        "'via':[{'address':'10.1.0.2','weight':2}],'via_table':'main'",
                        "'via':[{'address':'10.1.0.2','weight':2}]",
                        "'kind':'blackhole'",
                        "'kind':'blackhole'",
                        "'kind':'blackhole','table':'blue'");
        List<String> listed = new ArrayList<>();
        for (int i = 0; i < said.size(); i++) {
            String prefix = "'prefix':'10." + i + ".0.0/16',";
            askFor("'do':'route-add'," + prefix + said.get(i));
            listed.add("{" + prefix + said.get(i) + "}");
        }
        Map<IpPrefix, Router.NewRoute> oneByOne = Map.copyOf(router.routes);
        router.routes.clear();
        askFor("'do':'route-add','routes':[" + String.join(",", listed) + "]");
        assertThat(router.routes).hasSize(said.size()).isEqualTo(oneByOne);
    }

    @Test
    void listOfRoutesIsOneCall() {
        askFor(
                "'do':'route-add','routes':[{'prefix':'10.9.0.0/16','kind':'blackhole'},"
                        + "{'prefix':'10.8.0.0/16','via':[{'address':'10.1.0.2'}]}]");
        assertThat(router.routes).hasSize(2);
        assertThat(router.calls).containsExactly("add 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'prefix':'10.8.0.0/99'", "'prefix':'10.8.0.0/16','kind':'nowhere'"})
    void refusedListSaysWhichOneAndAddsNone(String second) {
        JsonNode reply =
                askFor(
                        "'do':'route-add','routes':[{'prefix':'10.9.0.0/16','kind':'blackhole'},{"
                                + second
                                + "}]");
        assertThat(errorOf(reply)).isEqualTo("refused");
        assertThat(reply.path("error").path("index").asInt()).isEqualTo(1);
        assertThat(router.routes).isEmpty();
    }

    @Test
    void neighborsChange() {
        String neighbor = "'port':'lan','address':'10.1.0.2'";
        askFor("'do':'neighbor-add','mac':'02:00:00:00:00:02'," + neighbor);
        askFor("'do':'neighbor-del'," + neighbor);
        askFor("'do':'neighbor-flush'");
        askFor("'do':'neighbor-flush','port':'lan'");
        assertThat(router.calls)
                .containsExactly(
                        "neighbor lan 10.1.0.2 02:00:00:00:00:02",
                        "no neighbor lan 10.1.0.2",
                        "flush null",
                        "flush lan");
        assertThat(errorOf(askFor("'do':'neighbor-add','mac':'2'," + neighbor)))
                .isEqualTo("refused");
    }

    @Test
    void manyRoutesComeInPartsAndInOrder() {
        for (int i = 0; i < 2500; i++) {
            addBlackhole(new Ip4Prefix(10 << 24 | i << 8, 24));
        }
        addBlackhole(new Ip4Prefix(-1, 32));
        addBlackhole(Ip6Prefix.parse("::/0"));
        addBlackhole(Ip6Prefix.parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"));
        askFor("'do':'show','what':'routes'");
        List<String> prefixes = new ArrayList<>();
        sent.stream()
                .flatMap(line -> parts(line).stream())
                .forEach(route -> prefixes.add(route.path("prefix").asText()));
        assertThat(prefixes)
                .hasSize(2503)
                .containsExactlyElementsOf(
                        router.routes.keySet().stream().map(p -> p + "").toList());
        assertThat(sent).hasSize(5); // three parts, one of IPv6 and the end
        assertThat(last().path("ok").asBoolean()).isTrue();
    }

    @Test
    void listingEndsWhenTheClientIsGone() {
        for (int i = 0; i < 2500; i++) {
            addBlackhole(new Ip4Prefix(10 << 24 | i << 8, 24));
        }
        gone = true;
        askFor("'do':'show','what':'routes'");
        assertThat(sent).hasSize(2); // one part, and the end that nobody reads
    }

    private void addBlackhole(IpPrefix prefix) {
        router.routes.put(
                prefix, new Router.NewRoute("main", prefix, List.of(), "blackhole", null));
    }

    private static List<JsonNode> parts(String line) {
        List<JsonNode> routes = new ArrayList<>();
        try {
            Json.MAPPER.readTree(line).path("part").forEach(routes::add);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
        return routes;
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 0.0.0.0/1",
        "10.0.0.0/31, 10.0.0.0/32",
        "10.0.0.0/32, 10.0.0.1/32",
        "10.0.0.1/32, 10.0.0.2/31",
        "10.255.255.255/32, 11.0.0.0/8",
        "2001:db8::/127, 2001:db8::/128",
        "2001:db8::/128, 2001:db8::1/128",
        "2001:db8::ffff/128, 2001:db8::1:0/112",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff/128, 2001:db8::/29"
    })
    void nextPrefixLeavesOutNone(String prefix, String next) {
        assertThat(Requests.after(IpPrefix.parse(prefix))).hasToString(next);
    }

    @Test
    void bugIsAnInternalErrorAndTheConnectionGoesOn() {
        Requests broken =
                new Requests(
                        router,
                        (line, part) -> {
                            sent.add(line);
                            return true;
                        },
                        "a test",
                        Access.WRITE,
                        new ControlCounters());
        router.lanEndings.put("no_route", null); // makes the fake throw
        broken.handle("{\"v\":1,\"do\":\"show\",\"what\":\"drops\"}");
        assertThat(errorOf(last())).isEqualTo("internal");
        broken.handle("{\"v\":1,\"do\":\"show\",\"what\":\"fib\"}");
        assertThat(last().path("ok").asBoolean()).isTrue();
    }

    @Test
    void routesChangeAllAtOnceOrNotAtAll() {
        askFor("'do':'route-add','prefix':'10.8.0.0/16','kind':'blackhole'");
        JsonNode wrong =
                askFor(
                        "'do':'route-change','add':[{'prefix':'10.9.0.0/16','kind':'blackhole'},"
                                + "{'prefix':'10.9.0.0/33'}],'del':['10.8.0.0/16']");
        assertThat(errorOf(wrong)).isEqualTo("refused");
        assertThat(wrong.path("error").path("index").asInt()).isOne();
        assertThat(router.routes.keySet()).containsExactly(IpPrefix.parse("10.8.0.0/16"));
        assertThat(errorOf(askFor("'do':'route-change','del':['x']"))).isEqualTo("refused");
        assertThat(errorOf(askFor("'do':'route-change','del':7"))).isEqualTo("refused");
        JsonNode good =
                askFor(
                        "'do':'route-change','add':[{'prefix':'10.9.0.0/16','kind':'blackhole'}],"
                                + "'del':['10.8.0.0/16','10.7.0.0/16']");
        assertThat(good.path("ok").asBoolean()).isTrue();
        assertThat(router.routes.keySet()).containsExactly(IpPrefix.parse("10.9.0.0/16"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'do':'diff','generation':0",
                "'do':'rollback','generation':'2'",
                "'do':'reload','file':7",
                "'do':'reload','keep_live':'yes'",
                "'do':'fpm-sweep','all':1"
            })
    void wrongFieldsOfConfigurationsAreNamed(String fields) {
        assertThat(errorOf(askFor(fields))).isEqualTo("refused");
        assertThat(router.calls).isEmpty();
    }
}
