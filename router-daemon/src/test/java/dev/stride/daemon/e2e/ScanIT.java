package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Host 1 asks for every address of host 3's link, thousands a second: those who are there and
/// those who talk over other links do not notice (RFC 6583).
@SuppressWarnings("NullAway.Init")
class ScanIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int UNRESOLVED = 1024; // the setting's default
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running(port(1, 24), port(2, 24), port(3, 16), port(4, 24));
        for (Host host : lab.hosts()) {
            String device = host.device();
            String link = "2001:db8:" + host.number() + "::";
            host.must("ip", "address", "add", link + "2/64", "dev", device, "nodad");
            host.must("ip", "-6", "route", "add", "default", "via", link + "1");
        }
        lab.host(3).must("ip", "address", "add", "10.3.77.7/16", "dev", lab.host(3).device());
        lab.host(3)
                .must(
                        "ip",
                        "address",
                        "add",
                        "2001:db8:3::77/64",
                        "dev",
                        lab.host(3).device(),
                        "nodad");
    }

    private static String port(int number, int length) {
        return """
            addresses = ["10.%1$d.0.1/%2$d", "2001:db8:%1$d::1/64"]
            """
                .formatted(number, length);
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void scanOfA16DisturbsNobody() {
        assertUndisturbed(
                "timeout 30 nping -q -N --icmp --rate 20000 -c 20 10.3.0.0/16",
                "10.4.0.2",
                "10.3.0.2",
                "10.3.77.7");
    }

    @Test
    void scanOfA64DisturbsNobody() {
        assertUndisturbed(
                "timeout 30 atk6-ndpexhaust6 " + lab.host(1).device() + " 2001:db8:3::/64",
                "2001:db8:4::2",
                "2001:db8:3::2",
                "2001:db8:3::77");
    }

    /// @param far on a link that has nothing to do with it
    /// @param near on the link that is scanned, known
    /// @param newcomer on that link, not known yet
    private static void assertUndisturbed(String scan, String far, String near, String newcomer) {
        Host two = lab.host(2);
        ping(two, far, 1);
        ping(two, near, 1);
        long before = tableFull();
        // Whatever the scan ends with: it is cut short where it takes too long.
        CompletableFuture<String> running = lab.host(1).background(scan + " || true");
        await().atMost(PATIENCE).until(() -> tableFull() > before + 1000);

        long started = tableFull();
        ping(two, far, 60);
        ping(lab.host(4), near, 60);
        await().atMost(PATIENCE)
                .until(() -> two.run("ping", "-n", "-c", "1", "-W", "5", newcomer).exitCode() == 0);
        assertThat(tableFull()).as("scan runs").isGreaterThan(started);
        assertThat(incomplete()).isLessThanOrEqualTo(UNRESOLVED);

        String _ = running.join();
        assertThat(count(near, "reachable", "probe", "stale")).isEqualTo(1);
        lab.assertSumsAgree();
    }

    private static void ping(Host from, String to, int count) {
        String sent = Integer.toString(count);
        assertThat(from.run("ping", "-n", "-c", sent, "-i", "0.05", "-W", "30", to).output())
                .contains(" 0% packet loss");
    }

    /// Packets of the scan that gave way to later ones of it.
    private static long tableFull() {
        long sum = 0;
        for (JsonNode drop : lab.show("drops")) {
            sum +=
                    drop.get("reason").asText().equals("neighbor_table_full")
                            ? drop.get("packets").asLong()
                            : 0;
        }
        return sum;
    }

    private static long incomplete() {
        return count(null, "incomplete");
    }

    /// Neighbors, or one of them, in one of some states.
    private static long count(@Nullable String address, String... states) {
        long count = 0;
        for (JsonNode each : lab.show("neighbors")) {
            boolean wanted = address == null || each.get("address").asText().equals(address);
            count += wanted && List.of(states).contains(each.get("state").asText()) ? 1 : 0;
        }
        return count;
    }
}
