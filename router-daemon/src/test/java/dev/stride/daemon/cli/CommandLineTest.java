package dev.stride.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.daemon.Main;
import dev.stride.daemon.config.ControlConfig;
import dev.stride.daemon.control.Access;
import dev.stride.daemon.control.ControlCounters;
import dev.stride.daemon.control.ControlServer;
import dev.stride.daemon.control.FakeRouter;
import dev.stride.daemon.control.Json;
import dev.stride.daemon.control.Router;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands as they are typed, against a control socket with a router that forwards nothing.
@Timeout(60)
class CommandLineTest {
    @TempDir Path directory;
    private final FakeRouter router = new FakeRouter();
    private Path socket;
    private ControlServer server;
    private String out = "";
    private String err = "";

    @BeforeEach
    void start() {
        socket = directory.resolve("control.sock");
        server = server(socket);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int stride(String... words) {
        StringWriter stdout = new StringWriter();
        StringWriter stderr = new StringWriter();
        int code =
                Main.execute(new PrintWriter(stdout, true), new PrintWriter(stderr, true), words);
        out = stdout.toString();
        err = stderr.toString();
        return code;
    }

    private ControlServer server(Path at) {
        return ControlServer.start(
                ControlConfig.of(at),
                router,
                (uid, gid, socket) -> Access.WRITE,
                new ControlCounters());
    }

    /// The same with `--socket` behind the words.
    private int ask(String line) {
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        words.addAll(List.of("--socket", socket.toString()));
        return stride(words.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    show status         | up       1h2m
                    show ports          | lan   tap   stride-lan  lan0@frr   up     1500
                    show tables         | main   254  lan, wan            7            0
                    show tables         | red      -                      0            0
                    show neighbors      | lan   10.1.0.3  -                  incomplete  0s
                    show neighbors      | lan   10.1.0.2  02:00:00:00:00:02  reachable   1m1s
                    show fib            | main   ipv4         7        3   4096       11    27777.8        1  worker-0 2
                    show drops          | nothing was dropped
                    show workers        | 0  lan, wan      10      640  12.5%           1.5
                    show hooks          | ipv4-input   a, b
                    show hooks          | ipv4-output  none
                    show route 10.9.9.9 | 10.9.9.9: no route
                    """)
    void tablesForPeople(String command, String line) {
        assertThat(ask(command)).isZero();
        assertThat(out).contains(line);
        assertThat(err).isEmpty();
    }

    @Test
    void dropsHaveAReason() {
        router.lanEndings.put("no_route", 12L);
        ask("show drops");
        assertThat(out)
                .isEqualTo(
                        """
                        PORT  REASON    CLASS     PACKETS
                        lan   no_route  no_route       12
                        lan missed 4 more: they found the kernel's queue full
                        """);
    }

    @Test
    void columnsThatSayNothingAreLeftOut() {
        ask("show ports");
        assertThat(out).contains("  COMPANION  ").doesNotContain("  TABLE  ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "ports",
                "neighbors",
                "tables",
                "routes",
                "route 10.1.1.1",
                "fib",
                "drops",
                "workers",
                "hooks",
                "history"
            })
    void jsonIsOneText(String what) throws IOException {
        router.routes.put(
                new Ip4Prefix(0, 0),
                new Router.NewRoute("main", new Ip4Prefix(0, 0), List.of(), "blackhole", null));
        assertThat(ask("show " + what + " --json")).isZero();
        JsonNode json = Json.MAPPER.readTree(out);
        assertThat(json.isContainerNode()).isTrue();
    }

    @Test
    void jsonOfManyRoutesIsOneList() throws IOException {
        for (int i = 0; i < 2500; i++) {
            Ip4Prefix prefix = new Ip4Prefix(10 << 24 | i << 8, 24);
            router.routes.put(
                    prefix, new Router.NewRoute("main", prefix, List.of(), "blackhole", null));
        }
        ask("show routes --json");
        assertThat(Json.MAPPER.readTree(out)).hasSize(2500);
        ask("show routes");
        assertThat(out.lines()).hasSize(2501);
        router.routes.clear();
        ask("show routes --json");
        assertThat(Json.MAPPER.readTree(out)).isEmpty();
    }

    @Test
    void routesComeAndGo() {
        assertThat(ask("route add 10.9.0.0/16 via 10.1.0.2 port lan weight 2")).isZero();
        assertThat(out).isEmpty();
        ask("show routes");
        assertThat(out).contains("*  10.9.0.0/16  cli     10.1.0.2 on lan weight 2  1/0");
        ask("show route 10.9.1.1");
        assertThat(out).contains("10.9.1.1 is covered by 10.9.0.0/16", "next hop number 5");
        assertThat(ask("route del 10.9.0.0/16")).isZero();
        assertThat(ask("route del 10.9.0.0/16")).isEqualTo(1);
        assertThat(err).isEqualTo("stride: there is no live route to 10.9.0.0/16\n");
    }

    @Test
    void routesAreInTables() {
        assertThat(ask("route add 10.9.0.0/16 via 10.1.0.2 table red via-table blue")).isZero();
        assertThat(ask("route add 10.8.0.0/16 via-table main table red")).isZero();
        ask("show routes");
        assertThat(out).doesNotContain("10.9.0.0/16");
        ask("show routes --table red");
        assertThat(out)
                .contains("*  10.8.0.0/16  cli     table main")
                .contains("*  10.9.0.0/16  cli     10.1.0.2 by table blue");
        ask("show route 10.9.1.1 --table red");
        assertThat(out).contains("10.9.1.1 is covered by 10.9.0.0/16");
        assertThat(ask("route del 10.9.0.0/16")).isEqualTo(1);
        assertThat(ask("route del 10.9.0.0/16 --table red")).isZero();
        assertThat(ask("show fib --table main")).isZero();
        assertThat(ask("show fib --table red")).isEqualTo(1);
        assertThat(err).isEqualTo("stride: no routing table is named red\n");
    }

    @Test
    void neighborsComeAndGo() {
        ask("neighbor add lan 10.1.0.2 02:00:00:00:00:02");
        ask("neighbor del lan 10.1.0.2");
        ask("neighbor flush");
        ask("neighbor flush lan");
        assertThat(router.calls).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    bench forward --family 6  | 2 | stride: only IPv4 is measured here
                    bench churn --changes 0   | 2 | stride: --changes is 1 or more, not 0
                    bench lookup --family 5   | 2 | stride: --family is 4 or 6, not 5
                    bench lookup --table none | 1 | stride: none: there is no such file
                    """)
    void benchSaysWhatItCannotMeasure(String line, int exitCode, String message) {
        assertThat(stride(line.split(" "))).isEqualTo(exitCode);
        assertThat(err).startsWith(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "xyzzy",
                "show",
                "show time",
                "show route",
                "route add 10.0.0.0/8",
                "route add 10.0.0.0/8 10.1.0.2",
                "neighbor add lan 10.1.0.2",
                "check",
                "run"
            })
    void wrongCommandLineIsExplained(String line) {
        assertThat(stride(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
        assertThat(err).contains("Usage: stride");
        assertThat(out).isEmpty();
    }

    @Test
    void configurationsComeAndGo() {
        assertThat(ask("show history")).isZero();
        assertThat(out)
                .contains("*           2  2026-11-25T21:00:00Z  reload of stride.conf")
                .contains("            1  2026-11-25T20:00:00Z  start of the daemon");
        ask("diff");
        assertThat(out).isEqualTo("+ port dmz\n");
        ask("diff --generation 1");
        assertThat(out).isEqualTo("- port dmz\n");
        ask("reload --keep-live");
        ask("reload -c /a --confirm 5");
        ask("rollback");
        ask("rollback 1");
        assertThat(ask("save")).isZero();
        assertThat(out).isEqualTo("+ route 10.9.0.0/16 via 10.1.0.2 (live)\n");
        ask("fpm sweep");
        assertThat(out).isEqualTo("3 stale routes withdrawn\n");
        ask("fpm sweep --all");
        assertThat(router.calls)
                .containsExactly(
                        "diff null",
                        "diff 1",
                        "reload null 0 keep",
                        "reload /a 5",
                        "rollback 0",
                        "rollback 1",
                        "save",
                        "sweep",
                        "sweep all");
    }

    @ParameterizedTest
    @ValueSource(strings = {"show status", "route del 10.0.0.0/8", "neighbor flush"})
    void noDaemonIs69WithTheNextStep(String line) {
        server.close();
        assertThat(ask(line)).isEqualTo(69);
        assertThat(err)
                .isEqualTo(
                        "stride: no daemon answers at "
                                + socket
                                + "; start one with `stride run -c FILE`, or name its socket with"
                                + " --socket PATH\n");
        server = server(socket);
    }

    @Test
    void fileOfRoutesIsLoaded() throws IOException {
        StringBuilder text = new StringBuilder("# many\n\n");
        for (int i = 0; i < 12_345; i++) {
            text.append("10.")
                    .append(i >> 8)
                    .append('.')
                    .append(i & 255)
                    .append(".0/24 10.1.0.2\n");
        }
        text.append("  192.0.2.0/24\tblackhole  # not for us\n");
        Path file = Files.writeString(directory.resolve("routes"), text);
        assertThat(ask("route load " + file)).isZero();
        assertThat(out).startsWith("12346 routes loaded in ");
        assertThat(router.routes).hasSize(12_346);
        assertThat(router.calls).hasSize(13).startsWith("add 1000").endsWith("add 346");
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.0/16, not `PREFIX NEXTHOP`",
        "10.9.0.0/33 10.1.0.2, \"prefix\":",
        "10.9.0.0/16 host-b, \"address\":",
        "10.9.0.0/16 via 10.1.0.2 port, \"port\" is not understood",
        "10.9.0.0/16 10.1.0.é, \"address\":"
    })
    void wrongLineOfAFileIsNamed(String line, String message) throws IOException {
        String good = "10.8.0.0/24 10.1.0.2\n";
        Path file =
                Files.writeString(
                        directory.resolve("r"), good.repeat(2) + "\n" + line + "\n" + good);
        assertThat(ask("route load " + file)).isEqualTo(1);
        assertThat(err).startsWith("stride: " + file + ":4: ").contains(message);
        assertThat(router.routes).isEmpty(); // its batch is all or nothing
    }

    @Test
    void missingFileIsNamed() {
        assertThat(ask("route load /nowhere/routes")).isEqualTo(1);
        assertThat(err).isEqualTo("stride: /nowhere/routes: there is no such file\n");
    }

    @Test
    void checkTellsProblemsAndOpensNothing() throws IOException {
        Path good = Files.writeString(directory.resolve("good"), "stride {}");
        Path bad = Files.writeString(directory.resolve("bad"), "stride {\n  worker = 2\n}");
        int code = stride("check", "-c", bad.toString());
        assertThat(code).isEqualTo(78);
        assertThat(err).contains(bad + ":2: stride.worker: unknown key; did you mean \"workers\"?");
        assertThat(stride("check", "--json", "-c", bad.toString())).isEqualTo(78);
        assertThat(Json.MAPPER.readTree(out)).isNotEmpty();
        assertThat(stride("check", "-c", "/nowhere/conf")).isEqualTo(78);
        assertThat(err).contains("/nowhere/conf");
        assertThat(stride("run", "-c", bad.toString())).isEqualTo(78);
        assertThat(stride("check", "-c", good.toString())).isZero();
        assertThat(out).isEqualTo(good + ": valid\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "run",
                "check",
                "show",
                "show routes",
                "route",
                "route add",
                "route load",
                "neighbor",
                "neighbor flush",
                "completion",
                "save",
                "rollback",
                "fpm sweep",
                "demo"
            })
    void everyCommandHasHelp(String command) {
        String line = (command + " --help").strip();
        assertThat(stride(line.split(" "))).isZero();
        assertThat(out).contains("stride " + command).contains("--help");
        assertThat(err).isEmpty();
    }

    @Test
    void helpTellsExitCodes() {
        stride("--help");
        assertThat(out).contains("69", "no daemon answers", "78");
    }

    @Test
    void completionKnowsTheCommands() {
        assertThat(stride("completion")).isZero();
        assertThat(out).contains("complete -F").contains("neighbors");
    }
}
