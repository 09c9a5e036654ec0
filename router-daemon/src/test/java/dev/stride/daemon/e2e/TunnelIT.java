package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Ports in UDP tunnels. The router's end of a tunnel is a socket in the first host's namespace,
/// the other end is in the second host's, and a veth is between them.
class TunnelIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    static final String OUR_END = "198.51.100.1";
    static final String THEIR_END = "198.51.100.2";
    private static final String INSIDE = "10.9.0.2"; // of the host behind the tunnel

    private static void must(String line) {
        Run.must(line.split(" "));
    }

    /// A lab with a port `tun`, 10.9.0.1/24, and a veth for its datagrams.
    static Lab lab(String settings, String... more) {
        String[] hosts = Arrays.copyOf(new String[] {"", ""}, 2 + more.length);
        System.arraycopy(more, 0, hosts, 2, more.length);
        Lab lab = Lab.of(hosts);
        Host near = lab.host(1);
        Host far = lab.host(2);
        must(
                "ip link add u1 netns "
                        + near.namespace()
                        + " type veth peer name u2 netns "
                        + far.namespace());
        must("ip -n " + near.namespace() + " address add " + OUR_END + "/24 dev u1");
        must("ip -n " + far.namespace() + " address add " + THEIR_END + "/24 dev u2");
        must("ip -n " + near.namespace() + " link set u1 up");
        must("ip -n " + far.namespace() + " link set u2 up");
        lab.configure(
                "ports.tun { addresses = [\"10.9.0.1/24\", \"2001:db8:9::1/64\"], netns = %s, %s }"
                        .formatted(near.namespace(), settings),
                hosts);
        if (more.length > 0) {
            connectThird(near, lab.host(3));
        }
        lab.start();
        lab.hosts().forEach(Host::configure);
        return lab;
    }

    /// A veth of its own from the router's end to the third host.
    private static void connectThird(Host near, Host third) {
        String here = near.namespace();
        String there = third.namespace();
        must("ip link add w1 netns " + here + " type veth peer name w2 netns " + there);
        must("ip -n " + here + " address add 198.51.101.1/24 dev w1");
        must("ip -n " + there + " address add 198.51.101.2/24 dev w2");
        must("ip -n " + here + " link set w1 up");
        must("ip -n " + there + " link set w2 up");
        must("ip -n " + there + " route add " + OUR_END + " via 198.51.101.1");
    }

    /// Gives the far end's device its address, and a way back to the first host.
    private static void configure(Host far, String device, String inside) {
        must("ip -n " + far.namespace() + " address add " + inside + "/24 dev " + device);
        must("ip -n " + far.namespace() + " link set " + device + " up");
        must("ip -n " + far.namespace() + " route add 10.1.0.0/24 via 10.9.0.1 dev " + device);
    }

    static JsonNode tunnel(Lab lab) {
        for (JsonNode port : lab.show("ports")) {
            if (port.get("name").asText().equals("tun")) {
                return port;
            }
        }
        throw new AssertionError("no port tun");
    }

    private static void assertReaches(Host from, String to) {
        await().atMost(PATIENCE).until(() -> from.run("ping", "-c1", "-W1", to).exitCode() == 0);
    }

    /// The largest packet goes through whole, and one more byte is answered with the MTU.
    private static void assertMtu(Host from, int mtu) {
        String full = "ping -c1 -W5 -M do -s " + (mtu - 28) + " " + INSIDE;
        assertThat(from.shell(full)).contains(" 0% packet loss");
        String more = "ping -c1 -W5 -M do -s " + (mtu - 27) + " " + INSIDE + " || true";
        assertThat(from.shell(more)).contains("mtu = " + mtu);
    }

    private static void assertStreams(Host from, Host far) {
        CompletableFuture<String> server = far.background("iperf3 -s -1 -p 5203");
        TransferIT.awaitListener(far, 5203);
        from.shell("iperf3 -n 20M -p 5203 -c " + INSIDE);
        assertThat(server).isNotNull();
    }

    @Test
    void ethernetInUdpCarriesWhatSocatSpeaks() {
        String ends = "local = \"" + OUR_END + ":5000\", remote = \"" + THEIR_END + ":5001\"";
        try (Lab lab = lab("type = ether-udp, " + ends)) {
            Host far = lab.host(2);
            CompletableFuture<String> wire =
                    far.background(
                            "socat TUN,tun-type=tap,tun-name=e0,iff-up,iff-no-pi UDP:%s:5000,bind=%s:5001"
                                    .formatted(OUR_END, THEIR_END));
            await().atMost(PATIENCE)
                    .until(() -> far.run("ip", "link", "show", "e0").exitCode() == 0);
            must("ip -n " + far.namespace() + " link set e0 mtu 1458");
            configure(far, "e0", INSIDE);
            assertReaches(lab.host(1), INSIDE);
            assertMtu(lab.host(1), 1458);
            assertStreams(lab.host(1), far);
            assertThat(wire).isNotDone();
            assertThat(tunnel(lab).get("transmit_packets").asLong()).isGreaterThan(1000);
            lab.assertSumsAgree();
        }
    }

    /// The kernel's own VXLAN device at each of two remotes: who has an address is asked at both,
    /// and the frames for a station go to its own alone.
    @Test
    void vxlanTalksToTheKernelsOfTwoRemotes() {
        String network = "vni = 42, local = \"" + OUR_END + "\", ";
        String remotes = "remotes = [\"198.51.101.2\", \"" + THEIR_END + "\"]";
        try (Lab lab = lab("type = vxlan, " + network + remotes, "")) {
            Host far = lab.host(2);
            Host other = lab.host(3);
            addKernelVxlan(far, THEIR_END);
            configure(far, "vx", INSIDE);
            addKernelVxlan(other, "198.51.101.2");
            configure(other, "vx", "10.9.0.3");
            assertReaches(lab.host(1), INSIDE);
            assertReaches(lab.host(1), "10.9.0.3");
            assertMtu(lab.host(1), 1450);
            long before = received(other);
            assertStreams(lab.host(1), far);
            assertThat(received(other) - before).as("frames for another").isLessThan(100);
            lab.assertSumsAgree();
        }
    }

    /// A second network at the same address and UDP port comes and goes by reloads, beside a flood
    /// through the first that loses nothing.
    @Test
    void vxlansShareAnAddressAndPort() throws Exception {
        String network = "vni = 42, local = \"" + OUR_END + "\", ";
        String ends = "remotes = [\"" + THEIR_END + "\"]";
        try (Lab lab = lab("type = vxlan, " + network + ends)) {
            Host near = lab.host(1);
            Host far = lab.host(2);
            addKernelVxlan(far, THEIR_END);
            configure(far, "vx", INSIDE);
            addKernelVxlan(far, "vx2", 43, THEIR_END);
            must("ip -n " + far.namespace() + " address add 10.10.0.2/24 dev vx2");
            must("ip -n " + far.namespace() + " link set vx2 up");
            assertReaches(near, INSIDE);
            String one = Files.readString(lab.config());
            String other =
                    "stride.ports.other { type = vxlan, vni = 43, addresses = [\"10.10.0.1/24\"], "
                            + "netns = %s, local = \"%s\", %s }\n"
                                    .formatted(near.namespace(), OUR_END, ends);
            CompletableFuture<String> flood =
                    near.background("ping -q -f -i 0.001 -c 5000 " + INSIDE);
            for (int round = 0; round < 3; round++) {
                Files.writeString(lab.config(), one + other);
                assertThat(lab.stride("reload").output()).isEqualTo("+ port other");
                assertReaches(far, "10.10.0.1");
                Files.writeString(lab.config(), one);
                assertThat(lab.stride("reload").output()).isEqualTo("- port other");
            }
            assertThat(flood.get(1, TimeUnit.MINUTES)).contains(" 0% packet loss");
            Files.writeString(lab.config(), one.replace("vni = 42", "vni = 43"));
            assertThat(lab.stride("reload").output()).contains("port tun");
            must("ip -n " + far.namespace() + " address del " + INSIDE + "/24 dev vx");
            must("ip -n " + far.namespace() + " address add " + INSIDE + "/24 dev vx2");
            assertReaches(far, "10.9.0.1");
            lab.assertSumsAgree();
        }
    }

    private static long received(Host host) {
        return Long.parseLong(host.must("cat", "/sys/class/net/vx/statistics/rx_packets").strip());
    }

    private static void addKernelVxlan(Host far, String local) {
        addKernelVxlan(far, "vx", 42, local);
    }

    private static void addKernelVxlan(Host far, String device, int vni, String local) {
        String name = far.namespace();
        String network = device + " type vxlan id " + vni + " dstport 4789 local ";
        must("ip -n " + name + " link add " + network + local + " remote " + OUR_END);
        must("ip -n " + name + " link set " + device + " mtu 1450");
        // A veth leaves inner checksums and segments to a card that never comes.
        must("ip netns exec " + name + " ethtool -K " + device + " tx off tso off gso off");
    }

    /// What is not for the tunnel ends with its reason, and what others send does so, too.
    @Test
    void datagramsThatAreNotOfTheVxlanAreNamed() {
        String network = "vni = 42, local = \"" + OUR_END + "\", ";
        try (Lab lab = lab("type = vxlan, " + network + "remotes = [\"" + THEIR_END + "\"]")) {
            Host far = lab.host(2);
            must("ip -n " + far.namespace() + " address add 198.51.100.9/24 dev u2");
            send(far, "08000000", THEIR_END);
            send(far, "0000000000002a00", THEIR_END);
            send(far, "0800000000002b00", THEIR_END);
            send(far, "0800000000002a00", THEIR_END);
            send(far, "0800000000002a00", "198.51.100.9");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                JsonNode endings = tunnel(lab).get("endings");
                                assertThat(endings.path("tunnel_truncated").asInt()).isOne();
                                assertThat(endings.path("vxlan_flags").asInt()).isOne();
                                assertThat(endings.path("vxlan_network").asInt()).isOne();
                                assertThat(endings.path("frame_truncated").asInt()).isOne();
                                assertThat(endings.path("tunnel_sender").asInt()).isOne();
                            });
            lab.assertSumsAgree();
        }
    }

    private static void send(Host from, String hex, String source) {
        String bytes = hex.replaceAll("..", "\\\\x$0");
        from.shell("printf '" + bytes + "' | socat -u - UDP:" + OUR_END + ":4789,bind=" + source);
    }
}
