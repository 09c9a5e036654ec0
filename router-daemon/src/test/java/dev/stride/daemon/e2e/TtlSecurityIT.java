package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// RFC 5082: what is for the router itself must come from its links.
@SuppressWarnings("NullAway.Init")
class TtlSecurityIT {
    private static Lab lab;

    @BeforeAll
    static void start() {
        lab = Lab.running("ttl-security = 255", "");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static String probe(int ttl, String kind, String target) {
        return lab.host(1)
                .run("nping", kind, "-p", "179", "-c", "1", "--ttl", "" + ttl, target)
                .output();
    }

    @Test
    void onlyNeighborsAreAnswered() {
        assertThat(probe(255, "--udp", "10.1.0.1")).containsPattern("RCVD.*type=3/code=3.*ttl=255");
        assertThat(probe(255, "--tcp", "10.1.0.1")).containsPattern("RCVD.* RA ttl=255");
        assertThat(probe(254, "--udp", "10.1.0.1")).doesNotContain("RCVD");
        assertThat(probe(254, "--tcp", "10.1.0.1")).doesNotContain("RCVD");
        assertThat(lab.host(1).must("ping", "-n", "-c", "1", "-W", "10", "-t", "64", "10.1.0.1"))
                .contains("bytes from 10.1.0.1");
        assertThat(probe(64, "--udp", "10.2.0.2")).containsPattern("RCVD.*type=3/code=3");

        assertThat(lab.stride("show", "drops").output())
                .containsPattern("p1 +ttl_security +policy +2\n");
        lab.assertSumsAgree();
    }
}
