package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
class MetricsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running("", "");
        // Without IPv6 nothing speaks but the tests.
        for (Host host : lab.hosts()) {
            host.shell("sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
        }
        lab.host(1).must("ping", "-n", "-q", "-c", "20", "-i", "0.01", "10.2.0.2");
        lab.host(1).run("ping", "-n", "-q", "-c", "3", "-i", "0.01", "-t", "1", "10.2.0.2");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void promtoolFindsNothingWrong() {
        Run.Result result =
                Run.run(
                        "bash",
                        "-c",
                        "curl -sf " + lab.url("/metrics") + " | promtool check metrics");
        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output()).isEmpty();
    }

    /// But for what comes and goes between two looks.
    @Test
    void metricsAndCommandLineShowTheSameNumbers() {
        await().atMost(PATIENCE).untilAsserted(MetricsIT::assertSameNumbers);
        lab.assertSumsAgree();
    }

    private static void assertSameNumbers() {
        String metrics = Run.must("curl", "-sf", lab.url("/metrics"));
        for (JsonNode port : lab.show("ports")) {
            String label = "{port=\"" + port.get("name").asText() + "\"} ";
            for (String what :
                    new String[] {"receive_packets", "transmit_packets", "receive_bytes"}) {
                double value = port.get(what).asDouble();
                assertThat(metrics).contains("stride_port_" + what + "_total" + label + value);
            }
        }
        for (JsonNode drop : lab.show("drops")) {
            assertThat(metrics)
                    .contains(
                            "stride_drops_total{class=\"%s\",port=\"%s\",reason=\"%s\"} %s"
                                    .formatted(
                                            drop.get("class").asText(),
                                            drop.get("port").asText(),
                                            drop.get("reason").asText(),
                                            drop.get("packets").asDouble()));
        }
        assertThat(metrics)
                .contains(
                        "stride_drops_total{class=\"ttl\",port=\"p1\",reason=\"ttl_expired\"} 3.0");
    }

    @Test
    void contentTypeIsWhatTheScraperAccepts() {
        assertThat(Run.must("curl", "-sfi", lab.url("/metrics")))
                .containsIgnoringCase("content-type: text/plain; version=0.0.4; charset=utf-8");
        assertThat(
                        Run.must(
                                "curl",
                                "-sfi",
                                "-H",
                                "Accept: application/openmetrics-text",
                                lab.url("/metrics")))
                .containsIgnoringCase("content-type: application/openmetrics-text; version=1.0.0")
                .endsWith("# EOF");
    }

    @Test
    void healthIsTold() {
        assertThat(Run.must("curl", "-sf", lab.url("/health/live"))).isEqualTo("live");
        assertThat(Run.must("curl", "-sf", lab.url("/health/ready"))).isEqualTo("ready");
        assertThat(Run.run("curl", "-si", lab.url("/nothing")).output()).contains("404");
        assertThat(Run.run("curl", "-si", "-X", "POST", lab.url("/metrics")).output())
                .contains("405");
    }
}
