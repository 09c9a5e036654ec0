package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Routes lead back to another router on the first host's link: 10.1.0.9 and fe80::9, which the
/// host's namespace has as well. Redirects are on at the first port alone.
@SuppressWarnings("NullAway.Init")
class RedirectIT {
    private static final String SIX = ", addresses = [\"10.%1$d.0.1/24\", \"2001:db8:%1$d::1/64\"]";
    private static final String[] PORTS = {
        "redirects = true" + SIX.formatted(1), "mtu = 1500" + SIX.formatted(2)
    };

    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.of(PORTS);
        lab.configure(
                """
                routes = [
                  { to = "198.51.100.0/24", via = "10.1.0.9" }
                  { to = "203.0.113.0/24", via = "10.2.0.9" }
                  { to = "2001:db8:9::/48", via = { address = "fe80::9", port = p1 } }
                ]
                """,
                PORTS);
        lab.start();
        lab.hosts().forEach(Host::configure);
        for (Host host : lab.hosts()) {
            String n = "" + host.number();
            add(host, "10." + n + ".0.9/24");
            add(host, "fe80::9/64");
            add(host, "2001:db8:" + n + "::2/64");
            host.must("ip", "-6", "route", "add", "default", "via", "2001:db8:" + n + "::1");
        }
    }

    private static void add(Host host, String address) {
        host.must("ip", "address", "add", address, "dev", host.device(), "nodad");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void hostIsToldOfTheOtherRouter() {
        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "-W", "3", "198.51.100.1").output())
                .containsPattern(
                        "From 10.1.0.1:? icmp_seq=1 Redirect Host\\(New nexthop: 10.1.0.9\\)");
        lab.assertSumsAgree();
    }

    @Test
    void portThatIsNotSetSoTellsNothing() {
        assertThat(lab.host(2).run("ping", "-n", "-c", "1", "-W", "3", "203.0.113.1").output())
                .doesNotContain("Redirect");
    }

    @Test
    void hostIsToldOverIpv6() throws Exception {
        Host host = lab.host(1);
        CompletableFuture<String> seen =
                host.background(
                        "timeout 60 tcpdump -nvi "
                                + host.device()
                                + " -c 1 'icmp6 and ip6[40] == 137' 2>/dev/null");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> host.run("pgrep", "-x", "tcpdump").exitCode() == 0);
        Run.Result _ = host.run("ping", "-n", "-c", "1", "-W", "3", "2001:db8:9::1");

        assertThat(seen.get(1, TimeUnit.MINUTES))
                .contains("hlim 255", "[icmp6 sum ok]", "2001:db8:9::1 to fe80::9")
                .contains("destination link-address option", "redirected header option");
        lab.assertSumsAgree();
    }
}
