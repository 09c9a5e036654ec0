package dev.stride.daemon.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What a hostile remote of a tunnel puts into it, made by scapy: frames from a tunnel pass the
/// same checks as those from any port, each ends for its reason, and nothing stops.
class HostileTunnelIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int NOISE = 2000;

    /// One row a rule: a frame for scapy, and how it ends. `us` is the router's MAC address.
    private static final Map<String, String> ROWS = new LinkedHashMap<>();

    static {
        ROWS.put("e/IP(src=a,dst=b)/UDP()/('x'*20)", "forwarded");
        ROWS.put("e/IP(src=a,dst=b,proto=4)/IP(src='127.0.0.1',dst='0.0.0.0')", "forwarded");
        ROWS.put("e/IP(src=a,dst=us4,proto=4)/IP(src=a,dst=b)/UDP()", "protocol_unreachable");
        ROWS.put("e/IP(src=a,dst=us4)/UDP(dport=4789)/VXLAN(vni=42)/e/IP()", "port_unreachable");
        ROWS.put("e/IP(src=a,dst=b,chksum=1)/UDP()", "ipv4_checksum");
        ROWS.put("e/IP(src=a,dst=b,version=6)/UDP()", "ipv4_version");
        ROWS.put("e/IP(src=a,dst=b,ihl=4)/UDP()", "ipv4_header_length");
        ROWS.put("e/IP(src=a,dst=b,len=19)/UDP()", "ipv4_total_length");
        ROWS.put("e/IP(src=a,dst=b,len=1000)/UDP()", "ipv4_truncated");
        ROWS.put("e/IP(src='127.0.0.1',dst=b)/UDP()", "martian_source");
        ROWS.put("e/IP(src='224.0.0.1',dst=b)/UDP()", "martian_source");
        ROWS.put("e/IP(src='10.1.0.1',dst=b)/UDP()", "martian_source");
        ROWS.put("e/IP(src=a,dst='127.0.0.1')/UDP()", "martian_destination");
        ROWS.put("e/IP(src=a,dst='240.0.0.1')/UDP()", "martian_destination");
        ROWS.put("e/IP(src=a,dst='10.1.0.255')/UDP()", "broadcast");
        ROWS.put("e/IP(src=a,dst=b,ttl=1)/UDP()", "ttl_expired");
        ROWS.put("e/IP(src=a,dst=us4,frag=100,flags='MF')/('x'*7)", "fragment_malformed");
        ROWS.put("Ether(dst='ff:ff:ff:ff:ff:ff',src=m)/IP(src=a,dst=b)/UDP()", "link_broadcast");
        ROWS.put("Ether(dst='02:00:00:00:00:99',src=m)/IP(src=a,dst=b)/UDP()", "not_our_mac");
        ROWS.put("Ether(dst=us,src='03:00:00:00:00:01')/IP(src=a,dst=b)/UDP()", "source_mac");
        ROWS.put("e/Dot1Q(vlan=5)/IP(src=a,dst=b)/UDP()", "ethertype");
        ROWS.put("Raw(raw(e/IP(src=a,dst=b))[:13])", "frame_truncated");
        ROWS.put(
                "Ether(dst=us,src=m,type=0x806)/Raw(raw(ARP(hwsrc=m,psrc=a,pdst=us4))[:20])",
                "arp_malformed");
        ROWS.put("e/IPv6(src=a6,dst='::ffff:10.1.0.2')/UDP()", "martian_destination");
        ROWS.put("e/IPv6(src='::10.1.0.2',dst=us6)/UDP()", "martian_source");
        ROWS.put("e/IPv6(src='fe80::9',dst='2001:db8:1::2')/UDP()", "ipv6_scope");
        ROWS.put("e/IPv6(src=a6,dst=us6,plen=1000)/UDP()", "ipv6_truncated");
        ROWS.put("e/IPv6(src=a6,dst=us6,nh=60)/Raw(b'\\x3a\\xff'+b'x'*30)", "ipv6_extension");
        ROWS.put("e/IPv6(src=a6,dst=us6,hlim=64)/ICMPv6ND_NS(tgt=us6)", "nd_malformed");
    }

    static Map<String, Integer> expected() {
        Map<String, Integer> expected = new LinkedHashMap<>();
        ROWS.values().forEach(reason -> expected.merge(reason, 1, Integer::sum));
        return expected;
    }

    static Arguments[] tunnels() {
        String vxlan =
                "type = vxlan, vni = 42, local = \"%s\", remotes = [\"%s\"]"
                        .formatted(TunnelIT.OUR_END, TunnelIT.THEIR_END);
        String udp =
                "type = ether-udp, local = \"%s:5000\", remote = \"%s:5001\""
                        .formatted(TunnelIT.OUR_END, TunnelIT.THEIR_END);
        return new Arguments[] {
            Arguments.of("vxlan", vxlan, "raw(VXLAN(flags='Instance', vni=42))", 4789, 40000),
            Arguments.of("ether-udp", udp, "b''", 5000, 5001)
        };
    }

    private static String script(String us, String header, int to, int from) {
        StringBuilder frames = new StringBuilder();
        ROWS.keySet().forEach(row -> frames.append("    ").append(row).append(",\n"));
        return """
                import random, socket, time
                from scapy.all import *
                from scapy.layers.vxlan import VXLAN
                us, m = '%s', '02:00:00:00:00:09'
                a, b, us4, a6, us6 = '10.9.0.2', '10.1.0.2', '10.9.0.1', '2001:db8:9::2', '2001:db8:9::1'
                e = Ether(dst=us, src=m)
                frames = [
                %s]
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(('%s', %d))
                def send(data): s.sendto(%s + data, ('%s', %d))
                rows = [raw(f) for f in frames]
                for row in rows: send(row)
                r = random.Random(1)
                for i in range(%d):
                    data = bytearray(r.choice(rows))
                    for j in range(r.randint(1, 6)): data[r.randrange(len(data))] = r.randrange(256)
                    send(bytes(data[:r.choice((len(data), r.randrange(len(data))))]))
                    if i %% 50 == 49: time.sleep(0.05) # a socket's buffer
                """
                .formatted(
                        us, frames, TunnelIT.THEIR_END, from, header, TunnelIT.OUR_END, to, NOISE);
    }

    private static void assertEnded(JsonNode port) {
        assertThat(port.get("receive_packets").asInt()).isGreaterThan(ROWS.size() + NOISE / 2);
        JsonNode endings = port.get("endings");
        expected()
                .forEach(
                        (reason, count) ->
                                assertThat(endings.path(reason).asInt())
                                        .as(reason + " in " + endings)
                                        .isGreaterThanOrEqualTo(count));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tunnels")
    void everyFrameEndsForItsReason(String kind, String settings, String header, int to, int from)
            throws IOException {
        try (Lab lab = TunnelIT.lab(settings)) {
            Path script = lab.file("hostile.py");
            String us = TunnelIT.tunnel(lab).get("mac").asText();
            Files.writeString(script, script(us, header, to, from));
            lab.host(2).must("/usr/bin/python3", script.toString());
            await().atMost(PATIENCE).untilAsserted(() -> assertEnded(TunnelIT.tunnel(lab)));
            lab.assertSumsAgree();
            assertThat(lab.host(1).shell("ping -c3 -i0.2 10.2.0.2")).contains(" 0% packet loss");
        }
    }
}
