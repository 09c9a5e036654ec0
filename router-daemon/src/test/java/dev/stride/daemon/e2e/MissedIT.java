package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What finds the kernel's queue full, since the router is held up, is counted.
class MissedIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FLOOD = 8000; // frames, more than any queue holds
    private static final int OTHERS = 50; // frames at most that the host's kernel adds

    private static long count(JsonNode port, String what) {
        return port.get(what).asLong();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "offload = false", "type = packet", "type = pcap"})
    void framesThatDoNotFitAreCounted(String settings) {
        try (Lab lab = Lab.running(settings)) {
            Host host = lab.host(1);
            await().atMost(PATIENCE)
                    .until(() -> host.run("ping", "-c1", "-W1", host.gateway()).exitCode() == 0);
            JsonNode before = lab.show("ports").get(0);
            assertThat(count(before, "receive_missed")).isZero();

            lab.signal("STOP");
            host.shell(
                    "head -c %d /dev/zero | socat -u -b 100 - UDP:%s:9"
                            .formatted(100 * FLOOD, host.gateway()));
            lab.signal("CONT");

            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                JsonNode port = lab.show("ports").get(0);
                                long received =
                                        count(port, "receive_packets")
                                                - count(before, "receive_packets");
                                long missed = count(port, "receive_missed");
                                assertThat(missed).as(port.toString()).isBetween(1L, FLOOD - 1L);
                                assertThat(received + missed)
                                        .as(port.toString())
                                        .isBetween((long) FLOOD, (long) FLOOD + OTHERS);
                            });
            long missed = count(lab.show("ports").get(0), "receive_missed");
            assertThat(lab.stride("show", "drops").output()).contains("p1 missed " + missed);
            assertThat(Run.must("curl", "-sf", lab.url("/metrics")))
                    .contains("stride_port_receive_missed_total{port=\"p1\"} " + (double) missed);
            lab.assertSumsAgree();
        }
    }
}
