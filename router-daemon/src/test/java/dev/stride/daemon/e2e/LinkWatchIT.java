package dev.stride.daemon.e2e;

import static org.awaitility.Awaitility.await;

import dev.stride.daemon.kernel.LinkWatch;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the kernel tells of devices in another namespace, and in one that follows by its name.
class LinkWatchIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String NAME = "stride-links-" + ProcessHandle.current().pid();

    private final AtomicInteger told = new AtomicInteger();
    private final LinkWatch watch =
            new LinkWatch(() -> Set.of(Optional.of(NAME)), told::incrementAndGet);

    @BeforeEach
    void start() {
        Peers.require();
        Run.must("ip", "netns", "add", NAME);
        Thread.ofPlatform().daemon().start(watch);
    }

    @AfterEach
    void stop() {
        watch.stop();
        Run.must("ip", "netns", "delete", NAME);
    }

    /// What came of making the socket is not what the device's change says.
    private void assertToldOfADevice() {
        await().atMost(PATIENCE).until(() -> told.get() > 0);
        Run.must("ip", "-n", NAME, "link", "add", "one", "type", "veth", "peer", "two");
        for (String state : new String[] {"up", "down"}) {
            int before = told.get();
            Run.must("ip", "-n", NAME, "link", "set", "one", state);
            await().atMost(PATIENCE).until(() -> told.get() > before);
        }
    }

    @Test
    void tellsOfDevicesAndFollowsTheNamespace() {
        assertToldOfADevice();
        Run.must("ip", "netns", "delete", NAME);
        Run.must("ip", "netns", "add", NAME);
        int before = told.get();
        await().atMost(PATIENCE).until(() -> told.get() > before);
        assertToldOfADevice();
    }
}
