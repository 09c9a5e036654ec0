package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Two routers with a trunk between them, a veth that tcpdump looks at: a VLAN, a VLAN within a
/// VLAN, and one that only one of them has.
///
/// ```
/// host 10.1.0.2 -- west == trunk == east -- host 10.9.0.2
/// ```
@SuppressWarnings("NullAway.Init")
class VlanIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static Lab west;
    private static Lab east;

    @BeforeAll
    static void start() {
        west = Lab.of("", "type = packet, addresses = []");
        Host trunk = west.host(2);
        west.configure(
                vlans("p2", 1) + "routes = [{ to = \"10.9.0.0/24\", via = \"192.168.100.2\" }]\n",
                "",
                "type = packet, addresses = []");
        east = Lab.of("addresses = [\"10.9.0.1/24\"]");
        east.configure(
                """
                ports.trunk { type = packet, netns = %s, device = %s }
                ports.v300 { type = vlan, parent = trunk, tag = 300, addresses = ["10.30.0.1/24"] }
                """
                                .formatted(trunk.namespace(), trunk.device())
                        + vlans("trunk", 2)
                        + "routes = [{ to = \"10.1.0.0/24\", via = \"192.168.100.1\" }]\n",
                "addresses = [\"10.9.0.1/24\"]");
        west.start();
        east.start();
        west.host(1).configure();
        Host there = east.host(1);
        there.must("ip", "address", "add", "10.9.0.2/24", "dev", there.device());
        there.must("ip", "route", "add", "default", "via", "10.9.0.1");
    }

    private static String vlans(String trunk, int number) {
        return """
               ports.v100 {
                 type = vlan, parent = %1$s, tag = 100
                 addresses = ["192.168.100.%2$d/24", "2001:db8:100::%2$d/64"] }
               ports.s7 { type = vlan, parent = %1$s, tag = 7, protocol = 802.1ad }
               ports.q5 { type = vlan, parent = s7, tag = 5, addresses = ["192.168.5.%2$d/24"] }
               """
                .formatted(trunk, number);
    }

    @AfterAll
    static void stop() {
        try (Lab one = west;
                Lab other = east) {
            assertThat(one).isNotSameAs(other);
        }
    }

    private static void assertReached() {
        assertThat(west.host(1).must("ping", "-n", "-c", "3", "-W", "10", "10.9.0.2"))
                .contains(" 0% packet loss");
    }

    private static String seen(String filter) {
        Host trunk = west.host(2);
        var dump =
                trunk.background(
                        "timeout 60 tcpdump -n -e -c 1 -i %s '%s' 2>%s"
                                .formatted(trunk.device(), filter, west.file("dump")));
        await().atMost(PATIENCE)
                .until(() -> Files.readString(west.file("dump")).contains("listening"));
        assertReached();
        return dump.join();
    }

    @Test
    void hostsReachEachOtherThroughAVlan() {
        assertThat(seen("vlan 100 and icmp")).contains("802.1Q").contains("vlan 100");
        west.assertSumsAgree();
        east.assertSumsAgree();
    }

    @Test
    void superFramesPassAVlan() {
        var received =
                east.host(1)
                        .background(
                                "timeout 60 socat -u TCP4-LISTEN:7000,reuseaddr STDOUT | wc -c");
        west.host(1)
                .shell(
                        "head -c 50000000 /dev/zero"
                                + " | timeout 60 socat -u STDIN TCP4:10.9.0.2:7000,retry=50,interval=0.1");
        assertThat(received.join()).isEqualTo("50000000");
        west.assertSumsAgree();
        east.assertSumsAgree();
    }

    @Test
    void vlanWithinAVlan() {
        assertThat(west.stride("route", "add", "10.9.0.0/25", "via", "192.168.5.2").exitCode())
                .isZero();
        assertThat(seen("vlan 7 and vlan 5")).contains("vlan 7").contains("vlan 5");
        assertThat(west.stride("route", "del", "10.9.0.0/25").exitCode()).isZero();
        west.assertSumsAgree();
    }

    @Test
    void tagThatNoPortHasIsNamed() {
        east.host(1).run("ping", "-n", "-c", "1", "-W", "1", "10.30.0.9");
        await().atMost(PATIENCE)
                .until(() -> west.show("drops").toString().contains("vlan_unknown"));
    }

    @Test
    void vlanGoesWithItsParent() {
        assertThat(west.stride("port", "down", "p2").exitCode()).isZero();
        await().atMost(PATIENCE).until(() -> state("q5").equals("false"));
        assertThat(west.stride("port", "up", "p2").exitCode()).isZero();
        await().atMost(PATIENCE).until(() -> state("q5").equals("true"));
        assertReached();
    }

    private static String state(String name) {
        for (var port : west.show("ports")) {
            if (port.get("name").asText().equals(name)) {
                return port.get("up").asText();
            }
        }
        return "none";
    }

    @Test
    void parentThatIsReopenedKeepsItsVlans() {
        String more =
                vlans("p2", 1) + "routes = [{ to = \"10.9.0.0/24\", via = \"192.168.100.2\" }]\n";
        west.configure(more, "", "type = packet, addresses = [], mtu = 1400");
        Run.Result result = west.stride("reload");
        assertThat(result.exitCode()).as(result.output()).isZero();
        assertReached();
    }
}
