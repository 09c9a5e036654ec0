package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The second leg has a smaller MTU. Every traceroute has `-w 5`: by itself it waits only three
/// times as long for a probe as the hop's first answer took, which a busy machine does not keep to.
@SuppressWarnings("NullAway.Init")
class TraceIT {
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running("", "mtu = 1400");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-U", "-I"})
    void tracerouteShowsTheRouterThenTheHost(String kind) {
        List<String> hops =
                lab.host(1)
                        .must("traceroute", "-n", "-w", "5", kind, "10.2.0.2")
                        .lines()
                        .skip(1)
                        .toList();

        assertThat(hops).hasSize(2);
        assertThat(hops.get(0)).contains(" 10.1.0.1 ").doesNotContain("*");
        assertThat(hops.get(1)).contains(" 10.2.0.2 ").doesNotContain("*");
        lab.assertSumsAgree();
    }

    @Test
    void tracepathFindsTheMtu() {
        assertThat(lab.host(1).must("tracepath", "-n", "10.2.0.2"))
                .contains("10.1.0.1", "pmtu 1400", "Resume: pmtu 1400 hops 2");
    }

    @Test
    void packetThatMustNotBeFragmentedIsToldTheMtu() {
        lab.host(1).run("ip", "route", "flush", "cache");
        assertThat(
                        lab.host(1)
                                .run("ping", "-n", "-c", "1", "-M", "do", "-s", "1400", "10.2.0.2")
                                .output())
                .containsPattern(
                        "From 10.1.0.1 icmp_seq=1 Frag needed and DF set .mtu = 1400.|message too long, mtu=1400");
    }

    @Test
    void unusedUdpPortOfTheRouterIsUnreachable() {
        // With a first TTL of 1 and the router as its target, traceroute ends at "port unreachable"
        // alone.
        assertThat(
                        lab.host(1)
                                .must("traceroute", "-n", "-w", "5", "10.2.0.1")
                                .lines()
                                .skip(1)
                                .toList())
                .singleElement()
                .asString()
                .contains("10.2.0.1");
    }
}
