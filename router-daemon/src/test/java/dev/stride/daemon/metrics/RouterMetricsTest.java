package dev.stride.daemon.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.daemon.control.FakeRouter;
import dev.stride.daemon.control.Router;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouterMetricsTest {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final FakeRouter router = new FakeRouter();

    private List<String> scrape(RouterMetrics metrics) {
        return metrics.scrape(TEXT).lines().filter(line -> !line.startsWith("#")).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stride_port_receive_packets_total{port=\"lan\"} 3.0",
                "stride_port_receive_bytes_total{port=\"lan\"} 294.0",
                "stride_port_receive_missed_total{port=\"lan\"} 4.0",
                "stride_port_transmit_packets_total{port=\"lan\"} 0.0",
                "stride_port_originated_packets_total{port=\"lan\"} 0.0",
                "stride_port_originated_lost_total{port=\"lan\"} 2.0",
                "stride_port_transmit_bytes_total{port=\"lan\"} 0.0",
                "stride_port_transmit_fragments_total{port=\"lan\"} 0.0",
                "stride_port_up{port=\"lan\"} 1.0",
                "stride_port_up{port=\"wan\"} 0.0",
                "stride_drops_total{class=\"no_route\",port=\"lan\",reason=\"no_route\"} 2.0",
                "stride_drops_total{class=\"no_route\",port=\"wan\",reason=\"no_route\"} 0.0",
                "stride_drops_total{class=\"malformed\",port=\"lan\",reason=\"ipv4_checksum\"} 1.0",
                "stride_companion_receive_packets_total{port=\"lan\"} 3.0",
                "stride_companion_up{port=\"lan\"} 1.0",
                "stride_punted_packets_total{class=\"bgp\",port=\"lan\"} 6.0",
                "stride_punt_limited_packets_total{class=\"other\",port=\"lan\"} 2.0",
                "stride_forwarded_packets_total{family=\"ipv4\"} 5.0",
                "stride_fib_routes{family=\"ipv4\",table=\"main\"} 7.0",
                "stride_fib_memory_bytes{family=\"ipv4\",table=\"main\"} 4096.0",
                "stride_fib_updates_total{table=\"main\"} 11.0",
                "stride_fib_update_seconds_count{table=\"main\"} 9",
                "stride_fib_update_seconds_sum{table=\"main\"} 0.25",
                "stride_rib_routes{family=\"ipv4\",source=\"connected\",table=\"main\"} 2.0",
                "stride_neighbors{state=\"reachable\"} 1.0",
                "stride_neighbors{state=\"stale\"} 0.0",
                "stride_addresses{state=\"duplicate\"} 1.0",
                "stride_address_defenses_total 5.0",
                "stride_worker_busy_ratio{worker=\"0\"} 0.125",
                "stride_worker_busy_seconds_total{worker=\"0\"} 1.5"
            })
    void sampleIsThere(String sample) {
        router.lanEndings.put("forwarded", 5L);
        router.lanEndings.put("no_route", 2L);
        router.lanEndings.put("ipv4_checksum", 1L);
        assertThat(scrape(new RouterMetrics(router))).contains(sample);
    }

    @Test
    void buildInfoIsOneAndNamesTheVersion() {
        assertThat(scrape(new RouterMetrics(router)))
                .anyMatch(
                        line -> line.matches("stride_build_info\\{.*version=\"1.2.3\"} 1(\\.0)?"));
    }

    @Test
    void everyScrapeLooksAgain() {
        RouterMetrics metrics = new RouterMetrics(router);
        router.received = 10;
        router.lanEndings.put("blackhole", 4L);
        assertThat(scrape(metrics))
                .contains(
                        "stride_port_receive_packets_total{port=\"lan\"} 10.0",
                        "stride_drops_total{class=\"no_route\",port=\"lan\",reason=\"blackhole\"}"
                                + " 4.0");
    }

    @Test
    void tablesComeAndGo() {
        RouterMetrics metrics = new RouterMetrics(router);
        String red = "stride_fib_routes{family=\"ipv4\",table=\"red\"} 1.0";
        assertThat(scrape(metrics)).doesNotContain(red);
        router.fib.add(new Router.FibView("red", "ipv4", 1, 1, 9, 1, 1, 0.5, 0, "", 0));
        assertThat(scrape(metrics)).contains(red, "stride_fib_updates_total{table=\"red\"} 1.0");
        router.fib.removeLast();
        assertThat(scrape(metrics)).noneMatch(line -> line.contains("table=\"red\""));
    }

    @Test
    void dropThatNeverHappenedHasNoSeries() {
        assertThat(scrape(new RouterMetrics(router)))
                .noneMatch(line -> line.contains("reason=\"blackhole\""));
    }

    @Test
    void packetsThatWereNotDroppedAreNoDrops() {
        router.lanEndings.put("echo_answered", 6L);
        assertThat(scrape(new RouterMetrics(router)))
                .anyMatch(
                        line -> line.startsWith("stride_port_endings_total{") && line.contains("6"))
                .noneMatch(line -> line.startsWith("stride_drops") && line.contains("echo"));
    }
}
