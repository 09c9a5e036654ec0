package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stride.io.uring.RingProbe;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass(name = "backend = {0}")
@ValueSource(strings = {"uring", "syscall"})
@SuppressWarnings("NullAway.Init")
class PingIT {
    private static Lab lab;

    @Parameter String backend;

    @BeforeParameterizedClassInvocation
    static void start(String backend) {
        String refusal = RingProbe.refusal();
        assumeTrue(!backend.equals("uring") || refusal == null, refusal);
        String settings = "backend = " + backend;
        lab = Lab.running(settings, settings, settings);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    /// Five packets, each for itself: of several, ping waits for the last answer only twice as long
    /// as for the first.
    private static void assertNoLoss(Host from, String to, int size) {
        assertThat(
                        from.shell(
                                "for i in 1 2 3 4 5; do ping -n -c 1 -W 10 -s %d %s > /dev/null || echo lost; done"
                                        .formatted(size, to)))
                .isEmpty();
    }

    @Test
    void threeHostsReachEachOther() {
        assertThat(lab.log()).contains("backend " + backend);
        for (Host from : lab.hosts()) {
            for (Host to : lab.hosts()) {
                if (!from.equals(to)) {
                    assertNoLoss(from, to.address(), 56);
                }
            }
        }
        lab.assertSumsAgree();
    }

    @Test
    void everySizeUpToTheMtuPasses() {
        IntStream sizes =
                IntStream.concat(
                        IntStream.rangeClosed(0, 64),
                        IntStream.of(100, 255, 256, 511, 512, 1000, 1023, 1024, 1400, 1471, 1472));
        String list = String.join(" ", sizes.mapToObj(Integer::toString).toList());
        String lost =
                lab.host(1)
                        .shell(
                                "for s in "
                                        + list
                                        + "; do ping -n -M do -c 1 -W 10 -s $s "
                                        + lab.host(2).address()
                                        + " > /dev/null || echo lost $s; done");
        assertThat(lost).isEmpty();
        lab.assertSumsAgree();
    }

    @Test
    void routerAnswersForItsOwnAddresses() {
        assertNoLoss(lab.host(1), lab.host(1).gateway(), 56);
        assertNoLoss(lab.host(1), lab.host(2).gateway(), 56);
        assertNoLoss(lab.host(1), lab.host(2).gateway(), 1472);
    }

    @Test
    void tcpToTheRouterIsRefusedAtOnce() {
        assertThat(
                        lab.host(1)
                                .run(
                                        "socat",
                                        "-u",
                                        "/dev/null",
                                        "TCP4:" + lab.host(2).gateway() + ":179")
                                .output())
                .contains("Connection refused");
    }

    @Test
    void ttlThatEndsHereIsTold() {
        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "-t", "1", "10.2.0.2").output())
                .contains("From 10.1.0.1 icmp_seq=1 Time to live exceeded");
    }

    @Test
    void missingRouteIsNetUnreachable() {
        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "192.0.2.1").output())
                .contains("From 10.1.0.1 icmp_seq=1 Destination Net Unreachable");
    }

    @Test
    void missingNeighborIsHostUnreachable() {
        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "-W", "10", "10.2.0.77").output())
                .contains("From 10.1.0.1 icmp_seq=1 Destination Host Unreachable");
        lab.assertSumsAgree();
    }

    @Test
    void blackholeSaysNothingAndProhibitSaysSo() {
        assertThat(lab.stride("route", "add", "198.51.100.0/25", "blackhole").exitCode()).isZero();
        assertThat(lab.stride("route", "add", "198.51.100.128/25", "prohibit").exitCode()).isZero();

        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "-W", "1", "198.51.100.1").output())
                .contains("100% packet loss")
                .doesNotContain("From");
        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "198.51.100.200").output())
                .contains("From 10.1.0.1 icmp_seq=1 Packet filtered");
        assertThat(lab.show("drops").toString()).contains("blackhole").contains("prohibited");
    }
}
