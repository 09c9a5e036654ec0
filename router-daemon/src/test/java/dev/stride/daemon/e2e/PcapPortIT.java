package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Ports by libpcap, on veths.
class PcapPortIT {
    private static final String DEVICE = "type = pcap";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static boolean reaches(Host from, Host to) {
        return from.run("ping", "-c1", "-W1", to.address()).exitCode() == 0;
    }

    private static void assertReaches(Host from, Host to) {
        await().atMost(PATIENCE).until(() -> reaches(from, to));
    }

    /// libpcap tells nothing of what the kernel left for the device to finish.
    private static void finishAll(Host host) {
        host.must("ethtool", "-K", host.device(), "tx", "off", "tso", "off", "gso", "off");
    }

    @Test
    void forwardsBothWays() throws Exception {
        try (Lab lab = Lab.running(DEVICE, "", DEVICE)) {
            finishAll(lab.host(1));
            finishAll(lab.host(3));
            assertReaches(lab.host(1), lab.host(2));
            assertReaches(lab.host(2), lab.host(1));
            assertReaches(lab.host(1), lab.host(3));
            PacketPortIT.assertArrivesWhole(lab.host(1), lab.host(2), 500_000);
            PacketPortIT.assertArrivesWhole(lab.host(2), lab.host(1), 500_000);
            PacketPortIT.assertArrivesWhole(lab.host(3), lab.host(1), 500_000);
            lab.assertSumsAgree();
        }
    }

    @Test
    void onlyWhatMatchesTheFilterArrives() {
        try (Lab lab = Lab.running(DEVICE + ", filter = \"arp or icmp[icmptype] != 8\"", "")) {
            // Its echo requests do not arrive, its replies do.
            assertReaches(lab.host(2), lab.host(1));
            assertThat(reaches(lab.host(1), lab.host(2))).isFalse();
        }
    }

    /// As the kernel makes them where GRO is on.
    @Test
    void framesBeyondTheMtuAreNamed() {
        try (Lab lab = Lab.of(DEVICE + ", mtu = 1500")) {
            Host host = lab.host(1);
            for (String end : new String[] {host.namespace(), lab.side(host)}) {
                Run.must("ip", "-n", end, "link", "set", host.device(), "mtu", "3000");
            }
            lab.start();
            host.configure();
            String full = "ping -c1 -W5 -s 1472 " + host.gateway();
            await().atMost(PATIENCE).until(() -> host.run(full.split(" ")).exitCode() == 0);
            host.run("ping", "-c1", "-W1", "-s", "2000", host.gateway());
            await().atMost(PATIENCE)
                    .until(() -> lab.show("drops").toString().contains("frame_too_long"));
            assertThat(lab.log()).doesNotContainIgnoringCase("pcap4j");
            lab.assertSumsAgree();
        }
    }

    @Test
    void aFilterThatDoesNotCompileIsAnErrorOfTheConfiguration() {
        try (Lab lab = Lab.of(DEVICE + ", filter = \"tcp prot 80\"")) {
            Run.Result result =
                    Run.run(
                            Lab.LAUNCHER.toString(),
                            "check",
                            "-c",
                            lab.file("stride.conf").toString());
            assertThat(result.exitCode()).isEqualTo(78);
            assertThat(result.output()).contains("p1.filter: \"tcp prot 80\" is no pcap filter: ");
        }
    }

    @Test
    void withoutLibpcapItSaysWhatToInstall() throws Exception {
        try (Lab lab = Lab.of(DEVICE)) {
            Run.Result result =
                    Run.run(
                            Map.of(
                                    "STRIDE_JAVA_OPTIONS",
                                    "-Dorg.pcap4j.core.pcapLibName=/nowhere/libpcap.so"),
                            List.of(
                                    Lab.LAUNCHER.toString(),
                                    "run",
                                    "-c",
                                    lab.file("stride.conf").toString()));
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.output())
                    .contains("port p1: libpcap is missing; install it (`apt install libpcap0.8`");
            assertThat(Files.exists(lab.file("control.sock"))).isFalse();
        }
    }
}
