package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/// Start, end and what can go wrong with either.
class LifeIT {
    private static void assertReaches(Lab lab) {
        assertThat(lab.host(1).run("ping", "-n", "-c", "1", "-w", "20", "10.2.0.2").output())
                .contains(" 0% packet loss");
    }

    @Test
    void killedRouterComesBackOverItsPersistentTaps() {
        try (Lab lab = Lab.running("persist = true", "persist = true")) {
            assertReaches(lab);
            lab.kill();
            assertThat(Run.must("ip", "-n", lab.host(1).namespace(), "address"))
                    .contains("10.1.0.2/24");
            lab.start();
            assertReaches(lab);
            lab.assertSumsAgree();
        }
    }

    @Test
    void signalEndsItInOrder() {
        try (Lab lab = Lab.running("", "")) {
            assertReaches(lab);
            long start = System.nanoTime();
            assertThat(lab.terminate()).isZero();
            System.out.printf("SIGTERM to exit: %d ms%n", (System.nanoTime() - start) / 1_000_000);
            assertThat(lab.log()).containsSubsequence("stopping", "stopped");
            assertThat(lab.socket()).doesNotExist();
            assertThat(Run.must("ip", "-n", lab.host(1).namespace(), "link"))
                    .doesNotContain(lab.host(1).device());
        }
    }

    @Test
    void workerRunsOnTheCpuThatIsConfigured() {
        try (Lab lab = Lab.of("")) {
            lab.configure("workers = 1, cpus = [0]", "");
            lab.start();
            String pid = lab.show("status").get("pid").asText();
            assertThat(
                            Run.must(
                                    "sh",
                                    "-c",
                                    "for t in /proc/"
                                            + pid
                                            + "/task/*; do if grep -q worker-0 $t/comm; then grep Cpus_allowed_list $t/status; fi; done"))
                    .matches("Cpus_allowed_list:\\s+0");
        }
    }

    @Test
    void clientsSayThatNoDaemonAnswers() {
        try (Lab lab = Lab.of("")) {
            Run.Result result = lab.stride("show", "status");
            assertThat(result.exitCode()).isEqualTo(69);
            assertThat(result.output()).contains("no daemon answers at").contains("stride run -c");
        }
    }

    @Test
    void badConfigurationStartsNothing() throws IOException {
        try (Lab lab = Lab.of("mtu = 1400", "colour = red")) {
            for (String command : new String[] {"check", "run"}) {
                Run.Result result =
                        Run.run(Lab.LAUNCHER.toString(), command, "-c", lab.config().toString());
                assertThat(result.exitCode()).isEqualTo(78);
                assertThat(result.output()).containsPattern("stride.conf:[0-9]+: .*colour");
            }
            assertThat(Run.must("ip", "-n", lab.host(1).namespace(), "link"))
                    .doesNotContain(lab.host(1).device());
            assertThat(Files.exists(lab.socket())).isFalse();
        }
    }

    @Test
    void missingNamespaceIsNamed() {
        try (Lab lab = Lab.of("")) {
            lab.configure("", "host { netns = strideit-not-there }");
            Run.Result result =
                    Run.run(Lab.LAUNCHER.toString(), "run", "-c", lab.config().toString());
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.output())
                    .contains("port p1: there is no network namespace strideit-not-there")
                    .contains("ip netns add");
        }
    }

    @Test
    void deviceThatIsTakenIsNamed() {
        try (Lab lab = Lab.running("")) {
            Run.Result second =
                    Run.run(Lab.LAUNCHER.toString(), "run", "-c", lab.config().toString());
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output())
                    .contains(lab.host(1).device() + " is in use by another process");
        }
    }

    @Test
    void portGoesDownAndUpWithItsDevice() {
        try (Lab lab = Lab.running("", "")) {
            assertReaches(lab);
            String namespace = lab.host(2).namespace();
            Run.must("ip", "-n", namespace, "link", "set", lab.host(2).device(), "down");
            org.awaitility.Awaitility.await()
                    .until(() -> lab.stride("show", "ports").output().contains("down"));
            assertThat(lab.host(1).run("ping", "-n", "-c", "1", "10.2.0.2").output())
                    .contains("Unreachable");

            Run.must("ip", "-n", namespace, "link", "set", lab.host(2).device(), "up");
            lab.host(2).configure();
            org.awaitility.Awaitility.await()
                    .until(() -> !lab.stride("show", "ports").output().contains("down"));
            assertReaches(lab);
            lab.assertSumsAgree();
        }
    }
}
