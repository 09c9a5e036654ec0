package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The control socket as others than the command line use it.
class ApiIT {
    private static final Path README = Path.of("../README.md");
    private static final String SOCKET = "/run/stride/control.sock";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static void shell(String line) {
        Run.must("bash", "-c", line);
    }

    private static String ask(Lab lab, String as, String request) {
        String line = "echo '" + request + "' | socat -t9 - UNIX:" + lab.socket();
        return Run.run("setpriv", as, "--clear-groups", "--reuid=65534", "bash", "-c", line)
                .output();
    }

    /// What the README shows is what happens.
    @Test
    void examplesOfTheReadmeAreTrue() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(README));
        lines.removeIf(line -> !line.startsWith("    $ ask") && !line.startsWith("    {\"v\":"));
        assertThat(lines.size()).isGreaterThan(8);
        try (Lab lab = Lab.running("", "")) {
            String function = lines.removeFirst().substring(6).replace(SOCKET, lab.socket() + "");
            for (int i = 0; i < lines.size(); i += 2) {
                assertThat(lines.get(i)).startsWith("    $ ask '");
                String said = Run.must("bash", "-c", function + "\n" + lines.get(i).substring(6));
                String expected = lines.get(i + 1).strip();
                if (expected.endsWith(" ...")) {
                    assertThat(said).startsWith(expected.substring(0, expected.length() - 4));
                } else {
                    assertThat(said).isEqualTo(expected);
                }
            }
        }
    }

    /// Groups by number that nobody else has: 65534 (nogroup) reads, 12 (man) changes.
    @Test
    void groupsDecideWhoMayChangeThings() {
        try (Lab lab = Lab.of("", "")) {
            lab.configure("control { group = man, read-only-group = nogroup }", "", "");
            lab.start();
            shell("chmod 711 " + lab.socket().getParent());
            String look = "{\"v\":1,\"do\":\"show\",\"what\":\"status\"}";
            String change =
                    "{\"v\":1,\"do\":\"route-add\",\"prefix\":\"10.9.0.0/16\",\"kind\":\"blackhole\"}";
            assertThat(ask(lab, "--regid=65534", look)).contains("\"ok\":true");
            assertThat(ask(lab, "--regid=65534", change)).contains("forbidden", "may only look");
            assertThat(lab.show("routes").toString()).doesNotContain("10.9.0.0/16");
            String listen = "socat -u UNIX:" + lab.socket() + " -"; // a write may come too late
            assertThat(
                            Run.run(
                                            "setpriv",
                                            "--regid=1",
                                            "--clear-groups",
                                            "--reuid=65534",
                                            "bash",
                                            "-c",
                                            listen)
                                    .output())
                    .contains("forbidden", "none of the groups");
            assertThat(ask(lab, "--regid=12", change)).contains("\"ok\":true");
            assertThat(lab.show("routes").toString()).contains("10.9.0.0/16");
            String line = "echo '" + change + "' | socat -t9 - UNIX:" + lab.socket();
            assertThat( // a supplementary group counts as well
                            Run.run(
                                            "setpriv",
                                            "--regid=1",
                                            "--groups=12",
                                            "--reuid=65534",
                                            "bash",
                                            "-c",
                                            line)
                                    .output())
                    .contains("\"ok\":true");
            assertThat(lab.log())
                    .contains("may not route-add, but only look")
                    .contains("may not use the control socket");
            assertThat(Run.must("curl", "-s", lab.url("/metrics")))
                    .contains("stride_control_faults_total{reason=\"forbidden\"} 2.0");
        }
    }

    /// It asks for all routes and reads none, while packets pass and others are answered.
    @Test
    void clientThatStopsReadingBlocksNobody() throws IOException {
        try (Lab lab = Lab.of("", "")) {
            lab.configure("control.write-timeout = 1s", "", "");
            lab.start();
            lab.hosts().forEach(Host::configure);
            String routes =
                    IntStream.range(0, 30_000)
                            .mapToObj(
                                    i ->
                                            "10.%d.%d.0/24 blackhole"
                                                    .formatted(100 + i / 256, i % 256))
                            .collect(Collectors.joining("\n"));
            Path file = Files.writeString(lab.file("routes"), routes);
            assertThat(lab.stride("route", "load", file.toString()).exitCode()).isZero();
            String request = "{\"v\":1,\"do\":\"show\",\"what\":\"routes\"}";
            String deaf =
                    "(for i in 1 2 3 4 5; do echo '"
                            + request
                            + "'; done; sleep 120) | socat -u - UNIX:"
                            + lab.socket();
            Process client = Run.start(Map.of(), List.of("bash", "-c", deaf));
            try {
                await().atMost(PATIENCE)
                        .until(() -> lab.log().contains("takes no answers; disconnected"));
            } finally {
                client.descendants().forEach(ProcessHandle::destroy);
                client.destroy();
            }
            assertThat(lab.host(1).run("ping", "-c3", "-i0.2", "10.2.0.2").output())
                    .contains(" 0% packet loss");
            assertThat(lab.show("routes").size()).isGreaterThan(30_000);
            assertThat(Run.must("curl", "-s", lab.url("/metrics")))
                    .contains("stride_control_faults_total{reason=\"slow\"} 1.0");
            lab.assertSumsAgree();
        }
    }
}
