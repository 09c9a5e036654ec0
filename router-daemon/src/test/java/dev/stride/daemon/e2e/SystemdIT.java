package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SystemdIT {
    /// sd_notify(3): readiness is told after the router is ready, its end before it stops.
    @Test
    void serviceManagerIsToldOfReadinessAndEnd() throws IOException {
        try (Lab lab = Lab.of("")) {
            Path socket = lab.file("notify.sock");
            Path told = lab.file("told");
            Process receiver =
                    Run.start(
                            Map.of(),
                            List.of("socat", "-u", "UNIX-RECV:" + socket, "CREATE:" + told));
            try {
                await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(socket));
                lab.start(Map.of("NOTIFY_SOCKET", socket.toString()));
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(
                                () ->
                                        assertThat(Files.readString(told))
                                                .contains("READY=1", "STATUS="));

                assertThat(lab.terminate()).isZero();
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> Files.readString(told).contains("STOPPING=1"));
            } finally {
                receiver.destroy();
            }
        }
    }

    @Test
    void unitIsHardened() {
        assumeTrue(
                Run.run("sh", "-c", "command -v systemd-analyze").exitCode() == 0,
                "needs systemd-analyze");
        Run.Result result =
                Run.run(
                        "systemd-analyze",
                        "security",
                        "--offline=true",
                        "--threshold=25",
                        "--no-pager",
                        "../systemd/stride.service");
        assertThat(result.exitCode()).as(result.output()).isZero();
    }
}
